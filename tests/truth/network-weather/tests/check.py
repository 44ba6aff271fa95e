import json
import os
import urllib.request
from xml.sax.saxutils import quoteattr


def seen(name):
    with urllib.request.urlopen(f"{os.environ['STAGECTL_URL']}{name}", timeout=50) as answer:
        return json.load(answer)


# Upper bounds hold on the busiest of machines.
CHECKS = {
    "near": lambda it: min(it["others"]) < 0.03,
    "slow": lambda it: it["first"] >= 0.08 and min(it["others"]) >= 0.04 and min(it["others"]) < 0.2,
    # A second's worth, but for what a line sends at once.
    "narrow": lambda it: 0.9 <= it["there"] < 8 and 0.9 <= it["back"] < 8,
    # A packet that is lost is sent again after 200 ms; that none of 40 is lost does not happen.
    "lossy": lambda it: max(it["others"]) >= 0.2,
    "short": lambda it: it["end"] == "reset" and it["bytes"] == 64 << 10,
    "hole": lambda it: it["end"] == "time-out" and it["took"] >= 2.9,
}
found = []
for name, is_right in CHECKS.items():
    it = seen(name)
    print(name, it, flush=True)
    failure = "" if is_right(it) else f"<failure message={quoteattr(json.dumps(it))}/>"
    found.append(f"<testcase name='{name}'>{failure}</testcase>")
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='{len(found)}'>{''.join(found)}</testsuite>")

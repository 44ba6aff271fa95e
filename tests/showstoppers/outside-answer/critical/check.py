"""The ship has its price in dollars, and the bank was asked for its rate once."""

import json
import os
import urllib.request


def get(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read().decode()


try:
    text = get(os.environ["STAGECTL_URL"] + "ship")
    asked = json.loads(get(os.environ["STAGECTL_OUTSIDE"] + "/requests?host=rates.bank.example"))
    is_right = text == "Ship in a bottle: 43.20 USD" and len(asked) == 1
    failure = "" if is_right else '<failure message="the price is wrong"/>'
except OSError as error:
    failure = f'<failure message="the shop answers {error}"/>'
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='1'><testcase name='price'>{failure}</testcase></testsuite>")

"""The search finds the ship in a bottle, and nothing else."""

import os
import urllib.request

try:
    with urllib.request.urlopen(os.environ["STAGECTL_URL"] + "?q=ship+and+bottle", timeout=30) as answer:
        found = answer.read().decode().split("\n")[:-1]
    failure = "" if found == ["ship in a bottle"] else '<failure message="other things were found"/>'
except OSError as error:
    failure = f'<failure message="the search answers {error}"/>'
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='1'><testcase name='search'>{failure}</testcase></testsuite>")

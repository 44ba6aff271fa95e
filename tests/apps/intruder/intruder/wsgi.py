import json
import os

from intruder import probes

DATA = "/srv/intruder/data"


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    if not environ["PATH_INFO"].endswith("/tried"):
        return [b"{}"]
    tried = {"app": probes.everything()}
    for file in sorted(os.listdir(DATA)):
        if file.endswith(".json"):
            with open(os.path.join(DATA, file)) as found:
                tried[file[:-5]] = json.load(found)
    return [json.dumps(tried).encode()]

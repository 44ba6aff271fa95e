"""Answers with what its process has."""

import json
import os


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    seen = {name: os.environ.get(name) for name in ("PATH", "HOME")}
    seen["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "")
    return [json.dumps(seen).encode()]

"""What an app meets on its host: its answer says it."""
import json
import os
import resource
import socket
import subprocess
import threading
import time


def writes(folder):
    try:
        with open(os.path.join(folder, "written-by-the-app"), "w") as file:
            file.write("x")
        return True
    except OSError as error:
        return error.strerror


def fills(folder, mebibytes):
    path = os.path.join(folder, "filled-by-the-app")
    try:
        with open(path, "wb", buffering=0) as file:
            for _ in range(mebibytes):
                file.write(bytes(1 << 20))
        return True
    except OSError as error:
        return error.strerror
    finally:
        if os.path.exists(path):
            os.remove(path)


def runs(folder):
    path = os.path.join(folder, "run-by-the-app")
    with open(path, "w") as file:
        file.write("#!/bin/sh\n")
    os.chmod(path, 0o755)
    try:
        return subprocess.call([path]) == 0
    except OSError as error:
        return error.strerror


def in_a_thread(call):
    found = []
    thread = threading.Thread(target=lambda: found.append(call()))
    thread.start()
    thread.join()
    return found[0]


def binds(family, address):
    try:
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.bind((address, 0))
        return True
    except OSError as error:
        return error.strerror


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    if environ["PATH_INFO"].endswith("/healthz"):
        return [b"{}"]
    facts = {
        "hostname": socket.gethostname(),
        "time": time.time(),
        "time in a thread": in_a_thread(time.time),
        "time in a child": float(subprocess.check_output(["date", "+%s"])),
        "writes": {folder: writes(folder) for folder in json.loads(environ.get("HTTP_X_FOLDERS", "[]"))},
        "fills /tmp": fills("/tmp", 6),
        "fills /dev/shm": fills("/dev/shm", 6),
        "runs in /tmp": runs("/tmp"),
        "open files": resource.getrlimit(resource.RLIMIT_NOFILE),
        "core": resource.getrlimit(resource.RLIMIT_CORE),
        "::1": binds(socket.AF_INET6, "::1"),
        "foreign": sorted(key for key in os.environ if key.startswith(("LD_", "FAKE", "DONT_", "NO_FAKE"))),
    }
    return [json.dumps(facts).encode()]

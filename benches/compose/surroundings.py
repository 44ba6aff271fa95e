"""The machine and the engine of a benchmark, as far as they decide its figures."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Dict


def describe() -> Dict[str, str]:
    shown = subprocess.run(["docker", "info", "--format", "{{json .}}"], stdout=subprocess.PIPE, check=True)
    engine = json.loads(shown.stdout)
    model = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    load = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    return {
        "machine": f"{model.group(1) if model else os.uname().machine}, {os.cpu_count()} cores, "
                   f"{engine['MemTotal'] / 2**30:.1f} GiB, Linux {engine['KernelVersion']}",
        "storage": engine["Driver"],
        "engine": f"Docker {engine['ServerVersion']}, {engine['OperatingSystem']}",
        "load before": load,
    }

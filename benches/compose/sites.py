"""A project of many sites that differ in one variable alone."""

import re
import shutil
from pathlib import Path
from typing import List


def write_sites(folder: Path, home: Path, count: int) -> List[str]:
    """Writes the project, with site-a of the sample under as many names; returns these, in their order."""
    shutil.rmtree(folder / "environments", ignore_errors=True)
    (folder / "environments").mkdir(parents=True)
    defaults = (home / "environments/defaults.yaml").read_text()
    defaults = re.sub(r"^project: .*$", "project: stagectl-bench", defaults, flags=re.MULTILINE)
    (folder / "environments/defaults.yaml").write_text(defaults)
    for path in ("tests/critical", "tests/apps/noticeboard/source"):
        shutil.rmtree(folder / path, ignore_errors=True)
        shutil.copytree(home / path, folder / path, ignore=shutil.ignore_patterns("__pycache__"))
    text = (home / "environments/site-a.yaml").read_text()
    names = [f"site-{number:02}" for number in range(1, count + 1)]
    for number, name in enumerate(names, 1):
        site = re.sub(r"^order: .*$", f"order: {number}", text, flags=re.MULTILINE)
        site = re.sub(r"^env:$", f'env:\n  NOTICEBOARD_SITE_NUMBER: "{number}"', site, flags=re.MULTILINE)
        (folder / f"environments/{name}.yaml").write_text(site)
    return names

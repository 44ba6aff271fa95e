"""Takes away what both sides have built, but their Debian bases."""

import subprocess
from typing import List

from measured import Failed, say

KIND = "dev.stagectl.kind"


def forget_stagectl_images() -> None:
    """Removes every image that stagectl has made on this engine, of all projects, but the bases."""
    left = made()
    say(f"removing {len(left)} images of stagectl; the Debian bases stay")
    # An image goes when those that stand on it are gone.
    while left:
        for image in left:
            subprocess.run(["docker", "image", "rm", "--force", image], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        before, left = left, made()
        if len(left) == len(before):
            raise Failed(f"{len(left)} images of stagectl are in use, so nothing is cold: `stagectl down`, `stagectl gc`")


def made() -> List[str]:
    """The ids of stagectl's images but the bases."""
    def ids(*filters: str) -> List[str]:
        options = [word for one in filters for word in ("--filter", one)]
        found = subprocess.run(["docker", "images", "--all", "--quiet", "--no-trunc", *options],
                               stdout=subprocess.PIPE, text=True, check=True)
        return found.stdout.split()
    bases = ids(f"label={KIND}=base")
    return [image for image in dict.fromkeys(ids(f"label={KIND}")) if image not in bases]

"""Lays out the documents as mdBook wants them, and checks the site that it makes of them.

    python3 packaging/site.py lay-out FOLDER [--repository URL]
    python3 packaging/site.py check FOLDER

The pages are those of docs/SUMMARY.md, at the same paths as in the repository, pictures beside them. A link to
anything else of the repository (a source, a folder) leads to the repository at URL; without one its text stays, and
it is no link. `check` fails where a link or a picture of a page leads nowhere. Used by `make site`.
"""

from __future__ import annotations

import argparse
import posixpath
import re
import shutil
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
SUMMARY = "docs/SUMMARY.md"
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
FENCE = re.compile(r"^\s*(```|~~~)")


def pages() -> list[str]:
    """The pages of the site, by their paths from the root, in the order of the summary."""
    targets = LINK.findall((ROOT / SUMMARY).read_text())
    return [posixpath.normpath(posixpath.join("docs", target)) for _, _, target in targets]


def laid(path: str) -> str:
    """Where a page lies in the site: mdBook leads no link to a README.md, as it makes an index of it."""
    return re.sub(r"(^|/)README\.md", r"\1index.md", path)


def rewritten(text: str, page: str, known: set[str], repository: str | None) -> str:
    """The text of a page with its links to what is no page of the site led elsewhere."""

    def replace(found: re.Match[str]) -> str:
        sign, words, target = found.groups()
        path, _, _ = target.partition("#")
        if sign or not path or "://" in target or target.startswith("mailto:"):
            return found.group()
        place = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
        if place in known:
            return f"[{words}]({laid(target)})"
        if repository is None:
            return str(words)
        kind = "tree" if (ROOT / place).is_dir() else "blob"
        return f"[{words}]({repository}/{kind}/main/{place})"

    lines, inside = [], False
    for line in text.splitlines():
        if FENCE.match(line):
            inside = not inside
        lines.append(line if inside else LINK.sub(replace, line))
    return "\n".join(lines) + "\n"


def lay_out(folder: Path, repository: str | None) -> None:
    """Writes the pages, the pictures and the summary into a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    known = set(pages())
    for page in pages():
        target = folder / laid(page)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(rewritten((ROOT / page).read_text(), page, known, repository))
    shutil.copytree(ROOT / "docs/images", folder / "docs/images")

    def from_root(found: re.Match[str]) -> str:
        return f"[{found[2]}]({laid(posixpath.normpath(posixpath.join('docs', found[3])))})"

    summary = LINK.sub(from_root, (ROOT / SUMMARY).read_text())
    (folder / "SUMMARY.md").write_text(summary)


class Page(HTMLParser):
    """What a page links to, and the places in it that others can link to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif name in ("href", "src") and value and tag in ("a", "img"):
                self.links.append(value)


def check(folder: Path) -> list[str]:
    """Where links of the site lead nowhere."""
    found = {path: Page(path.read_text()) for path in sorted(folder.rglob("*.html"))}
    # mdBook's own: the page of all pages for the printer, and what it shows where there is no page.
    own = {"print.html", "404.html", "toc.html"}
    wrong = []
    for path, page in found.items():
        if path.name in own:
            continue
        for link in page.links:
            if "://" in link or link.startswith(("mailto:", "javascript:")):
                continue
            file, _, anchor = link.partition("#")
            target = (path.parent / unquote(file)).resolve() if file else path
            if not target.is_file():
                wrong.append(f"{path.relative_to(folder)}: {link}: no such page")
            elif anchor and target in found and unquote(anchor) not in found[target].ids:
                wrong.append(f"{path.relative_to(folder)}: {link}: no such heading")
    return wrong


def main() -> int:
    """Does what the first argument says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    laying = commands.add_parser("lay-out")
    laying.add_argument("folder", type=Path)
    laying.add_argument("--repository", help="such as https://github.com/OWNER/NAME")
    commands.add_parser("check").add_argument("folder", type=Path)
    arguments = parser.parse_args()
    if arguments.command == "lay-out":
        lay_out(arguments.folder, arguments.repository or None)
        return 0
    wrong = check(arguments.folder.resolve())
    for line in wrong:
        print(f"site: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""Fetch the browser assets from their npm packages and compare them with the recorded digests.

``python tools/vendor.py`` changes nothing and fails when a file differs from what the README in the
vendor folder records; ``--update`` writes the files and the README anew. The packages come through
the ordinary ``npm pack`` client, whatever registry it is set up for.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "market/web/static/vendor"
LUCIDE = ("lucide-static", "1.62.0", "ISC")
ICONS = """
a-large-small arrow-down arrow-left arrow-right arrow-up badge-check banknote bell book-open
building-2 calculator calendar calendar-check camera check chevron-down chevron-left chevron-right
chevron-up circle-alert circle-check circle-dashed circle-question-mark circle-x clipboard-check
clipboard-list clock clock-alert coins compass copy dices download drafting-compass droplets
external-link eye file-check file-clock file-text file-x files filter flag flame-kindling gavel
git-compare hand-coins hash history house inbox info key-round landmark layers leaf link list lock
log-out mail map map-pin menu message-square microscope minus moon octagon-alert package paperclip
pause pencil phone play plus printer qr-code radio receipt refresh-cw ruler scale scan-search search
send settings shield shield-check shield-alert shield-question-mark shield-x shopping-cart
sliders-horizontal square-check-big stamp star store sun sun-moon table timer trash-2 trending-up
triangle-alert trophy truck undo-2 upload user user-check users wallet waves wrench x zap
"""
RECORD = re.compile(r"^\| `(?P<path>[^`]+)` \| `(?P<digest>[0-9a-f]{64})` \|", re.MULTILINE)


def main() -> int:
    """Compare, or update when asked; the exit code says whether all is as recorded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", action="store_true", help="write files and digests anew")
    update = parser.parse_args().update
    with tempfile.TemporaryDirectory() as scratch:
        fresh = collect(Path(scratch))
    return write(fresh) if update else compare(fresh)


def collect(scratch: Path) -> dict[str, bytes]:
    """Fetch the packages; give the chosen files by their path below the vendor folder."""
    name, version, _licence = LUCIDE
    package = fetch(name, version, scratch)
    folder = f"{name}-{version}"
    return {
        f"{folder}/LICENSE": (package / "LICENSE").read_bytes(),
        f"{folder}/sprite.svg": sprite(package / "icons").encode(),
    }


def fetch(name: str, version: str, scratch: Path) -> Path:
    """Unpack one exact version of an npm package; give the folder of its contents."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is needed to fetch the browser assets")
    done = subprocess.run(
        [npm, "pack", "--json", "--ignore-scripts", f"{name}@{version}"],
        cwd=scratch,
        check=True,
        capture_output=True,
        text=True,
    )
    described = json.loads(done.stdout)
    entry = described[0] if isinstance(described, list) else next(iter(described.values()))
    target = scratch / name
    with tarfile.open(scratch / Path(entry["filename"]).name) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def sprite(icons: Path) -> str:
    """Join the chosen icons into one file of symbols; the same icons give the same bytes."""
    symbols = [
        symbol(name, (icons / f"{name}.svg").read_text("utf-8")) for name in sorted(ICONS.split())
    ]
    body = "\n".join(symbols)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{body}\n</svg>\n'


def symbol(name: str, source: str) -> str:
    """Turn one icon file into a symbol that takes colour and width from the page."""
    inner = source[source.index(">", source.index("<svg")) + 1 : source.rindex("</svg>")]
    drawn = "".join(line.strip() for line in inner.splitlines())
    return (
        f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        f'stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{drawn}</symbol>'
    )


def write(fresh: dict[str, bytes]) -> int:
    """Write files and README; remove what an older version left."""
    for old in VENDOR.iterdir() if VENDOR.exists() else ():
        if old.is_dir():
            shutil.rmtree(old)
    for path, content in fresh.items():
        target = VENDOR / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        print(f"wrote {path}")
    (VENDOR / "README.md").write_text(readme(fresh), "utf-8")
    return 0


def compare(fresh: dict[str, bytes]) -> int:
    """Report each file whose recorded, stored and fetched digests are not one and the same."""
    recorded = dict(RECORD.findall((VENDOR / "README.md").read_text("utf-8")))
    bad = sorted(set(recorded) ^ set(fresh))
    for path in sorted(set(recorded) & set(fresh)):
        stored = VENDOR / path
        seen = {recorded[path], digest(fresh[path])}
        seen.add(digest(stored.read_bytes()) if stored.exists() else "absent")
        if len(seen) > 1:
            bad.append(path)
    for path in bad:
        print(f"DIFFERS {path}")
    print("vendored files differ" if bad else f"{len(fresh)} vendored files are as recorded")
    return 1 if bad else 0


def readme(fresh: dict[str, bytes]) -> str:
    """Write the record of versions, licences and digests."""
    name, version, licence = LUCIDE
    rows = [f"| `{path}` | `{digest(content)}` |" for path, content in sorted(fresh.items())]
    return "\n".join(
        [
            "# Vendored browser assets",
            "",
            "Files of npm packages that the pages load; nothing here is edited by hand.",
            "`make vendor` fetches them again and compares; `--update` rewrites this folder.",
            "",
            "| package | version | licence | used for |",
            "|---|---|---|---|",
            f"| {name} | {version} | {licence} | icons, joined into one file of symbols |",
            "",
            "| file | SHA-256 |",
            "|---|---|",
            *rows,
            "",
        ]
    )


def digest(content: bytes) -> str:
    """Give the SHA-256 of a file as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    sys.exit(main())

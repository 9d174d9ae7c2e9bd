"""The files inside a bundle that are not records, lists or C2SP formats.

Source: SPEC.md sections 12.2 to 12.6.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from lottery.encoding import VERSION, canonical, decimal, parse_canonical, parse_decimal, sha256
from lottery.errors import BundleError, LotteryError
from lottery.log.note import decode64, encode64
from lottery.merkle import HASH_BYTES
from lottery.override import override
from lottery.records import Part
from lottery.records.shapes import DrawId, Int, ListOf, Text
from lottery.selection import Ranked

MANIFEST = "manifest.json"
MANIFEST_LIMIT = 100_000
BEACON_LIMIT = 100_000
RANKING_HEADER = "lot,rank,id,name,key,copy\n"
_QUOTED = frozenset('",')


def write_manifest(draw_id: str, files: Mapping[str, bytes]) -> bytes:
    """Return the manifest: SHA-256 of every other file."""
    hashes = {name: sha256(data).hex() for name, data in files.items() if name != MANIFEST}
    return canonical({"draw_id": draw_id, "files": {**hashes}, "type": "bundle", "v": VERSION})


def read_manifest(data: bytes) -> tuple[str, dict[str, str]]:
    """Return draw id and hashes (hex) by file name.

    Raises:
        LotteryError: not canonical or of another form.
    """
    value = parse_canonical(data, limit=MANIFEST_LIMIT)
    if not isinstance(value, dict) or value.keys() != {"draw_id", "files", "type", "v"}:
        raise BundleError("manifest has other fields")
    if (value["type"], value["v"]) != ("bundle", VERSION):
        raise BundleError("manifest is of another type or version")
    files, draw_id = value["files"], DrawId().parse(value["draw_id"])
    if not isinstance(files, dict):
        raise BundleError("manifest has no list of files")
    return draw_id, {name: Text(r"[0-9a-f]{64}").parse(item) for name, item in files.items()}


@dataclass(frozen=True, kw_only=True)
class BeaconFile(Part):
    """``beacon.json``: the drand round that was used, and lottery lines in seed order."""

    round: Annotated[int, Int()] = 0
    signature: Annotated[str, Text(r"(?:[0-9a-f]{96})?", low=0, high=96)] = ""
    lottery: Annotated[tuple[str, ...], ListOf(Text(), high=16)] = ()

    @override
    def _require_rules(self) -> None:
        if bool(self.round) != bool(self.signature):
            raise BundleError("round and signature go together")

    def to_bytes(self) -> bytes:
        """Return the file."""
        return canonical(self.to_json())


def read_beacon_file(data: bytes) -> BeaconFile:
    """Read ``beacon.json``.

    Raises:
        LotteryError: not canonical or of another form.
    """
    return BeaconFile.from_json(parse_canonical(data, limit=BEACON_LIMIT))


@dataclass(frozen=True)
class ProvedEntry:
    """One log entry with its audit path to the bundle's ``checkpoint``."""

    index: int
    entry: bytes
    path: tuple[bytes, ...]


def write_entries(entries: Sequence[ProvedEntry]) -> bytes:
    """Return ``entries.txt``: index, entry, path in base64 separated by spaces; tabs between."""
    rows = [
        decimal(item.index).encode()
        + b"\t"
        + item.entry
        + b"\t"
        + " ".join(encode64(value) for value in item.path).encode()
        + b"\n"
        for item in sorted(entries, key=lambda item: item.index)
    ]
    return b"".join(rows)


def read_entries(data: bytes) -> list[ProvedEntry]:
    """Read ``entries.txt`` without checking the paths.

    Raises:
        BundleError: naming the line; also when the indices are not strictly ascending.
    """
    if data and not data.endswith(b"\n"):
        raise BundleError("last line has no LF")
    found: list[ProvedEntry] = []
    for number, row in enumerate(data.split(b"\n")[:-1], start=1):
        try:
            found.append(_entry(row))
        except (LotteryError, UnicodeDecodeError) as error:
            raise BundleError(f"line {number}: malformed") from error
        if len(found) > 1 and found[-2].index >= found[-1].index:
            raise BundleError(f"line {number}: indices are not ascending")
    return found


def _entry(row: bytes) -> ProvedEntry:
    parts = row.split(b"\t")
    if len(parts) != 3:
        raise BundleError("not three fields")
    path = tuple(decode64(item) for item in parts[2].decode("ascii").split(" ") if item)
    if any(len(item) != HASH_BYTES for item in path):
        raise BundleError("a hash is not 32 bytes long")
    if b" ".join(encode64(item).encode() for item in path) != parts[2]:
        raise BundleError("path is not in its normal form")
    return ProvedEntry(parse_decimal(parts[0].decode("ascii")), parts[1], path)


@dataclass(frozen=True)
class Step:
    """Proof that the tree of ``old`` entries is a prefix of that of ``new``."""

    old: int
    new: int
    path: tuple[bytes, ...]


def write_consistency(steps: Sequence[Step]) -> bytes:
    """Return ``consistency.txt``: a line ``consistency <old> <new>``, hashes, an empty line."""
    rows: list[str] = []
    for step in steps:
        rows.append(f"consistency {decimal(step.old)} {decimal(step.new)}")
        rows += [encode64(item) for item in step.path]
        rows.append("")
    return "".join(row + "\n" for row in rows).encode()


def read_consistency(data: bytes) -> list[Step]:
    """Read ``consistency.txt`` without checking the proofs.

    Raises:
        LotteryError: malformed.
    """
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError as error:
        raise BundleError("not ASCII") from error
    if text and not text.endswith("\n\n"):
        raise BundleError("last proof is not ended by an empty line")
    return [_step(block.split("\n")) for block in text.split("\n\n")[:-1]]


def _step(rows: list[str]) -> Step:
    words = rows[0].split(" ")
    if len(words) != 3 or words[0] != "consistency":
        raise BundleError("proof does not begin with its sizes")
    path = tuple(decode64(row) for row in rows[1:])
    return Step(parse_decimal(words[1]), parse_decimal(words[2]), path)


def write_ranking(rankings: Mapping[int, Sequence[Ranked]], names: Mapping[str, str]) -> bytes:
    """Return ``ranking.csv``: lots ascending, then ranks; LF lines, quotes where needed."""
    rows = [RANKING_HEADER]
    for lot in sorted(rankings):
        rows += [
            f"{lot},{item.rank},{item.id},{_csv(names[item.id])},{item.key},{item.copy}\n"
            for item in rankings[lot]
        ]
    return "".join(rows).encode()


def _csv(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED & set(text) else text


def write_log(entries: Sequence[bytes]) -> bytes:
    """Return ``log.txt``: every entry of the log, one per line, in order."""
    return b"".join(entry + b"\n" for entry in entries)


def read_log(data: bytes) -> list[bytes]:
    """Read ``log.txt``.

    Raises:
        BundleError: the last line has no LF.
    """
    if data and not data.endswith(b"\n"):
        raise BundleError("last line has no LF")
    return data.split(b"\n")[:-1]

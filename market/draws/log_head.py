"""The newest checkpoint for the foot of every page: one stat of a file, read again on change."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from lottery.errors import LotteryError
from lottery.log.checkpoint import parse_checkpoint
from lottery.log.note import parse_note
from market.draws.log_files import FOLDER

SHORT_DIGITS = 16


@dataclass(frozen=True, slots=True)
class LogHead:
    """How long the log is, what its tree's root is, and since when."""

    size: int
    root: str  # hex, 64 digits
    at: datetime  # when the checkpoint was written

    @property
    def short_hash(self) -> str:
        """The first digits of the root, enough to compare two screens."""
        return self.root[:SHORT_DIGITS]


def find_log_head(data: Path) -> LogHead | None:
    """Read the checkpoint below the data folder; None while nothing is published."""
    path = data / FOLDER / "checkpoint"
    try:
        found = path.stat()
    except OSError:
        return None
    return _read(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=8)
def _read(path: Path, mtime_ns: int, _size: int) -> LogHead | None:
    try:
        checkpoint = parse_checkpoint(parse_note(path.read_bytes()).text)
    except (OSError, LotteryError):
        return None
    at = datetime.fromtimestamp(mtime_ns // 1_000_000_000, tz=UTC)
    return LogHead(checkpoint.size, checkpoint.root.hex(), at)

"""Where tiles lie: the interface, a folder on disk, and a dictionary.

Source: SPEC.md section 9.5.
"""

import fcntl
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from lottery.errors import LogError, MissingTileError

CHECKPOINT_PATH = "checkpoint"
_PATH = re.compile(
    r"checkpoint|tile/(?:entries|[0-6])/(?:x[0-9]{3}/)*[0-9]{3}(?:\.p/[1-9][0-9]{0,2})?"
)


class TileStore(Protocol):
    """Keeps files of a log under the paths of tlog-tiles."""

    def read(self, path: str) -> bytes:
        """Return a file.

        Raises:
            MissingTileError: there is none.
        """
        ...

    def write(self, path: str, data: bytes) -> None:
        """Put a file in place of an old one, as a whole and durably once this returns."""
        ...

    def exclusive(self) -> AbstractContextManager[None]:
        """Keep every other writer out, in this process and in others."""
        ...


def require_path(path: str) -> str:
    """Return a path that a log may have.

    Raises:
        LogError: any other path.
    """
    if not _PATH.fullmatch(path):
        raise LogError("not a path of a log")
    return path


class DiskStore:
    """Files in a folder, which a web server may serve as they are."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def read(self, path: str) -> bytes:
        """Return a file (see ``TileStore``)."""
        try:
            return (self._folder / require_path(path)).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise MissingTileError(f"{path} is not in the store") from error

    def write(self, path: str, data: bytes) -> None:
        """Write beside, flush to disk, rename, flush the folder (see ``TileStore``)."""
        target = self._folder / require_path(path)
        self._make_folder(target.parent)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fchmod(file.fileno(), 0o644)
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _flush_folder(target.parent)

    def _make_folder(self, folder: Path) -> None:
        missing = []
        while not folder.is_dir():
            missing.append(folder)
            folder = folder.parent
        for item in reversed(missing):
            item.mkdir(exist_ok=True)
            _flush_folder(item.parent)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold a lock on the file ``.lock`` of the folder (see ``TileStore``)."""
        with (self._folder / ".lock").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class MemoryStore:
    """Files in a dictionary: rehearsals and tests; nothing is durable."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._lock = threading.RLock()

    def read(self, path: str) -> bytes:
        """Return a file (see ``TileStore``)."""
        try:
            return self.files[require_path(path)]
        except KeyError as error:
            raise MissingTileError(f"{path} is not in the store") from error

    def write(self, path: str, data: bytes) -> None:
        """Keep a file (see ``TileStore``)."""
        self.files[require_path(path)] = data

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold a lock of this process (see ``TileStore``)."""
        with self._lock:
            yield

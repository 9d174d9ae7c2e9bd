"""The log's folder: its key, its writer, and what readers get from it."""

import os
import secrets
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lottery.errors import LogError, MissingTileError
from lottery.log.note import NoteSigner
from lottery.log.proof import TlogProof
from lottery.log.store import CHECKPOINT_PATH, DiskStore
from lottery.log.tree import TileReader
from lottery.log.writer import LogWriter
from market.act import Actor, Role
from market.draws import log
from market.draws.log_models import LogCheckpoint, LogEntry
from market.draws.models import Enrolment
from market.draws.states import NotYetLoggedError
from market.errors import NotFoundError

SEED_BYTES = 32
KEY_MODE = 0o600
FOLDER = "log"
KEY_FILE = "log.key"


def load_signer(data: Path, origin: str) -> NoteSigner:
    """Read the log's Ed25519 seed (64 hex digits) from the data folder; made once, mode 0600."""
    data.mkdir(parents=True, exist_ok=True)
    path = data / KEY_FILE
    if not path.exists():
        _make_key(path)
    return NoteSigner(origin, bytes.fromhex(path.read_text("ascii").strip()))


def _make_key(path: Path) -> None:
    """Write beside and link into place, so that of two starts at once only one makes the key."""
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, KEY_MODE)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_bytes(SEED_BYTES).hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        pass  # the other start's key holds
    finally:
        fresh.unlink()


def make_writer(data: Path, signer: NoteSigner) -> LogWriter:
    """Return the writer of the log under the data folder."""
    return LogWriter(DiskStore(data / FOLDER), signer)


class LogFiles:
    """What readers may have: files as they lie, and proofs made from them."""

    def __init__(self, data: Path) -> None:
        self._store = DiskStore(data / FOLDER)

    def read(self, path: str) -> bytes:
        """Return ``checkpoint``, ``tile/<L>/<N>[.p/<W>]`` or ``tile/entries/<N>[.p/<W>]``.

        Raises:
            NotFoundError: no such file, or no path that a log has.
        """
        try:
            return self._store.read(path)
        except LogError as error:
            raise NotFoundError(kind="log_file") from error

    def checkpoint(self) -> bytes:
        """Return the newest checkpoint note.

        Raises:
            NotFoundError: nothing is published yet.
        """
        return self.read(CHECKPOINT_PATH)

    def tree(self, session: Session) -> TileReader:
        """Return the tree up to the newest checkpoint that the database knows."""
        return TileReader(self._store, log.published_size(session))

    def proof(self, session: Session, position: int) -> TlogProof:
        """Prove an entry against the first checkpoint that covered it.

        Raises:
            NotYetLoggedError: no checkpoint covers it yet.
        """
        statement = select(LogCheckpoint).where(LogCheckpoint.size > position)
        checkpoint = session.execute(
            statement.order_by(LogCheckpoint.size).limit(1)
        ).scalar_one_or_none()
        if checkpoint is None:
            raise NotYetLoggedError(entry=str(position))
        try:
            path = self.tree(session).inclusion(position, checkpoint.size)
        except MissingTileError as error:
            raise NotYetLoggedError(entry=str(position)) from error
        return TlogProof(position, tuple(path), checkpoint.note.encode())

    def receipt(self, session: Session, actor: Actor, enrolment_id: UUID) -> bytes:
        """Return an enrolment's tlog-proof, for the agency that enrolled.

        Raises:
            NotFoundError: another agency's, or none.
            NotYetLoggedError: within a second or two it is there.
        """
        enrolment = session.get(Enrolment, enrolment_id)
        is_own = enrolment is not None and enrolment.agency_id == actor.organisation_id
        if enrolment is None or actor.role is not Role.AGENCY or not is_own:
            raise NotFoundError(kind="receipt")
        position = log.require_position(session, enrolment.entry_id)
        return self.proof(session, position).to_bytes()

    def newest_note(self, session: Session) -> bytes:
        """Return the newest checkpoint note that the database knows.

        Raises:
            NotYetLoggedError: there is none.
        """
        statement = select(LogCheckpoint).order_by(LogCheckpoint.size.desc()).limit(1)
        found = session.execute(statement).scalar_one_or_none()
        if found is None:
            raise NotYetLoggedError(entry="checkpoint")
        return found.note.encode()


def log_entry_kinds(session: Session, start: int, count: int) -> list[LogEntry]:
    """Return published entries for the page of the log, oldest first."""
    wanted = select(LogEntry).where(LogEntry.position >= start).order_by(LogEntry.position)
    return list(session.execute(wanted.limit(count)).scalars())

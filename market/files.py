"""Documents by content hash on the local disk; checked by content, opened after an owner check.

The bytes lie under their SHA-256, written once and never changed. A transaction that is undone
leaves bytes without a row, which nobody can reach and the next upload of the same file uses.
"""

import hashlib
import io
import os
import re
import secrets
import unicodedata
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import filetype
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from market import audit
from market.act import Act, Actor, Role
from market.db import Base, new_id
from market.errors import InvalidInputError, MarketError, NotFoundError

MAX_BYTES = 10 * 1024 * 1024
LONGEST_NAME = 120
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "dwg": "image/vnd.dwg",
}
SNIFFED_AS = {"pdf": "pdf", "png": "png", "jpg": "jpg", "jpeg": "jpg", "dwg": "dwg"}
OFFICE_PART = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}


class FileTooLargeError(MarketError):
    """More bytes than a document may have."""

    code = "files.too_large"


class FileTypeError(MarketError):
    """A kind of file that is not taken."""

    code = "files.type_not_allowed"


class FileMismatchError(MarketError):
    """The content is not what the name says."""

    code = "files.type_mismatch"


class Document(Base):
    """One file as somebody handed it in."""

    __tablename__ = "documents"
    __table_args__ = (
        CheckConstraint("size > 0", name="size_positive"),
        Index(None, "order_id"),
        Index(None, "owner_org_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]  # bytes
    media_type: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    owner_org_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    order_id: Mapped[UUID | None]  # what it belongs to; no foreign key: files know no orders
    created_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in: the name is the sender's and not to be trusted."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class FileStore:
    """A folder of files named by their hash."""

    root: Path

    def keep(self, data: bytes) -> str:
        """Write ``data`` durably and give its SHA-256 in hex; nothing happens if it is there."""
        digest = hashlib.sha256(data).hexdigest()
        target = self.path_of(digest)
        if target.exists():
            return digest
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{digest}.{secrets.token_hex(4)}")
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
        _sync_folder(target.parent)
        return digest

    def read(self, sha256: str) -> bytes:
        """Read a file and check that it is still what was kept.

        Raises:
            NotFoundError: it is gone, or its bytes were changed on the disk.
        """
        path = self.path_of(sha256)
        data = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(data).hexdigest() != sha256:
            raise NotFoundError(kind="file")
        return data

    def path_of(self, sha256: str) -> Path:
        """Name the place of a file."""
        return self.root / sha256[:2] / sha256


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def keep_document(
    act: Act, store: FileStore, upload: Upload, *, owner_org_id: UUID, order_id: UUID | None
) -> Document:
    """Check and keep an upload.

    Raises:
        InvalidInputError: the file is empty or has no name.
        FileTooLargeError: more than 10 MiB.
        FileTypeError: its kind is not taken.
        FileMismatchError: the content is of another kind than the name says.
    """
    name = safe_name(upload.name)
    media_type = require_media_type(name, upload.data)
    document = Document(
        sha256=store.keep(upload.data),
        size=len(upload.data),
        media_type=media_type,
        name=name,
        owner_org_id=owner_org_id,
        order_id=order_id,
        created_at=act.at,
    )
    act.session.add(document)
    act.session.flush()
    audit.record(act, "document.kept", subject=document.id, size=document.size)
    return document


def safe_name(name: str) -> str:
    """Give the last part of a name without control characters; the extension survives a cut.

    Raises:
        InvalidInputError: nothing is left.
    """
    last = re.split(r"[\\/]", name)[-1]
    last = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip().strip(".")
    if not last:
        raise InvalidInputError(field="file", reason="name_missing")
    stem, dot, extension = last.rpartition(".")
    if len(last) > LONGEST_NAME and dot:
        return f"{stem[: LONGEST_NAME - 1 - len(extension[:10])]}.{extension[:10]}"
    return last[:LONGEST_NAME]


def require_media_type(name: str, data: bytes) -> str:
    """Name the media type of ``data``, where content and name agree on an allowed kind.

    Raises:
        InvalidInputError: no bytes.
        FileTooLargeError: more than ``MAX_BYTES``.
        FileTypeError: an extension that is not on the list.
        FileMismatchError: the bytes are something else.
    """
    if not data:
        raise InvalidInputError(field="file", reason="empty")
    if len(data) > MAX_BYTES:
        raise FileTooLargeError(limit_mib=MAX_BYTES // 1024 // 1024)
    extension = name.rpartition(".")[2].lower()
    if extension not in MEDIA_TYPES:
        raise FileTypeError(extension=extension[:10])
    if not _is_kind(extension, data):
        raise FileMismatchError(extension=extension)
    return MEDIA_TYPES[extension]


def _is_kind(extension: str, data: bytes) -> bool:
    if extension in SNIFFED_AS:
        guess = filetype.guess(data)
        return guess is not None and guess.extension == SNIFFED_AS[extension]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    return data[:2] == b"PK" and (extension == "zip" or OFFICE_PART[extension] in names)


def get_own_document(session: Session, actor: Actor, document_id: UUID) -> Document:
    """Find a document of the actor's own organisation.

    Raises:
        NotFoundError: there is none, or it is another's.
    """
    document = session.get(Document, document_id)
    if document is None or (
        document.owner_org_id != actor.organisation_id and actor.role is not Role.SYSTEM
    ):
        raise NotFoundError(kind="document")
    return document


def get_order_document(session: Session, order_id: UUID, document_id: UUID) -> Document:
    """Find a document of one order; whether the actor may see the order is the caller's check.

    Raises:
        NotFoundError: there is none in this order.
    """
    statement = select(Document).where(Document.id == document_id, Document.order_id == order_id)
    document = session.execute(statement).scalar_one_or_none()
    if document is None:
        raise NotFoundError(kind="document")
    return document

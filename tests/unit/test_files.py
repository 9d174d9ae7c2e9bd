"""Documents: what is taken, under which name, and how it lies on the disk."""

import io
import zipfile

import pytest

from market.errors import InvalidInputError, NotFoundError
from market.files import (
    MAX_BYTES,
    FileMismatchError,
    FileStore,
    FileTooLargeError,
    FileTypeError,
    require_media_type,
    safe_name,
)

PDF = b"%PDF-1.7\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 32
DWG = b"AC1032" + b"\0" * 64
EXE = b"MZ" + b"\0" * 100


def archive(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return buffer.getvalue()


DOCX = archive("[Content_Types].xml", "word/document.xml")
XLSX = archive("[Content_Types].xml", "xl/workbook.xml")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", PDF),
        ("A.PDF", PDF),
        ("a.png", PNG),
        ("a.jpg", JPEG),
        ("a.jpeg", JPEG),
        ("a.docx", DOCX),
        ("a.xlsx", XLSX),
        ("a.zip", archive("plan.txt")),
        ("a.zip", DOCX),
        ("a.dwg", DWG),
    ],
)
def test_allowed_kinds_are_taken(name, data):
    assert "/" in require_media_type(name, data)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", EXE),
        ("a.png", JPEG),
        ("a.docx", XLSX),
        ("a.docx", archive("evil.txt")),
        ("a.zip", PDF),
        ("a.xlsx", b"PK\x03\x04 broken"),
        ("a.pdf", b"<script>alert(1)</script>"),
        ("a.dwg", PDF),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(name, data):
    with pytest.raises(FileMismatchError) as refused:
        require_media_type(name, data)
    assert refused.value.code == "files.type_mismatch"


@pytest.mark.parametrize("name", ["a.exe", "a.html", "a.svg", "noextension", "a.pdf.exe"])
def test_other_kinds_are_refused(name):
    with pytest.raises(FileTypeError):
        require_media_type(name, PDF)


def test_too_large_and_empty_are_refused():
    assert require_media_type("a.pdf", PDF.ljust(MAX_BYTES, b" "))
    with pytest.raises(FileTooLargeError) as refused:
        require_media_type("a.pdf", PDF.ljust(MAX_BYTES + 1, b" "))
    assert refused.value.code == "files.too_large"
    with pytest.raises(InvalidInputError):
        require_media_type("a.pdf", b"")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\图纸.pdf", "图纸.pdf"),
        ("a\x00b\n.pdf", "ab.pdf"),
        ("\u202egpj.pdf", "gpj.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_lose_what_could_harm(given, kept):
    assert safe_name(given) == kept


@pytest.mark.parametrize("given", ["", "  ", "..", "/", "\x00"])
def test_a_name_must_remain(given):
    with pytest.raises(InvalidInputError):
        safe_name(given)


def test_the_same_bytes_are_kept_once_and_read_back(tmp_path):
    store = FileStore(tmp_path)
    first, second = store.keep(PDF), store.keep(PDF)
    assert first == second
    assert store.read(first) == PDF
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == [first]


def test_changed_bytes_are_not_handed_out(tmp_path):
    store = FileStore(tmp_path)
    digest = store.keep(PDF)
    store.path_of(digest).write_bytes(PDF + b"!")
    with pytest.raises(NotFoundError):
        store.read(digest)
    with pytest.raises(NotFoundError):
        store.read("0" * 64)

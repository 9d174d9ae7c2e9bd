"""The zip container of a proof bundle: deterministic to write, careful to open.

Source: SPEC.md section 12.1.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from lottery.errors import BundleError

MAX_FILES = 64
MAX_FILE_BYTES = 128 * 1024 * 1024
MAX_TOTAL_BYTES = 256 * 1024 * 1024
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold
_MODE = 0o100644 << 16
FILE_NAMES = re.compile(
    r"(?:policy|announce|close|freeze|go|result)\.(?:json|tlog-proof)"
    r"|(?:policy|roster|openings|contributions|entries|log|consistency)\.txt"
    r"|manifest\.json|beacon\.json|checkpoint|ranking\.csv|README\.md|verify\.py"
)


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of the files: sorted names, fixed time, fixed mode.

    Raises:
        BundleError: a file name that a bundle does not have.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            _require_name(name)
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3  # Unix, also where this runs elsewhere
            info.external_attr = _MODE
            archive.writestr(info, files[name])
    return buffer.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the files of a bundle.

    Raises:
        BundleError: not a zip, damaged, too large, encrypted, a name twice, or a name that a
            bundle does not have (so no folders and no paths).
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read_all(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise BundleError("bundle is no zip file or damaged") from error
    except (ValueError, NotImplementedError, RuntimeError, LookupError) as error:
        raise BundleError("bundle uses zip features that are not allowed") from error


def _read_all(archive: zipfile.ZipFile) -> dict[str, bytes]:
    members = archive.infolist()
    if len(members) > MAX_FILES:
        raise BundleError("bundle holds too many files")
    if sum(item.file_size for item in members) > MAX_TOTAL_BYTES:
        raise BundleError("bundle is too large")
    files: dict[str, bytes] = {}
    for item in members:
        name = _require_name(item.filename)
        if name in files:
            raise BundleError(f"bundle holds {name} twice")
        files[name] = _read_one(archive, item)
    return files


def _read_one(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> bytes:
    if item.file_size > MAX_FILE_BYTES or item.flag_bits & 0x1:
        raise BundleError(f"{item.filename} is too large or encrypted")
    if item.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise BundleError(f"{item.filename} is compressed in an unusual way")
    with archive.open(item) as file:
        data = file.read(MAX_FILE_BYTES + 1)  # the declared size may be a lie
    if len(data) > MAX_FILE_BYTES:
        raise BundleError(f"{item.filename} is too large")
    return data


def read_folder(folder: Path) -> dict[str, bytes]:
    """Return the files of an unpacked bundle.

    Raises:
        BundleError: too large, or a name that a bundle does not have.
    """
    files: dict[str, bytes] = {}
    for item in sorted(folder.iterdir()):
        name = _require_name(item.name)
        if not item.is_file() or item.stat().st_size > MAX_FILE_BYTES:
            raise BundleError(f"{name} is no file or too large")
        files[name] = item.read_bytes()
    return files


def read_path(path: Path) -> dict[str, bytes]:
    """Return the files of a bundle, zip or folder.

    Raises:
        BundleError: as for ``unpack`` and ``read_folder``, or the path cannot be read.
    """
    try:
        if path.is_dir():
            return read_folder(path)
        if path.stat().st_size > MAX_TOTAL_BYTES:
            raise BundleError("bundle is too large")
        return unpack(path.read_bytes())
    except OSError as error:
        raise BundleError("bundle cannot be read") from error


def _require_name(name: str) -> str:
    if not FILE_NAMES.fullmatch(name):
        raise BundleError("bundle holds a file that no bundle has: " + ascii(name)[:80])
    return name

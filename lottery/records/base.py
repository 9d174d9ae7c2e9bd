"""Machinery of records: frozen dataclasses whose annotations carry the shape of each field.

A field without default is always written. A field with default is written only when it differs
from its default, and refused when it is written with it: each record has exactly one encoding.

Source: SPEC.md section 7.1.
"""

from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, ClassVar, Self, get_type_hints

from lottery.encoding import MAX_ENTRY_BYTES, VERSION, Json, canonical
from lottery.errors import LotteryError, RecordError
from lottery.merkle import leaf_hash
from lottery.records.shapes import Shape


@dataclass(frozen=True, kw_only=True)
class Part:
    """An object inside a record, or a record."""

    def __post_init__(self) -> None:
        """Check every field and the rules between fields.

        Raises:
            RecordError: naming the field.
        """
        for name, shape in _shapes_of(type(self)).items():
            _checked(name, shape, getattr(self, name))
        self._require_rules()

    def _require_rules(self) -> None:
        """Check rules between fields; the default has none.

        Raises:
            RecordError: a rule is broken.
        """

    def to_json(self) -> dict[str, Json]:
        """Return the JSON object, optional fields only where they differ from their default."""
        shapes = _shapes_of(type(self))
        return {
            item.name: shapes[item.name].dump(getattr(self, item.name))
            for item in fields(self)
            if item.default is MISSING or getattr(self, item.name) != item.default
        }

    @classmethod
    def from_json(cls, value: Json, *, ignore: frozenset[str] = frozenset()) -> Self:
        """Read a JSON object.

        Raises:
            RecordError: unknown or missing field, default written out, or a field's value refused.
        """
        if not isinstance(value, dict):
            raise RecordError("not an object")
        known = {item.name: item for item in fields(cls)}
        unknown = sorted(value.keys() - known.keys() - ignore)
        if unknown:
            raise RecordError(f"unknown field {unknown[0]}")
        shapes = _shapes_of(cls)
        found = {
            name: _parsed(name, shapes[name], item, value)
            for name, item in known.items()
            if name in value or item.default is MISSING
        }
        return cls._checked_already(found)

    @classmethod
    def _checked_already(cls, found: dict[str, object]) -> Self:
        """Build an object whose fields the parser has checked, without checking them again."""
        part = object.__new__(cls)
        for item in fields(cls):
            object.__setattr__(part, item.name, found.get(item.name, item.default))
        part._require_rules()
        return part


def _parsed(name: str, shape: Shape, item: "Field[Any]", value: dict[str, Json]) -> object:
    if name not in value:
        raise RecordError(f"missing field {name}")
    try:
        parsed: object = shape.parse(value[name])
    except LotteryError as error:
        raise RecordError(f"{name}: {error}") from error
    if item.default is not MISSING and parsed == item.default:
        raise RecordError(f"{name}: default value must be left out")
    return parsed


def _checked(name: str, shape: Shape, value: object) -> None:
    try:
        same = shape.parse(shape.dump(value)) == value
    except LotteryError as error:
        raise RecordError(f"{name}: {error}") from error
    if not same:
        raise RecordError(f"{name}: value is not in its normal form")


_KNOWN: dict[str, dict[str, Shape]] = {}  # reading annotations is slow, so once per class


def _shapes_of(cls: type[Part]) -> dict[str, Shape]:
    name = f"{cls.__module__}.{cls.__qualname__}"
    if name not in _KNOWN:
        _KNOWN[name] = _read_shapes(cls)
    return _KNOWN[name]


def _read_shapes(cls: type[Part]) -> dict[str, Shape]:
    hints = get_type_hints(cls, include_extras=True)
    return {item.name: hints[item.name].__metadata__[0] for item in fields(cls)}


class Nested:
    """Shape of an object inside a record."""

    def __init__(self, part: type[Part]) -> None:
        self._part = part

    def parse(self, value: Json) -> Part:
        """Return the part."""
        return self._part.from_json(value)

    def dump(self, value: Any) -> Json:  # noqa: ANN401 - shape interface
        """Return the JSON object of the part."""
        if not isinstance(value, self._part):
            raise RecordError(f"not a {self._part.__name__}")
        return value.to_json()


@dataclass(frozen=True, kw_only=True)
class Record(Part):
    """One entry of the log."""

    TYPE: ClassVar[str] = ""

    def to_bytes(self) -> bytes:
        """Return the canonical bytes that the log stores.

        Raises:
            RecordError: longer than 65,535 bytes.
        """
        data = canonical({**self.to_json(), "type": self.TYPE, "v": VERSION})
        if len(data) > MAX_ENTRY_BYTES:
            raise RecordError("record is longer than a log entry may be")
        return data

    def leaf(self) -> str:
        """Return the leaf hash of the record in the log, 64 hex digits."""
        return leaf_hash(self.to_bytes()).hex()

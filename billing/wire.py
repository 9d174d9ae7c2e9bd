"""The form encoding of the payment wire, both ways, and typed reading of its JSON. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

from billing.errors import ProviderUnavailableError

Scalar = str | int | bool
Json = dict[str, object]
Params = Mapping[str, object]
_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)((?:\[[^\[\]]{0,80}\])*)")
_STEP = re.compile(r"\[([^\[\]]{0,80})\]")
MAX_PAIRS = 500
MAX_DEPTH = 5


class WireError(ProviderUnavailableError):
    """A form or an answer that does not have the agreed shape; after a POST: outcome unknown."""

    code = "billing.bad_wire"


def encode_form(params: Params) -> bytes:
    """Encode nested parameters with brackets and indices: ``a[b]=1``, ``c[0]=2``.

    ``None`` is left out, truth is ``true``/``false``.

    Raises:
        WireError: a float or another type that has no exact form.
    """
    return urlencode(list(flatten(params))).encode("ascii")


def flatten(params: Params) -> Iterator[tuple[str, str]]:
    """Yield the pairs of ``encode_form`` before percent encoding."""
    for name, value in params.items():
        yield from _flatten(name, value)


def _flatten(name: str, value: object) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if isinstance(value, bool):
        yield name, "true" if value else "false"
    elif isinstance(value, (int, str)):
        yield name, str(value)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flatten(f"{name}[{key}]", inner)
    elif isinstance(value, Sequence):
        for index, inner in enumerate(value):
            yield from _flatten(f"{name}[{index}]", inner)
    else:
        raise WireError(name=name, type=type(value).__name__)


def decode_form(pairs: Sequence[tuple[str, str]]) -> Json:
    """Nest pairs again; lists stay maps from index text, ``a[]`` counts up.

    Raises:
        WireError: malformed name, a name twice, scalar and map under one name, too deep, too many.
    """
    if len(pairs) > MAX_PAIRS:
        raise WireError(pairs=len(pairs))
    nested: Json = {}
    for name, value in pairs:
        _place(nested, name, value)
    return nested


def _place(nested: Json, name: str, value: str) -> None:
    match = _KEY.fullmatch(name)
    if match is None:
        raise WireError(name=name[:80])
    steps = [match[1], *_STEP.findall(match[2])]
    if len(steps) > MAX_DEPTH:
        raise WireError(name=name[:80], why="depth")
    here = nested
    for step in steps[:-1]:
        inner = here.setdefault(step or str(len(here)), {})
        if not isinstance(inner, dict):
            raise WireError(name=name[:80], why="scalar_and_map")
        here = inner
    last = steps[-1] or str(len(here))
    if last in here:
        raise WireError(name=name[:80], why="twice")
    here[last] = value


def text(body: Mapping[str, object], name: str) -> str:
    """Read a text field.

    Raises:
        WireError: it is missing or of another type.
    """
    value = body.get(name)
    if not isinstance(value, str):
        raise WireError(field=name)
    return value


def optional_text(body: Mapping[str, object], name: str) -> str | None:
    """Read a text field that may be null; of an expanded object, read its id."""
    value = body.get(name)
    if isinstance(value, dict):
        value = value.get("id")
    if value is not None and not isinstance(value, str):
        raise WireError(field=name)
    return value


def whole(body: Mapping[str, object], name: str) -> int:
    """Read a whole number; truth values and floats are refused.

    Raises:
        WireError: it is missing or of another type.
    """
    value = body.get(name)
    if type(value) is not int:
        raise WireError(field=name)
    return value


def mapping(body: Mapping[str, object], name: str) -> Json:
    """Read an object field; null counts as empty.

    Raises:
        WireError: it is of another type.
    """
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise WireError(field=name)
    return value

"""Which beacon kinds exist, and who checks a line of each.

An unknown kind is refused, never skipped: it needs a newer verifier.

Source: SPEC.md section 8.5.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lottery.encoding import parse_decimal, parse_hex
from lottery.entropy.public_lottery import KL8, SSQ, parse_line
from lottery.errors import BeaconError, LotteryError


@dataclass(frozen=True)
class Beacon:
    """A beacon line taken apart.

    ``source`` is what an announcement names before the fact: ``drand/<chain>/<round>`` or
    ``cwl-kl8/<issue>``. ``external_fact`` is true where no signature proves the value.
    """

    kind: str
    source: str
    line: str
    external_fact: bool


def _drand(line: str) -> Beacon:
    parts = line.split("/")
    if len(parts) != 4:
        raise BeaconError("drand line does not have four parts")
    parse_hex(parts[1], 32)
    parse_hex(parts[3], 32)
    if parse_decimal(parts[2]) < 1:
        raise BeaconError("round number out of range")
    return Beacon("drand", "/".join(parts[:3]), line, external_fact=False)


def _lottery(line: str) -> Beacon:
    draw = parse_line(line)
    return Beacon(draw.kind, draw.issue_id, line, external_fact=True)


CHECKERS: dict[str, Callable[[str], Beacon]] = {"drand": _drand, KL8: _lottery, SSQ: _lottery}


def parse_beacon(line: str) -> Beacon:
    """Read one beacon line; for drand only its form, the signature is checked elsewhere.

    Raises:
        BeaconError: unknown kind or malformed line.
    """
    checker = CHECKERS.get(line.partition("/")[0])
    if checker is None:
        raise BeaconError("unknown beacon kind; a newer verifier may know it")
    try:
        return checker(line)
    except BeaconError:
        raise
    except LotteryError as error:
        raise BeaconError(str(error)) from error

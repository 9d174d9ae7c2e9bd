"""Chart of accounts: what each code means, on which side it grows, what guards it."""

import re
from dataclasses import dataclass
from enum import StrEnum

from billing.errors import UnknownAccountError


class Kind(StrEnum):
    """Asset and expense grow on the debit side, liability and income on the credit side."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"


class Guard(StrEnum):
    """Which side must cover the other, reservations included."""

    NONE = "none"
    CREDIT = "credit"
    DEBIT = "debit"


@dataclass(frozen=True, slots=True)
class AccountClass:
    """What a code stands for."""

    kind: Kind
    guard: Guard


PSP_CLEARING = "psp:clearing"  # money that the payment provider holds for us
PSP_FEES = "psp:fees"
PLATFORM_FEE_INCOME = "platform:fee_income"
PLATFORM_SUBSIDY = "platform:subsidy"
COURIER_PAYABLE = "courier:payable"
SUSPENSE = "suspense:unmatched"  # money in that nobody can explain yet; a person decides

_FIXED = {
    PSP_CLEARING: AccountClass(Kind.ASSET, Guard.NONE),
    PSP_FEES: AccountClass(Kind.EXPENSE, Guard.NONE),
    PLATFORM_FEE_INCOME: AccountClass(Kind.INCOME, Guard.NONE),
    PLATFORM_SUBSIDY: AccountClass(Kind.EXPENSE, Guard.NONE),
    COURIER_PAYABLE: AccountClass(Kind.LIABILITY, Guard.NONE),
    SUSPENSE: AccountClass(Kind.LIABILITY, Guard.CREDIT),
}
_NAME = r"[A-Za-z0-9][A-Za-z0-9_.:\-]{0,78}"
_PATTERNS = (
    (re.compile(rf"escrow:{_NAME}"), AccountClass(Kind.LIABILITY, Guard.CREDIT)),
    (re.compile(rf"dispute:{_NAME}"), AccountClass(Kind.LIABILITY, Guard.CREDIT)),
    (re.compile(rf"agency:{_NAME}:payable"), AccountClass(Kind.LIABILITY, Guard.CREDIT)),
    (re.compile(rf"agency:{_NAME}:deposit"), AccountClass(Kind.LIABILITY, Guard.CREDIT)),
    (re.compile(rf"agency:{_NAME}:receivable"), AccountClass(Kind.ASSET, Guard.DEBIT)),
)


def escrow(reference: str) -> str:
    """Name the account that holds the client's money of one order."""
    return f"escrow:{reference}"


def dispute(reference: str) -> str:
    """Name the account that reservations of a disputed order point to."""
    return f"dispute:{reference}"


def agency_payable(agency: str) -> str:
    """Name the account of what an agency has earned and was not yet paid."""
    return f"agency:{agency}:payable"


def agency_deposit(agency: str) -> str:
    """Name the account of an agency's deposit (保证金)."""
    return f"agency:{agency}:deposit"


def agency_receivable(agency: str) -> str:
    """Name the account of what an agency owes back."""
    return f"agency:{agency}:receivable"


def classify(code: str) -> AccountClass:
    """Tell kind and guard of an account code.

    Raises:
        UnknownAccountError: the chart has no such code.
    """
    if code in _FIXED:
        return _FIXED[code]
    for pattern, found in _PATTERNS:
        if pattern.fullmatch(code):
            return found
    raise UnknownAccountError(account=code)

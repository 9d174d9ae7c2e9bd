"""What a refusal says to people: its code, perhaps with a reason, gives the sentence."""

from market.errors import MarketError
from market.web.i18n import _
from market.web.texts import MESSAGES

FALLBACK = "market.error"


def sentence(error: MarketError) -> str:
    """Say a refusal in the user's words, with its parameters filled in."""
    reason = error.params.get("reason")
    key = f"{error.code}.{reason}" if reason else error.code
    text = MESSAGES.get(key) or MESSAGES.get(error.code) or MESSAGES[FALLBACK]
    return _(text).format_map(_Blank(error.params))


class _Blank(dict[str, object]):
    """Leaves a gap rather than an error where a parameter is missing."""

    def __missing__(self, key: str) -> str:
        return ""

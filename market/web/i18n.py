"""Texts for people: Chinese is the source language, a catalogue may translate it.

The texts are collected with ``pybabel extract``; without a catalogue they are shown as written.
"""

from gettext import NullTranslations
from typing import Any

from jinja2 import Environment

_translations = NullTranslations()


def _(text: str) -> str:
    """Translate ``text``, whose source language is Chinese."""
    return _translations.gettext(text)


def lazy(text: str) -> str:
    """Mark a text at import time for the extraction; translated when it is shown."""
    return text


def install(environment: Environment) -> None:
    """Give templates ``trans`` blocks and ``_``."""
    environment.add_extension("jinja2.ext.i18n")
    extension: Any = environment
    extension.install_gettext_translations(_translations, newstyle=True)

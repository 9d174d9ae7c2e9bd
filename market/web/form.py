"""Forms check shape only: presence, length, format. Rules live in services."""

from collections.abc import Callable
from typing import TypeVar

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import ValidationError

from market.act import Act
from market.errors import MarketError, NotAllowedError, NotFoundError
from market.web.messages import sentence
from market.web.request import perform

T = TypeVar("T")


class Form(FlaskForm):  # type: ignore[misc] # flask-wtf carries no types
    """Base of all forms: CSRF token, and a way to show what a service refused."""

    def blame(self, error: MarketError) -> None:
        """Show the refusal beside the field it names, or above the form."""
        text = sentence(error)
        field = self._fields.get(str(error.params.get("field", "")))
        if field is not None:
            field.errors = [*field.errors, text]
        else:
            self.form_errors.append(text)


def succeeds(form: Form, work: Callable[[Act], object]) -> bool:
    """Perform ``work`` that gives nothing back; False when an expected refusal is on the form."""
    return attempt(form, lambda act: (work(act), True)[1]) is not None


def attempt(form: Form, work: Callable[[Act], T]) -> T | None:
    """Perform ``work``; an expected refusal lands on the form, and None is given.

    A thing that is absent or forbidden is not the form's business and goes on as an error.
    """
    try:
        return perform(work)
    except (NotFoundError, NotAllowedError):
        raise
    except MarketError as error:
        form.blame(error)
        return None


def require_no_control_characters(_form: FlaskForm, field: StringField) -> None:
    """Refuse control characters, which no keyboard types into a text."""
    if any(ord(c) < 32 and c not in "\r\n\t" for c in field.data or ""):
        raise ValidationError("含有无法识别的字符，请删除后重试。")

"""Verify a bundle that somebody brings; nothing of it is kept."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage

from market.draws.verifying import NoBundleError
from market.files import MAX_BYTES, FileTooLargeError
from market.web.form import Form
from market.web.public.blueprint import bp
from market.web.public.check_words import explained
from market.web.public.verdicts import Verdict, verdict_of, verifier

LONGEST_NAME = 80


class BundleForm(Form):
    """The file."""

    bundle = FileField("核验包")


@bp.route("/verify", methods=["GET", "POST"])
def verify() -> ResponseReturnValue:
    """Take a bundle, run every check in this process, and say what each means."""
    form = BundleForm()
    report: Verdict | None = None
    name = ""
    if form.validate_on_submit():
        sent: FileStorage | None = form.bundle.data or None
        name = (sent.filename or "")[-LONGEST_NAME:] if sent else ""
        report = _verified(form, sent)
    status = 422 if form.errors else 200
    return (
        render_template(
            "public/verify/verify.html", form=form, report=report, name=name, explained=explained()
        ),
        status,
    )


def _verified(form: BundleForm, sent: FileStorage | None) -> Verdict | None:
    data = sent.stream.read(MAX_BYTES + 1) if sent else b""
    if len(data) > MAX_BYTES:
        form.blame(FileTooLargeError(field="bundle", limit_mib=MAX_BYTES // 1024 // 1024))
        return None
    try:
        return verdict_of(verifier().verify(data))
    except NoBundleError as error:
        form.blame(NoBundleError(field="bundle", reason=error.params["reason"]))
        return None

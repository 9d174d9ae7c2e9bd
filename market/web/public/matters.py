"""Approval matters: find one, and read what it takes to get it done, alone or with an agency."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from market.catalogue.guides import get_matter, list_matters
from market.catalogue.rows import MatterRow
from market.web.public.blueprint import bp
from market.web.request import reading


@bp.route("/matters")
def matters() -> ResponseReturnValue:
    """List the matters by department."""
    q = request.args.get("q", "").strip()[:60]
    department = request.args.get("department", "")
    with reading() as session:
        every = list_matters(session)
    departments = list(dict.fromkeys(row.department for row in every))
    found = [row for row in every if _answers(row, q, department)]
    groups = {name: [row for row in found if row.department == name] for name in departments}
    return render_template(
        "public/matters.html",
        q=q,
        department=department if department in departments else "",
        departments=departments,
        groups={name: rows for name, rows in groups.items() if rows},
        total=len(found),
    )


def _answers(row: MatterRow, q: str, department: str) -> bool:
    text = f"{row.name} {row.department} {row.code}".lower()
    in_department = not department or row.department == department
    return in_department and all(word in text for word in q.lower().split())


@bp.route("/matters/<code>")
def matter(code: str) -> ResponseReturnValue:
    """Show the guide of a matter and the services that it needs."""
    with reading() as session:
        found = get_matter(session, code)
    return render_template("public/matter.html", matter=found)

"""Make the tables of projects, draws and the transparency log.

New tables only: the release before does not know them and keeps working. What must never change
(a frozen roster, a log entry, the history of a project) is guarded by triggers, so that not even
a faulty release can change it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

INSTANT = sa.DateTime(timezone=True)
PROJECT_STATES = (
    "draft",
    "route_check",
    "exempt_pending",
    "exempt",
    "review",
    "returned",
    "enrolling",
    "screening",
    "too_few",
    "frozen",
    "go",
    "drawn",
    "publicity",
    "awarded",
    "failed",
    "cancelled",
    "void",
)
FIXED_BY_FREEZE = (
    "draw_id",
    "minimum",
    "announce_entry_id",
    "freeze_entry_id",
    "draw_at",
    "chain_hash",
    "round",
    "operator_commit",
    "frozen_at",
    "roster_root",
    "roster_size",
)
FIXED_BY_DRAW = ("signature", "randomness", "seed", "result_entry_id", "drawn_at")
LEAF_COLUMNS = ("id", "kind", "leaf", "leaf_sha256", "appended_at")
TABLES = (
    "candidates",
    "ranked_entries",
    "roster_entries",
    "enrolments",
    "draw_attempts",
    "project_events",
    "projects",
    "log_checkpoints",
    "log_state",
    "log_entries",
)


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _column(name: str, kind: sa.types.TypeEngine | type, *, empty: bool = False) -> sa.Column:
    return sa.Column(name, kind, nullable=empty)


def _foreign(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    _log()
    _projects()
    _attempts()
    _enrolments()
    _outcomes()
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _log() -> None:
    op.create_table(
        "log_entries",
        _column("id", sa.Uuid()),
        _column("position", sa.BigInteger(), empty=True),
        _column("kind", sa.String(30)),
        _column("leaf", sa.LargeBinary()),
        _column("leaf_sha256", sa.String(64)),
        _column("appended_at", INSTANT),
        _column("integrated_at", INSTANT, empty=True),
        sa.CheckConstraint(
            "(position IS NULL) = (integrated_at IS NULL)", name="ck_log_entries_placed_and_dated"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_log_entries"),
        sa.UniqueConstraint("position", name="uq_log_entries_position"),
    )
    op.create_index("ix_log_entries_appended_at", "log_entries", ["appended_at"])
    op.create_table(
        "log_state",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        _column("origin", sa.String(120)),
        _column("size", sa.BigInteger()),
        _column("published_size", sa.BigInteger()),
        sa.CheckConstraint("id = 1", name="ck_log_state_only_row"),
        sa.CheckConstraint("published_size <= size", name="ck_log_state_published_within"),
        sa.PrimaryKeyConstraint("id", name="pk_log_state"),
    )
    op.create_table(
        "log_checkpoints",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        _column("note", sa.Text()),
        _column("published_at", INSTANT),
        sa.PrimaryKeyConstraint("size", name="pk_log_checkpoints"),
    )


def _projects() -> None:
    op.create_table(
        "projects",
        _column("id", sa.Uuid()),
        _column("project_no", sa.String(40)),
        _column("region", sa.String(6)),
        _column("owner_id", sa.Uuid()),
        _column("title", sa.String(120)),
        _column("summary", sa.String(2000)),
        _column("service_code", sa.String(20)),
        _column("budget_sha256", sa.String(64)),
        _column("budget_name", sa.String(200)),
        _column("fee_fen", sa.BigInteger()),
        _column("days", sa.BigInteger()),
        _column("requirement", sa.String(200)),
        _column("requirement_note", sa.String(1000)),
        _column("winners", sa.BigInteger()),
        _column("reserves", sa.BigInteger()),
        _column("avoidance", sa.JSON()),
        _column("state", _enum("ck_projects_project_state", *PROJECT_STATES)),
        _column("route", sa.JSON()),
        _column("exempt_code", sa.String(40)),
        _column("return_reason", sa.String(500)),
        _column("attempts", sa.BigInteger()),
        _column("is_demo", sa.Boolean()),
        _column("is_replay", sa.Boolean()),
        _column("created_at", INSTANT),
        _column("submitted_at", INSTANT, empty=True),
        _column("published_at", INSTANT, empty=True),
        _column("ended_at", INSTANT, empty=True),
        sa.CheckConstraint("length(region) = 6", name="ck_projects_region_six_digits"),
        sa.CheckConstraint("fee_fen > 0", name="ck_projects_fee_positive"),
        sa.CheckConstraint("days > 0", name="ck_projects_days_positive"),
        sa.CheckConstraint("winners > 0 AND reserves >= 0", name="ck_projects_places"),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
        _foreign("projects", "owner_id", "organisations"),
        sa.UniqueConstraint("project_no", name="uq_projects_project_no"),
    )
    op.create_index("ix_projects_state_published_at", "projects", ["state", "published_at"])
    op.create_index("ix_projects_owner_id_service_code", "projects", ["owner_id", "service_code"])
    op.create_table(
        "project_events",
        _column("id", sa.Uuid()),
        _column("project_id", sa.Uuid()),
        _column("number", sa.BigInteger()),
        _column("at", INSTANT),
        _column("kind", sa.String(60)),
        _column("attempt", sa.BigInteger()),
        _column("role", sa.String(20)),
        _column("details", sa.JSON()),
        _column("log_entry_id", sa.Uuid(), empty=True),
        _column("previous_sha256", sa.String(64)),
        _column("sha256", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_project_events"),
        _foreign("project_events", "project_id", "projects"),
        _foreign("project_events", "log_entry_id", "log_entries"),
        sa.UniqueConstraint("project_id", "number", name="uq_project_events_project_id_number"),
    )


def _attempts() -> None:
    entries = ("announce", "close", "freeze", "go", "result", "void")
    op.create_table(
        "draw_attempts",
        _column("id", sa.Uuid()),
        _column("project_id", sa.Uuid()),
        _column("region", sa.String(6)),
        _column("number", sa.BigInteger()),
        _column("draw_id", sa.String(80)),
        _column(
            "state",
            _enum(
                "ck_draw_attempts_attempt_state",
                "enrolling",
                "closed",
                "frozen",
                "go",
                "drawn",
                "void",
            ),
        ),
        _column("announced_at", INSTANT),
        _column("enroll_close_at", INSTANT),
        _column("freeze_by_at", INSTANT),
        _column("draw_at", INSTANT),
        _column("chain_hash", sa.String(64)),
        _column("round", sa.BigInteger()),
        _column("round_at", INSTANT),
        _column("minimum", sa.BigInteger()),
        _column("operator_commit", sa.String(64)),
        _column("sealed_secret", sa.String(300)),
        *(_column(f"{name}_entry_id", sa.Uuid(), empty=True) for name in entries),
        _column("closed_at", INSTANT, empty=True),
        _column("screened_at", INSTANT, empty=True),
        _column("frozen_at", INSTANT, empty=True),
        _column("roster_root", sa.String(64), empty=True),
        _column("roster_size", sa.BigInteger(), empty=True),
        _column("signature", sa.String(96), empty=True),
        _column("randomness", sa.String(64), empty=True),
        _column("seed", sa.String(64), empty=True),
        _column("drawn_at", INSTANT, empty=True),
        _column("publicity_ends_at", INSTANT, empty=True),
        _column("void_code", sa.String(40)),
        _column("due_at", INSTANT, empty=True),
        sa.CheckConstraint("minimum > 0", name="ck_draw_attempts_minimum_positive"),
        sa.CheckConstraint(
            "(frozen_at IS NULL) = (roster_root IS NULL)", name="ck_draw_attempts_freeze_whole"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_draw_attempts"),
        _foreign("draw_attempts", "project_id", "projects"),
        *(_foreign("draw_attempts", f"{name}_entry_id", "log_entries") for name in entries),
        sa.UniqueConstraint("project_id", "number", name="uq_draw_attempts_project_id_number"),
        sa.UniqueConstraint("draw_id", name="uq_draw_attempts_draw_id"),
    )
    op.create_index("ix_draw_attempts_state_draw_at", "draw_attempts", ["state", "draw_at"])
    op.create_index("ix_draw_attempts_due_at", "draw_attempts", ["due_at"])


def _enrolments() -> None:
    op.create_table(
        "enrolments",
        _column("id", sa.Uuid()),
        _column("attempt_id", sa.Uuid()),
        _column("agency_id", sa.Uuid()),
        _column("uscc", sa.String(18)),
        _column("name", sa.String(120)),
        _column(
            "state",
            _enum("ck_enrolments_enrolment_state", "enrolled", "withdrawn", "rejected"),
        ),
        _column("commitment", sa.String(64)),
        _column("sealed_nonce", sa.String(300)),
        _column("entry_id", sa.Uuid()),
        _column("left_entry_id", sa.Uuid(), empty=True),
        _column("enrolled_at", INSTANT),
        _column("left_at", INSTANT, empty=True),
        _column("reason_code", sa.String(40)),
        _column("reason_detail", sa.String(300)),
        sa.PrimaryKeyConstraint("id", name="pk_enrolments"),
        _foreign("enrolments", "attempt_id", "draw_attempts"),
        _foreign("enrolments", "agency_id", "organisations"),
        _foreign("enrolments", "entry_id", "log_entries"),
        _foreign("enrolments", "left_entry_id", "log_entries"),
        sa.UniqueConstraint("attempt_id", "agency_id", name="uq_enrolments_attempt_id_agency_id"),
        sa.UniqueConstraint("entry_id", name="uq_enrolments_entry_id"),
    )
    op.create_index("ix_enrolments_agency_id", "enrolments", ["agency_id"])
    op.create_table(
        "roster_entries",
        _column("attempt_id", sa.Uuid()),
        _column("uscc", sa.String(18)),
        _column("agency_id", sa.Uuid()),
        _column("name", sa.String(120)),
        _column("weight", sa.BigInteger()),
        _column("log_index", sa.BigInteger()),
        _column("nonce", sa.String(32)),
        sa.PrimaryKeyConstraint("attempt_id", "uscc", name="pk_roster_entries"),
        _foreign("roster_entries", "attempt_id", "draw_attempts"),
        _foreign("roster_entries", "agency_id", "organisations"),
    )


def _outcomes() -> None:
    op.create_table(
        "ranked_entries",
        _column("attempt_id", sa.Uuid()),
        sa.Column("rank", sa.BigInteger(), autoincrement=False, nullable=False),
        _column("uscc", sa.String(18)),
        _column("ticket", sa.String(64)),
        _column("copy", sa.BigInteger()),
        sa.PrimaryKeyConstraint("attempt_id", "rank", name="pk_ranked_entries"),
        _foreign("ranked_entries", "attempt_id", "draw_attempts"),
        sa.UniqueConstraint("attempt_id", "uscc", name="uq_ranked_entries_attempt_id_uscc"),
    )
    op.create_table(
        "candidates",
        _column("id", sa.Uuid()),
        _column("attempt_id", sa.Uuid()),
        _column("agency_id", sa.Uuid()),
        _column("uscc", sa.String(18)),
        _column("rank", sa.BigInteger()),
        _column(
            "state",
            _enum(
                "ck_candidates_candidate_state",
                "reserve",
                "proposed",
                "confirmed",
                "declined",
                "awarded",
            ),
        ),
        _column("answer_by_at", INSTANT, empty=True),
        _column("answered_at", INSTANT, empty=True),
        _column("reason_code", sa.String(40)),
        sa.PrimaryKeyConstraint("id", name="pk_candidates"),
        _foreign("candidates", "attempt_id", "draw_attempts"),
        _foreign("candidates", "agency_id", "organisations"),
        sa.UniqueConstraint("attempt_id", "rank", name="uq_candidates_attempt_id_rank"),
    )
    op.create_index("ix_candidates_agency_id", "candidates", ["agency_id"])


def _changed(columns: tuple[str, ...], differs: str) -> str:
    return " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in columns)


def _sqlite_trigger(name: str, moment: str, condition: str, text: str) -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {moment} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{text}'); END"
    )


def _guard_sqlite() -> None:
    for table in ("roster_entries", "enrolments"):
        for verb, rows in (
            ("INSERT", ("NEW",)),
            ("UPDATE", ("OLD", "NEW")),
            ("DELETE", ("OLD",)),
        ):
            ids = ", ".join(f"{row}.attempt_id" for row in rows)
            frozen = (
                f"EXISTS (SELECT 1 FROM draw_attempts WHERE id IN ({ids}) "  # noqa: S608 - constants
                "AND frozen_at IS NOT NULL)"
            )
            _sqlite_trigger(
                f"{table}_frozen_{verb.lower()}",
                f"{verb} ON {table}",
                frozen,
                f"{table} is frozen",
            )
    for table in ("draw_attempts", "log_entries", "project_events", "ranked_entries"):
        _sqlite_trigger(
            f"{table}_no_delete", f"DELETE ON {table}", "1", f"{table} is never deleted"
        )
    for table in ("project_events", "ranked_entries", "log_checkpoints"):
        _sqlite_trigger(f"{table}_no_update", f"UPDATE ON {table}", "1", f"{table} never changes")
    for table, condition in _fixed("IS NOT").items():
        _sqlite_trigger(f"{table}_fixed", f"UPDATE ON {table}", condition, f"{table} is fixed")


def _fixed(differs: str) -> dict[str, str]:
    frozen = f"OLD.frozen_at IS NOT NULL AND ({_changed(FIXED_BY_FREEZE, differs)})"
    drawn = f"OLD.seed IS NOT NULL AND ({_changed(FIXED_BY_DRAW, differs)})"
    leaf = f"OLD.position IS NOT NULL OR {_changed(LEAF_COLUMNS, differs)}"
    return {"draw_attempts": f"({frozen}) OR ({drawn})", "log_entries": leaf}


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_frozen_roster() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM draw_attempts WHERE frozen_at IS NOT NULL AND id IN ("
        "CASE WHEN TG_OP = 'DELETE' THEN OLD.attempt_id ELSE NEW.attempt_id END, "
        "CASE WHEN TG_OP = 'INSERT' THEN NEW.attempt_id ELSE OLD.attempt_id END)) THEN "
        "RAISE EXCEPTION '% is frozen', TG_TABLE_NAME; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )
    for table in ("roster_entries", "enrolments"):
        op.execute(
            f"CREATE TRIGGER {table}_frozen BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_frozen_roster()"
        )
    for table in ("project_events", "ranked_entries", "log_checkpoints"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    for table, condition in _fixed("IS DISTINCT FROM").items():
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} "
            f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION refuse_change()"
        )
    for table in ("draw_attempts", "log_entries", "project_events", "roster_entries"):
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_frozen_roster()")

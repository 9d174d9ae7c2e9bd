"""What the edges may read of draws: every query under one roof."""

from market.draws.attempt_queries import get_attempt, my_enrolments, screening_rows
from market.draws.bundle import bundle_for
from market.draws.project_queries import (
    get_project,
    list_draws,
    list_projects,
    owner_projects,
    worklist,
)
from market.draws.rows import ProjectFilter

__all__ = [
    "ProjectFilter",
    "bundle_for",
    "get_attempt",
    "get_project",
    "list_draws",
    "list_projects",
    "my_enrolments",
    "owner_projects",
    "screening_rows",
    "worklist",
]

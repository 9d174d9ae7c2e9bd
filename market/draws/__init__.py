"""Public draws: projects, enrolment, freeze, result; the only user of the lottery library."""

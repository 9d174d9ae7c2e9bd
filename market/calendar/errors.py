"""Refusals of the calendar."""

from market.errors import ConflictError


class CalendarMissingError(ConflictError):
    """No days are known for ``year``: a deadline must not be guessed."""

    code = "calendar.year_missing"

    def __init__(self, year: int) -> None:
        """Name the year that the operator has to import."""
        super().__init__(year=year)
        self.year = year

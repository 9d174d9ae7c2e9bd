"""Where the pages of draws reach the parts that the composition root has made."""

from market.draws.log_files import LogFiles
from market.draws.office import DrawOffice
from market.draws.setup import DrawSetup
from market.web.request import world


def office() -> DrawOffice:
    """Give the setup, the log and the relays of this installation."""
    found: DrawOffice = world().draws
    return found


def draw_setup() -> DrawSetup:
    """Give the fixed values of draws."""
    return office().setup


def log_files() -> LogFiles:
    """Give the files of the transparency log."""
    return office().files

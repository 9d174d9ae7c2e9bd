"""Everything the edges reach: the runtime and the outside parties, chosen by ``market.start``."""

from collections.abc import Mapping
from dataclasses import dataclass

from market.accounts.passwords import PasswordRules
from market.courier.carriers.base import CourierAdapter
from market.courier.sealing import AddressSeal
from market.draws.office import DrawOffice
from market.files import FileStore
from market.notices.sender import Mailer
from market.payments.gateway import Gateway
from market.runtime import Runtime


@dataclass(frozen=True, slots=True)
class World:
    """The product with its providers; the web, the worker and the commands each get one."""

    runtime: Runtime
    passwords: PasswordRules
    mailer: Mailer
    payments: Gateway
    carriers: Mapping[str, CourierAdapter]
    seal: AddressSeal
    files: FileStore
    draws: DrawOffice

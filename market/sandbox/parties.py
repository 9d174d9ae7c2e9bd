"""All outside parties of the demo, each with a database file of its own."""

from functools import partial

import requests

from billing.sandbox.desk import SandboxSettings
from billing.sandbox.psp import open_sandbox
from market.courier.sealing import derive_key
from market.runtime import utc_now
from market.sandbox.app import Party
from market.sandbox.beacon import SandboxBeacon
from market.sandbox.carrier import SandboxCourier
from market.sandbox.cashier import payment_blueprint
from market.sandbox.machines import beacon_blueprint, courier_blueprint
from market.settings import Settings

COURIER_PURPOSE = "sunlit/courier/sandbox/v1"
"""Names the secret that the market and the sandbox carrier share."""

STEP_SECONDS = 4
"""How long a parcel of the demo stays at each station."""


def demo_parties(settings: Settings) -> list[Party]:
    """Make the parties on the files of the settings' data folder."""
    folder = settings.data / "sandbox"
    folder.mkdir(parents=True, exist_ok=True)
    return [_payment(settings), _courier(settings), _beacon()]


def _courier(settings: Settings) -> Party:
    carrier = SandboxCourier(
        settings.data / "sandbox" / "courier.sqlite",
        derive_key(settings.secret_key, COURIER_PURPOSE),
        now=utc_now,
        step_seconds=STEP_SECONDS,
    )
    return Party(courier_blueprint(carrier), partial(carrier.deliver, _http()))


def _beacon() -> Party:
    return Party(beacon_blueprint(SandboxBeacon()), _rest)


def _rest() -> None:
    """Do nothing by the clock: a round is computed when it is asked for."""


def _http() -> requests.Session:
    http = requests.Session()
    http.trust_env = False
    return http


def _payment(settings: Settings) -> Party:
    psp = open_sandbox(
        settings.data / "sandbox" / "payment.sqlite",
        SandboxSettings(
            key=settings.stripe_key,
            webhook_secret=settings.stripe_webhook_secrets[0],
            webhook_url=f"http://127.0.0.1:{settings.port}/hooks/stripe",
            cashier_base=f"http://127.0.0.1:{settings.sandbox_port}/sandbox/pay",
        ),
    )
    return Party(payment_blueprint(psp), partial(psp.deliver, _http()))

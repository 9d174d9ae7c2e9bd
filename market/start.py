"""The composition root: the only place that names concrete providers."""

from collections.abc import Mapping

from flask import Flask
from sqlalchemy.orm import sessionmaker

from market.accounts.passwords import PasswordRules
from market.courier.carriers.base import CourierAdapter
from market.courier.carriers.sandbox import SandboxCarrier
from market.courier.sealing import AddressSeal, derive_key
from market.db import make_engine
from market.draws import pace
from market.draws.office import QUICKNET, DrawOffice, open_office
from market.files import FileStore
from market.jobs.reactions import reactions
from market.jobs.schedule import periodic_work
from market.jobs.worker import Worker
from market.logs import set_up_logs
from market.notices.sender import DevelopmentMailbox, Mailer, SmtpMailer
from market.payments.gateway import open_gateway
from market.runtime import Runtime
from market.sandbox import app
from market.sandbox.beacon import DEMO_CHAIN
from market.sandbox.parties import COURIER_PURPOSE, demo_parties
from market.settings import Settings, read_settings
from market.web import create_app
from market.world import World


def make_runtime(settings: Settings) -> Runtime:
    """Open the databases that the settings name."""
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.database_url)
    replica = make_engine(settings.replica_url or settings.database_url, read_only=True)
    return Runtime(
        settings=settings,
        sessions=sessionmaker(engine, expire_on_commit=False),
        read_sessions=sessionmaker(replica, expire_on_commit=False),
    )


def _carriers(settings: Settings, runtime: Runtime) -> dict[str, CourierAdapter]:
    sandbox = SandboxCarrier(
        f"http://127.0.0.1:{settings.sandbox_port}/sandbox/courier",
        derive_key(settings.secret_key, COURIER_PURPOSE),
        callback_url=f"http://127.0.0.1:{settings.port}/hooks/courier/sandbox",
        now=runtime.now,
    )
    return {} if settings.is_production else {sandbox.name: sandbox}


def _draws(settings: Settings) -> DrawOffice:
    is_demo_chain = settings.beacon == "demo"
    return open_office(
        data=settings.data,
        secret=settings.secret_key,
        origin=settings.log_origin,
        chain=DEMO_CHAIN.chain if is_demo_chain else QUICKNET,
        pace=pace.DEMO if settings.pace == "demo" else pace.OFFICIAL,
        relays=settings.drand_relays,
    )


def make_world(runtime: Runtime) -> World:
    """Choose the providers that the settings name."""
    settings = runtime.settings
    return World(
        runtime=runtime,
        passwords=PasswordRules(memory_kib=settings.argon2_memory_kib),
        mailer=_mailer(settings),
        payments=open_gateway(
            settings.stripe_base,
            settings.stripe_key,
            secrets=settings.stripe_webhook_secrets,
            return_base=settings.public_url,
        ),
        carriers=_carriers(settings, runtime),
        seal=AddressSeal.from_secret(settings.secret_key),
        files=FileStore(settings.data / "files"),
        draws=_draws(settings),
    )


def _mailer(settings: Settings) -> Mailer:
    if settings.smtp_host:
        return SmtpMailer(host=settings.smtp_host, sender=settings.mail_sender)
    return DevelopmentMailbox()


def web_app(env: Mapping[str, str]) -> Flask:
    """Make the web application from the environment."""
    set_up_logs()
    return create_app(make_world(make_runtime(read_settings(env))))


def serve_sandbox(settings: Settings) -> None:
    """Serve the outside parties of the demo until a signal."""
    app.serve_sandbox(demo_parties(settings), port=settings.sandbox_port)


def make_worker(world: World) -> Worker:
    """Make a worker with everything it may be asked to do."""
    return Worker(runtime=world.runtime, reactions=reactions(world), periodic=periodic_work(world))

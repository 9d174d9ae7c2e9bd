"""The settings, read once from a mapping and frozen; all faults are told together."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

MIN_SECRET_LENGTH = 32
DEMO_SECRET = "demo-secret-key-not-for-production-use"  # noqa: S105 - refused in production
DEMO_WEBHOOK_SECRET = "whsec_demo_not_for_production_use"  # noqa: S105 - refused in production
DEMO_STRIPE_KEY = "sk_test_sunlit_demo"


class Mode(StrEnum):
    """What the product is run for."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SettingsError(Exception):
    """The settings cannot be used; ``faults`` says everything that is wrong with them."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that may differ between two installations of the same code."""

    mode: Mode
    data: Path
    database_url: str
    replica_url: str
    secret_key: str
    region: str  # 行政区划代码, GB/T 2260, 6 digits
    host: str
    port: int
    web_hosts: int
    web_workers: int
    sandbox_port: int
    public_url: str
    stripe_base: str
    stripe_key: str
    stripe_webhook_secrets: tuple[str, ...]
    cashier_origin: str  # the only foreign origin a payment form may lead to
    courier: str
    beacon: str  # "demo" or "quicknet"
    drand_relays: tuple[str, ...]
    log_origin: str
    demo: bool
    pace: str  # "demo" compresses waiting times, "official" counts working days
    argon2_memory_kib: int
    smtp_host: str  # empty: mails stay in the development mailbox
    mail_sender: str

    @property
    def is_production(self) -> bool:
        """Whether real people and real money depend on this installation."""
        return self.mode is Mode.PRODUCTION


def read_settings(env: Mapping[str, str]) -> Settings:
    """Read the settings from ``env``; names start with ``SUNLIT_`` but for PORT and DATA.

    Raises:
        SettingsError: with every fault found, not only the first.
    """
    reader = _Reader(env)
    mode = reader.choice("MODE", "development", ("development", "production"))
    data = Path(env.get("DATA") or "var/data").absolute()
    port = reader.number("PORT", 8000)
    sandbox_port = reader.number("SANDBOX_PORT", port + 1)
    sandbox = f"http://127.0.0.1:{sandbox_port}"
    production = mode == "production"
    settings = Settings(
        mode=Mode(mode),
        data=data,
        database_url=reader.text("DATABASE_URL", f"sqlite:///{data / 'sunlit.sqlite'}"),
        replica_url=reader.text("REPLICA_URL", ""),
        secret_key=reader.text("SECRET_KEY", "" if production else DEMO_SECRET),
        region=reader.text("REGION", "360700"),
        host=reader.text("HOST", "127.0.0.1"),
        port=port,
        web_hosts=reader.number("WEB_HOSTS", 1),
        web_workers=reader.number("WEB_WORKERS", 2),
        sandbox_port=sandbox_port,
        public_url=reader.text("PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        stripe_base=reader.text("STRIPE_BASE", f"{sandbox}/sandbox/stripe").rstrip("/"),
        stripe_key=reader.text("STRIPE_KEY", DEMO_STRIPE_KEY),
        stripe_webhook_secrets=reader.listed("STRIPE_WEBHOOK_SECRETS", DEMO_WEBHOOK_SECRET),
        cashier_origin=reader.text("CASHIER_ORIGIN", sandbox).rstrip("/"),
        courier=reader.text("COURIER", "sandbox"),
        beacon=reader.choice("BEACON", "demo", ("demo", "quicknet")),
        drand_relays=reader.listed("DRAND_RELAYS", f"{sandbox}/drand"),
        log_origin=reader.text("LOG_ORIGIN", "sunlit.example/log1"),
        demo=reader.flag("DEMO", default=not production),
        pace=reader.choice("PACE", "official" if production else "demo", ("demo", "official")),
        argon2_memory_kib=reader.number("ARGON2_MEMORY_KIB", 19_456),
        smtp_host=reader.text("SMTP_HOST", ""),
        mail_sender=reader.text("MAIL_SENDER", "no-reply@sunlit.example"),
    )
    faults = [*reader.faults, *_general_faults(settings)]
    if production:
        faults += _production_faults(settings)
    if faults:
        raise SettingsError(faults)
    return settings


def _general_faults(settings: Settings) -> list[str]:
    faults = []
    if not (len(settings.region) == 6 and settings.region.isdigit()):
        faults.append("SUNLIT_REGION must be 6 digits (GB/T 2260)")
    if settings.stripe_key.startswith("sk_live_") and not settings.stripe_base.startswith(
        "https://"
    ):
        faults.append("a live payment key is sent over https only: SUNLIT_STRIPE_BASE")
    if not 1 <= settings.port <= 65_535:
        faults.append("PORT must be 1 to 65535")
    return faults


def _production_faults(settings: Settings) -> list[str]:
    rules = (
        (
            len(settings.secret_key) < MIN_SECRET_LENGTH,
            f"SUNLIT_SECRET_KEY is missing or shorter than {MIN_SECRET_LENGTH} characters",
        ),
        (settings.secret_key == DEMO_SECRET, "SUNLIT_SECRET_KEY is the demo key"),
        (settings.demo, "SUNLIT_DEMO must be off in production"),
        (settings.pace == "demo", "SUNLIT_PACE=demo is not for production"),
        (
            "/sandbox/" in settings.stripe_base or settings.stripe_key == DEMO_STRIPE_KEY,
            "sandbox payment is not for production: SUNLIT_STRIPE_BASE, SUNLIT_STRIPE_KEY",
        ),
        (
            DEMO_WEBHOOK_SECRET in settings.stripe_webhook_secrets,
            "SUNLIT_STRIPE_WEBHOOK_SECRETS holds the demo secret",
        ),
        (settings.courier == "sandbox", "the sandbox courier is not for production"),
        (settings.beacon == "demo", "the demo beacon is not for production"),
        (not settings.smtp_host, "SUNLIT_SMTP_HOST is missing: mail could not be sent"),
        (
            settings.web_hosts > 1 and settings.database_url.startswith("sqlite"),
            "SQLite serves one web host only: SUNLIT_DATABASE_URL",
        ),
    )
    return [text for broken, text in rules if broken]


class _Reader:
    """Reads single values and collects what is wrong with them."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.faults: list[str] = []

    def text(self, name: str, default: str) -> str:
        return self._env.get(f"SUNLIT_{name}", default).strip()

    def listed(self, name: str, default: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.text(name, default).split(",") if part.strip())

    def flag(self, name: str, *, default: bool) -> bool:
        return self.choice(name, "1" if default else "0", ("0", "1")) == "1"

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in allowed:
            self.faults.append(f"SUNLIT_{name} must be one of {', '.join(allowed)}")
            return default
        return value

    def number(self, name: str, default: int) -> int:
        key = "PORT" if name == "PORT" else f"SUNLIT_{name}"
        value = self._env.get(key, str(default)).strip()
        if not value.isdigit():
            self.faults.append(f"{key} must be a whole number")
            return default
        return int(value)


def fresh_secret() -> str:
    """Make a secret that passes the production check; for operators' set-up."""
    return secrets.token_urlsafe(48)

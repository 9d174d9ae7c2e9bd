"""The provider as the market reaches it."""

from dataclasses import dataclass

from billing.http import Policy
from billing.providers.stripe import StripeClient

POLICY = Policy(timeout=(3.05, 8), tries=2)
"""Shorter than a worker's lease, and short enough for a person who waits for the cashier."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """A client for outgoing calls and the secrets that incoming calls are signed with."""

    client: StripeClient
    webhook_secrets: tuple[str, ...]
    return_base: str  # the payer comes back to this address plus the order's path


def open_gateway(base: str, key: str, *, secrets: tuple[str, ...], return_base: str) -> Gateway:
    """Make the gateway that the settings name.

    Raises:
        billing.errors.ProviderConfigError: a live key for an address without https.
    """
    return Gateway(StripeClient(base, key, policy=POLICY), secrets, return_base)

"""Client of the Stripe wire: the same class talks to Stripe, to its mock and to our sandbox.

Only the base address, key and secrets differ. Source: https://docs.stripe.com/api
"""

from collections.abc import Iterator
from typing import Final

from typing_extensions import override

from billing.errors import ProviderConfigError
from billing.http import Call, Policy, Reply, Transport
from billing.providers.snapshots import (
    CheckoutSnapshot,
    IntentSnapshot,
    RefundSnapshot,
    TransferSnapshot,
)
from billing.wire import Json, Params, WireError, text

# After 2024-10-28, so that refund.created/updated/failed come for every refund.
API_VERSION: Final = "2024-11-20.acacia"
PAGE_SIZE: Final = 100


class StripeClient:
    """Calls of the payment provider. Never call it while a database transaction is open.

    Every method may raise ``ProviderRefusedError`` (no effect), ``OutcomeUnknownError`` (a POST:
    look it up or repeat with the same key) or ``ProviderUnavailableError`` (a GET).
    ``key`` is the idempotency key, stored before the call.
    """

    def __init__(
        self, base: str, key: str, *, version: str = API_VERSION, policy: Policy | None = None
    ) -> None:
        self._transport = Transport(base, key, version, policy or Policy())
        self.is_mock = False  # true once an answer carried the mark of stripe-mock

    @override
    def __repr__(self) -> str:
        return f"StripeClient({self._transport!r})"

    def create_intent(self, params: Params, *, key: str) -> IntentSnapshot:
        """Open a payment intent; with ``confirm`` its ``next_url`` is the cashier."""
        return IntentSnapshot.parse(self.post("/v1/payment_intents", params, key=key))

    def retrieve_intent(self, intent: str) -> IntentSnapshot:
        """Read a payment intent as it stands."""
        return IntentSnapshot.parse(self.get(f"/v1/payment_intents/{intent}"))

    def confirm_intent(self, intent: str, params: Params, *, key: str) -> IntentSnapshot:
        """Confirm a payment intent that was opened without."""
        return IntentSnapshot.parse(
            self.post(f"/v1/payment_intents/{intent}/confirm", params, key=key)
        )

    def cancel_intent(self, intent: str, *, key: str) -> IntentSnapshot:
        """Cancel a payment intent that is not paid."""
        return IntentSnapshot.parse(self.post(f"/v1/payment_intents/{intent}/cancel", {}, key=key))

    def create_checkout(self, params: Params, *, key: str) -> CheckoutSnapshot:
        """Open a hosted checkout."""
        return CheckoutSnapshot.parse(self.post("/v1/checkout/sessions", params, key=key))

    def retrieve_checkout(self, checkout: str) -> CheckoutSnapshot:
        """Read a hosted checkout as it stands."""
        return CheckoutSnapshot.parse(self.get(f"/v1/checkout/sessions/{checkout}"))

    def expire_checkout(self, checkout: str, *, key: str) -> CheckoutSnapshot:
        """Close a hosted checkout that is still open."""
        return CheckoutSnapshot.parse(
            self.post(f"/v1/checkout/sessions/{checkout}/expire", {}, key=key)
        )

    def create_refund(self, params: Params, *, key: str) -> RefundSnapshot:
        """Send money back to the payer."""
        return RefundSnapshot.parse(self.post("/v1/refunds", params, key=key))

    def retrieve_refund(self, refund: str) -> RefundSnapshot:
        """Read a refund as it stands."""
        return RefundSnapshot.parse(self.get(f"/v1/refunds/{refund}"))

    def list_refunds(self, intent: str) -> list[RefundSnapshot]:
        """List the refunds of a payment intent: the look-up after an unknown outcome."""
        found = self.pages("/v1/refunds", {"payment_intent": intent})
        return [RefundSnapshot.parse(one) for one in found]

    def create_transfer(self, params: Params, *, key: str) -> TransferSnapshot:
        """Move money to a connected account."""
        return TransferSnapshot.parse(self.post("/v1/transfers", params, key=key))

    def retrieve_transfer(self, transfer: str) -> TransferSnapshot:
        """Read a transfer as it stands."""
        return TransferSnapshot.parse(self.get(f"/v1/transfers/{transfer}"))

    def list_transfers(self, transfer_group: str) -> list[TransferSnapshot]:
        """List the transfers of one group: the look-up after an unknown outcome."""
        found = self.pages("/v1/transfers", {"transfer_group": transfer_group})
        return [TransferSnapshot.parse(one) for one in found]

    def reverse_transfer(self, transfer: str, params: Params, *, key: str) -> Json:
        """Take back some of a transfer."""
        return self.post(f"/v1/transfers/{transfer}/reversals", params, key=key)

    def create_account(self, params: Params, *, key: str) -> Json:
        """Open a connected account."""
        return self.post("/v1/accounts", params, key=key)

    def retrieve_event(self, event: str) -> Json:
        """Read an event."""
        return self.get(f"/v1/events/{event}")

    def list_events(self, params: Params) -> Iterator[Json]:
        """Page through events, newest first."""
        return self.pages("/v1/events", params)

    def list_balance_transactions(self, params: Params) -> Iterator[Json]:
        """Page through everything that moved the balance, newest first."""
        return self.pages("/v1/balance_transactions", params)

    def pages(self, path: str, params: Params) -> Iterator[Json]:
        """Yield all rows of a list, page after page.

        Raises:
            WireError: not a list, or a page that does not get further.
        """
        query: dict[str, object] = {"limit": PAGE_SIZE, **params}
        while True:
            page = self.get(path, query)
            rows = page.get("data")
            if not isinstance(rows, list):
                raise WireError(field="data")
            yield from rows
            if page.get("has_more") is not True:
                return
            last = text(rows[-1], "id") if rows else None
            if last is None or last == query.get("starting_after"):
                raise WireError(field="has_more")
            query["starting_after"] = last

    def get(self, path: str, params: Params | None = None) -> Json:
        """Ask; repeated freely."""
        return self._send(Call("GET", path, params or {})).body

    def post(self, path: str, params: Params, *, key: str) -> Json:
        """Act, under an idempotency key.

        Raises:
            ProviderConfigError: the key is empty, too long or not plain ASCII.
        """
        if not key or len(key) > 255 or not (key.isascii() and key.isprintable()):
            raise ProviderConfigError(why="idempotency_key")
        return self._send(Call("POST", path, params, key)).body

    def _send(self, call: Call) -> Reply:
        reply = self._transport.send(call)
        self.is_mock = self.is_mock or reply.is_mock
        return reply

"""Which parameters each call takes; anything else is refused, as the real provider does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from billing.sandbox.refusal import Refusal
from billing.wire import Json

_WHOLE = re.compile(r"-?[0-9]{1,15}")
MAX_METADATA: Final = 50


@dataclass(frozen=True, slots=True)
class Rule:
    """One parameter; ``inner`` is for objects and lists of objects."""

    kind: str  # text, whole, flag, metadata, object, texts, objects
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: int = 0
    inner: Mapping[str, "Rule"] = field(default_factory=dict)


Shape = Mapping[str, Rule]

TEXT: Final = Rule("text")
FLAG: Final = Rule("flag")
METADATA: Final = Rule("metadata")
AMOUNT: Final = Rule("whole", required=True, minimum=1)
PART: Final = Rule("whole", minimum=1)
CURRENCY: Final = Rule("text", required=True, choices=("cny", "CNY"))
METHODS: Final = ("card", "alipay", "wechat_pay")
METHOD_DATA: Final = Rule("object", inner={"type": Rule("text", required=True, choices=METHODS)})
CREATED: Final = Rule(
    "object", inner={bound: Rule("whole") for bound in ("gte", "gt", "lte", "lt")}
)
PAGE: Final[Shape] = {
    "limit": Rule("whole", minimum=1),
    "starting_after": TEXT,
    "ending_before": TEXT,
    "created": CREATED,
}

INTENT: Final[Shape] = {
    "amount": AMOUNT,
    "currency": CURRENCY,
    "payment_method_types": Rule("texts", choices=METHODS),
    "automatic_payment_methods": Rule("object", inner={"enabled": FLAG, "allow_redirects": TEXT}),
    "payment_method_data": METHOD_DATA,
    "confirm": FLAG,
    "return_url": TEXT,
    "description": TEXT,
    "metadata": METADATA,
    "transfer_group": TEXT,
    "capture_method": Rule("text", choices=("automatic", "automatic_async")),
    "statement_descriptor": TEXT,
    "receipt_email": TEXT,
}
CONFIRM: Final[Shape] = {"payment_method_data": METHOD_DATA, "return_url": TEXT}
CANCEL: Final[Shape] = {
    "cancellation_reason": Rule(
        "text", choices=("duplicate", "fraudulent", "requested_by_customer", "abandoned")
    )
}
CHECKOUT: Final[Shape] = {
    "mode": Rule("text", required=True, choices=("payment",)),
    "success_url": Rule("text", required=True),
    "cancel_url": TEXT,
    "client_reference_id": TEXT,
    "customer_email": TEXT,
    "locale": TEXT,
    "expires_at": Rule("whole", minimum=1),
    "metadata": METADATA,
    "payment_method_types": Rule("texts", choices=METHODS),
    "payment_intent_data": Rule(
        "object",
        inner={"description": TEXT, "metadata": METADATA, "transfer_group": TEXT},
    ),
    "line_items": Rule(
        "objects",
        required=True,
        inner={
            "quantity": Rule("whole", required=True, minimum=1),
            "price_data": Rule(
                "object",
                required=True,
                inner={
                    "currency": CURRENCY,
                    "unit_amount": AMOUNT,
                    "product_data": Rule(
                        "object",
                        required=True,
                        inner={
                            "name": Rule("text", required=True),
                            "description": TEXT,
                            "metadata": METADATA,
                        },
                    ),
                },
            ),
        },
    ),
}
REFUND: Final[Shape] = {
    "payment_intent": TEXT,
    "charge": TEXT,
    "amount": PART,
    "reason": Rule("text", choices=("duplicate", "fraudulent", "requested_by_customer")),
    "metadata": METADATA,
}
TRANSFER: Final[Shape] = {
    "amount": AMOUNT,
    "currency": CURRENCY,
    "destination": Rule("text", required=True),
    "source_transaction": TEXT,
    "transfer_group": TEXT,
    "description": TEXT,
    "metadata": METADATA,
}
REVERSAL: Final[Shape] = {"amount": PART, "description": TEXT, "metadata": METADATA}
ACCOUNT: Final[Shape] = {
    "type": Rule("text", choices=("standard", "express", "custom")),
    "country": TEXT,
    "email": TEXT,
    "business_type": Rule(
        "text", choices=("company", "government_entity", "individual", "non_profit")
    ),
    "metadata": METADATA,
}
FAULT: Final[Shape] = {
    "kind": Rule("text", required=True),
    "times": Rule("whole", minimum=1),
    "path": TEXT,
}
PRESS: Final[Shape] = {
    "id": Rule("text", required=True),
    "button": Rule("text", required=True),
}


def read(shape: Shape, nested: Json, prefix: str = "") -> Json:
    """Check and type the parameters of a call.

    Raises:
        Refusal: unknown, missing or ill-typed parameter, as status 400.
    """
    for name in nested:
        if name not in shape:
            param = _named(prefix, name)
            raise Refusal(
                f"Received unknown parameter: {param}", code="parameter_unknown", param=param
            )
    typed: Json = {}
    for name, rule in shape.items():
        param = _named(prefix, name)
        if name not in nested:
            if rule.required:
                raise Refusal(
                    f"Missing required param: {param}.", code="parameter_missing", param=param
                )
            continue
        typed[name] = _READERS[rule.kind](rule, nested[name], param)
    return typed


def _named(prefix: str, name: str) -> str:
    return f"{prefix}[{name}]" if prefix else name


def _text(rule: Rule, value: object, param: str) -> str:
    if not isinstance(value, str) or len(value) > 5000:
        raise Refusal(f"Invalid string: {param}", param=param)
    if not value:
        raise Refusal(
            f"You passed an empty string for '{param}'.",
            code="parameter_invalid_empty",
            param=param,
        )
    if rule.choices and value not in rule.choices:
        raise Refusal(f"Invalid {param}: must be one of {', '.join(rule.choices)}", param=param)
    return value


def _whole(rule: Rule, value: object, param: str) -> int:
    if not isinstance(value, str) or not _WHOLE.fullmatch(value):
        raise Refusal(f"Invalid integer: {value}", code="parameter_invalid_integer", param=param)
    if int(value) < rule.minimum:
        raise Refusal(
            f"This value must be greater than or equal to {rule.minimum}.",
            code="parameter_invalid_integer",
            param=param,
        )
    return int(value)


def _flag(_rule: Rule, value: object, param: str) -> bool:
    if value not in {"true", "false"}:
        raise Refusal(f"Invalid boolean: {value}", param=param)
    return value == "true"


def _metadata(_rule: Rule, value: object, param: str) -> Json:
    if not isinstance(value, dict) or len(value) > MAX_METADATA:
        raise Refusal(f"Invalid metadata: {param}", param=param)
    for name, one in value.items():
        if not isinstance(one, str) or len(one) > 500 or len(name) > 40:
            raise Refusal(f"Invalid metadata: {param}[{name}]", param=param)
    return dict(value)


def _object(rule: Rule, value: object, param: str) -> Json:
    if not isinstance(value, dict):
        raise Refusal(f"Invalid object: {param}", param=param)
    return read(rule.inner, value, param)


def _rows(value: object, param: str) -> list[object]:
    if not isinstance(value, dict) or not all(name.isdigit() for name in value):
        raise Refusal(f"Invalid array: {param}", param=param)
    return [value[name] for name in sorted(value, key=int)]


def _texts(rule: Rule, value: object, param: str) -> list[str]:
    return [_text(rule, one, f"{param}[{n}]") for n, one in enumerate(_rows(value, param))]


def _objects(rule: Rule, value: object, param: str) -> list[Json]:
    return [_object(rule, one, f"{param}[{n}]") for n, one in enumerate(_rows(value, param))]


_READERS: Final = {
    "text": _text,
    "whole": _whole,
    "flag": _flag,
    "metadata": _metadata,
    "object": _object,
    "texts": _texts,
    "objects": _objects,
}

"""The steps that reach a payment provider: open, look, close, capture, void, refund. Requests hold ids and amounts."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from app.booking.desk import Tools
from app.domain.errors import Refusal
from app.domain.money import Money
from app.domain.recovery import Call, Lost, Recovery
from app.domain.refusals import PaymentUnavailable
from app.journal.steps import Step
from app.payments.contract import Charge, ChargeState, PaymentProvider, PaymentVerb, ProviderRefund, SessionWish

# A client is waiting for the form: a handful of quick tries, then an honest "unavailable".
_CLIENT_PATIENCE = 3
_READING = Recovery(lost=Lost.IDEMPOTENT)

Settle = Callable[[Session, Charge], None]
Refused = Callable[[Session, Refusal], None]
Asked = Callable[[PaymentProvider, str, Call], Awaitable[Charge]]


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenRequest:
    """What to open at which provider."""

    provider: str
    wish: SessionWish


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargeRequest:
    """One charge at a provider, and the amount to take or give back where one moves."""

    provider: str
    charge: str
    amount: Money | None = None


def open_charge(
    tools: Tools, payment: str, request: OpenRequest, settle: Settle, refused: Refused
) -> Step[OpenRequest, Charge]:
    """Open a charge whose form the payer is to be shown."""
    provider = tools.providers.get(request.provider)

    async def ask(wanted: OpenRequest, call: Call) -> Charge:
        return await provider.open(wanted.wish, call)

    async def find(_wanted: OpenRequest, call: Call, since: datetime) -> Charge | None:
        return await provider.find(call.key, since=since)

    return Step(
        name="open",
        item=payment,
        request=request,
        answer=Charge,
        ask=ask,
        settle=settle,
        refused=refused,
        find=find,
        recovery=provider.profile.recovery[PaymentVerb.OPEN],
        deadline=provider.profile.write_deadline,
        patience=_CLIENT_PATIENCE,
        gives_up=_unavailable(provider),
    )


def look(
    tools: Tools, payment: str, request: ChargeRequest, settle: Settle, refused: Refused
) -> Step[ChargeRequest, Charge]:
    """Read the charge as it is now."""
    provider = tools.providers.get(request.provider)

    async def ask(wanted: ChargeRequest, _call: Call) -> Charge:
        return await provider.charge(wanted.charge)

    return Step(
        name="look",
        item=payment,
        request=request,
        answer=Charge,
        ask=ask,
        settle=settle,
        refused=refused,
        recovery=_READING,
        deadline=provider.profile.write_deadline,
        patience=_CLIENT_PATIENCE,
        gives_up=_unavailable(provider),
    )


def close(
    tools: Tools, payment: str, request: ChargeRequest, settle: Settle, refused: Refused
) -> Step[ChargeRequest, Charge]:
    """Take no card for the charge any more; the answer is final. Never gives up: a live form must not stay behind."""

    async def ask(provider: PaymentProvider, charge: str, call: Call) -> Charge:
        return await provider.close(charge, call)

    return _changing(tools, PaymentVerb.CLOSE, payment, request, settle, ask, _final, refused)


def capture(
    tools: Tools, payment: str, request: ChargeRequest, settle: Settle, refused: Refused
) -> Step[ChargeRequest, Charge]:
    """Take the amount that is authorised. Only the provider's no ends it: what was confirmed has to be paid."""
    amount = request.amount
    assert amount is not None  # noqa: S101 - a capture without an amount is a bug

    async def ask(provider: PaymentProvider, charge: str, call: Call) -> Charge:
        return await provider.capture(charge, amount, call)

    return _changing(tools, PaymentVerb.CAPTURE, payment, request, settle, ask, _captured, refused)


def void(
    tools: Tools, payment: str, request: ChargeRequest, settle: Settle, refused: Refused
) -> Step[ChargeRequest, Charge]:
    """Release what is authorised. Never gives up: money nobody takes must not stay blocked."""

    async def ask(provider: PaymentProvider, charge: str, call: Call) -> Charge:
        return await provider.void(charge, call)

    return _changing(tools, PaymentVerb.VOID, payment, request, settle, ask, _closed, refused)


def refund(
    tools: Tools,
    payment: str,
    request: ChargeRequest,
    settle: Callable[[Session, ProviderRefund], None],
    refused: Refused,
) -> Step[ChargeRequest, ProviderRefund]:
    """Give money back to the card it came from. Never gives up; only the provider's no hands it to a person."""
    provider = tools.providers.get(request.provider)
    amount = request.amount
    assert amount is not None  # noqa: S101 - a refund without an amount is a bug

    async def ask(wanted: ChargeRequest, call: Call) -> ProviderRefund:
        return await provider.refund(wanted.charge, amount, call)

    async def find(wanted: ChargeRequest, call: Call, _since: datetime) -> ProviderRefund | None:
        made = (await provider.charge(wanted.charge)).refunds
        return next((refund for refund in made if refund.key == call.key), None)

    return Step(
        name="refund",
        item=payment,
        request=request,
        answer=ProviderRefund,
        ask=ask,
        settle=settle,
        refused=refused,
        find=find,
        recovery=provider.profile.recovery[PaymentVerb.REFUND],
        deadline=provider.profile.write_deadline,
    )


def _changing(
    tools: Tools,
    verb: PaymentVerb,
    payment: str,
    request: ChargeRequest,
    settle: Settle,
    ask: Asked,
    done: Callable[[Charge], bool],
    refused: Refused,
) -> Step[ChargeRequest, Charge]:
    """A step whose lost answer the charge itself tells: `done` says whether its effect is there."""
    provider = tools.providers.get(request.provider)

    async def asked(wanted: ChargeRequest, call: Call) -> Charge:
        return await ask(provider, wanted.charge, call)

    async def find(wanted: ChargeRequest, _call: Call, _since: datetime) -> Charge | None:
        charge = await provider.charge(wanted.charge)
        return charge if done(charge) else None

    return Step(
        name=verb.value.lower(),
        item=payment,
        request=request,
        answer=Charge,
        ask=asked,
        settle=settle,
        find=find,
        recovery=provider.profile.recovery[verb],
        deadline=provider.profile.write_deadline,
        refused=refused,
    )


def _final(charge: Charge) -> bool:
    return charge.state != ChargeState.OPEN


def _captured(charge: Charge) -> bool:
    return charge.state == ChargeState.CAPTURED


def _closed(charge: Charge) -> bool:
    return charge.state == ChargeState.CLOSED


def _unavailable(provider: PaymentProvider) -> PaymentUnavailable:
    return PaymentUnavailable(
        message=f"{provider.profile.name} cannot be reached now. Nothing was charged; try again later."
    )

"""The steps that reach a carrier: check, hold, buy, pay, cancel, read. Requests hold ids and amounts only."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session, select

from app.booking.desk import Tools
from app.booking.people import for_carrier, rows_at
from app.booking.services import price_now, with_offer
from app.domain.aftersales import ServiceChoice
from app.domain.errors import Refusal
from app.domain.itinerary import CarrierOffer
from app.domain.money import Money
from app.domain.recovery import Call, Lost, Recovery
from app.domain.refusals import CarrierRefused, CarrierUnavailable, InvalidInput, OfferExpired
from app.journal.steps import A, Q, Step, nothing
from app.store.tables import InboxRow
from carriers.contract import Cancelled, Carrier, CarrierOrder, HeardKind, OrderState, Purchase, Verb

# A client is waiting: a handful of quick tries, then an honest "unavailable".
_CLIENT_PATIENCE = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class PurchaseRequest:
    """What to hold or buy. `passengers` are the carrier's references by traveller id, `travellers` versions by id."""

    carrier: str
    offer: str
    price: Money
    passengers: Mapping[str, str]
    travellers: Mapping[str, int]
    services: tuple[ServiceChoice, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderRequest:
    """One order at a carrier, and the amount to pay for it where one is paid."""

    carrier: str
    order: str
    amount: Money | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtendRequest:
    """One held order, and how long it is to be kept."""

    carrier: str
    order: str
    until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferRequest:
    """One offer at a carrier, which is to be held if it can be."""

    carrier: str
    offer: str
    hold: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class QuoteRequest:
    """A held order; or the offer of what is not held, with the services that are bought with it."""

    carrier: str
    order: str | None
    offer: str
    services: tuple[ServiceChoice, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Quoted:
    """What the carrier asks now, in its own currency."""

    total: Money


def check(
    tools: Tools,
    item: str,
    request: OfferRequest,
    settle: Callable[[Session, CarrierOffer], None],
    refused: Callable[[Session, Refusal], None],
) -> Step[OfferRequest, CarrierOffer]:
    """Ask the carrier what it would sell the offer for now."""
    carrier = tools.carriers.get(request.carrier)

    async def ask(wanted: OfferRequest) -> CarrierOffer:
        found = await carrier.check(wanted.offer)
        held = found.holdable and wanted.hold
        if not held and found.expires_at - tools.terms.pay_margin <= tools.clock.now():
            raise OfferExpired(message="This offer ends too soon to be paid; search again.")
        return found

    return asking(carrier, "check", item, request, CarrierOffer, ask, settle=settle, refused=refused)


def read(
    tools: Tools,
    item: str,
    request: OrderRequest,
    settle: Callable[[Session, CarrierOrder], None],
    refused: Callable[[Session, Refusal], None],
) -> Step[OrderRequest, CarrierOrder]:
    """Read the order as the carrier has it now."""
    carrier = tools.carriers.get(request.carrier)

    async def ask(wanted: OrderRequest) -> CarrierOrder:
        return await carrier.order(wanted.order)

    return asking(carrier, "read", item, request, CarrierOrder, ask, settle=settle, refused=refused)


def quote(tools: Tools, item: str, request: QuoteRequest) -> Step[QuoteRequest, Quoted]:
    """Ask what the carrier charges now, for a held order or for an offer that could not be held."""
    carrier = tools.carriers.get(request.carrier)

    async def ask(wanted: QuoteRequest) -> Quoted:
        if wanted.order is None:
            return Quoted(total=await _offer_total(carrier, wanted))
        order = await carrier.order(wanted.order)
        if order.state in {OrderState.CANCELLED, OrderState.REJECTED}:
            raise OfferExpired(
                message="The carrier has cancelled this hold; search again.", path=("input", "bookingId")
            )
        return Quoted(total=order.total)

    return asking(carrier, "quote", item, request, Quoted, ask)


def purchase(
    tools: Tools,
    verb: Verb,
    item: str,
    request: PurchaseRequest,
    settle: Callable[[Session, CarrierOrder], None],
    *,
    turn: int = 1,
) -> Step[PurchaseRequest, CarrierOrder]:
    """Hold the offer's space, or buy it at once; either makes one order that carries the step's key.

    `turn` counts the prices it was asked for at: a refused step is final, so the next price is asked for in its own.
    """
    carrier = tools.carriers.get(request.carrier)
    act = carrier.hold if verb == Verb.HOLD else carrier.buy

    async def ask(wanted: PurchaseRequest, call: Call) -> CarrierOrder:
        now = tools.clock.now()
        travellers = await tools.store.read(
            lambda session: for_carrier(rows_at(session, wanted.travellers), wanted.passengers, tools.vault, now)
        )
        bought = Purchase(
            offer=wanted.offer, price=wanted.price, passengers=wanted.passengers, services=wanted.services
        )
        try:
            return await act(bought, travellers, call)
        except InvalidInput as invalid:
            # The carrier names a place in its own request: where that is in the client's, the verb tells.
            where = invalid.path if verb == Verb.HOLD else ("bookingId",)
            raise replace(invalid, path=("input", *where)) from None

    async def find(wanted: PurchaseRequest, call: Call, since: datetime) -> CarrierOrder | None:
        found = await carrier.find(call.key, since=since)
        if found is None and await tools.store.read(lambda session: _heard_failure(session, wanted.carrier, call.key)):
            raise CarrierRefused(
                message="The carrier tried to make the order and could not.",
                carrier=wanted.carrier,
                reason="order_creation_failed",
            )
        return found

    return changing(carrier, verb, item, request, CarrierOrder, ask, settle=settle, find=find, turn=turn)


def pay(
    tools: Tools, item: str, request: OrderRequest, settle: Callable[[Session, CarrierOrder], None], *, turn: int = 1
) -> Step[OrderRequest, CarrierOrder]:
    """Pay the held order, which confirms it; `turn` as in `purchase`."""
    carrier = tools.carriers.get(request.carrier)

    async def ask(wanted: OrderRequest, call: Call) -> CarrierOrder:
        assert wanted.amount is not None  # noqa: S101 - a payment without an amount is a bug
        return await carrier.pay(wanted.order, wanted.amount, call)

    async def find(wanted: OrderRequest, _call: Call, _since: datetime) -> CarrierOrder | None:
        order = await carrier.order(wanted.order)
        return order if order.state == OrderState.CONFIRMED else None

    return changing(carrier, Verb.PAY, item, request, CarrierOrder, ask, settle=settle, find=find, turn=turn)


def extend(
    tools: Tools, item: str, request: ExtendRequest, settle: Callable[[Session, CarrierOrder], None]
) -> Step[ExtendRequest, CarrierOrder]:
    """Have a held order kept for longer; asking again for the same instant changes nothing."""
    carrier = tools.carriers.get(request.carrier)

    async def ask(wanted: ExtendRequest, call: Call) -> CarrierOrder:
        return await carrier.extend(wanted.order, wanted.until, call)

    return changing(carrier, Verb.EXTEND, item, request, CarrierOrder, ask, settle=settle)


def cancel(
    tools: Tools,
    item: str,
    request: OrderRequest,
    settle: Callable[[Session, Cancelled], None],
    refused: Callable[[Session, Refusal], None],
) -> Step[OrderRequest, Cancelled]:
    """Cancel the order. Never gives up: an order nobody wants must not stay behind."""
    carrier = tools.carriers.get(request.carrier)

    async def ask(wanted: OrderRequest, call: Call) -> Cancelled:
        return await carrier.cancel(wanted.order, call)

    return Step(
        name="cancel",
        item=item,
        request=request,
        answer=Cancelled,
        ask=ask,
        settle=settle,
        refused=refused,
        recovery=carrier.profile.recovery[Verb.CANCEL],
        deadline=carrier.profile.write_deadline,
    )


def asking(
    carrier: Carrier,
    name: str,
    item: str,
    request: Q,
    answer: type[A],
    ask: Callable[[Q], Awaitable[A]],
    *,
    settle: Callable[[Session, A], None] = lambda _session, _answer: None,
    refused: Callable[[Session, Refusal], None] = nothing,
) -> Step[Q, A]:
    """A step that asks the carrier something which changes nothing there.

    What is still under way harms nobody, so nothing waits for its end.
    """

    async def asked(wanted: Q, _call: Call) -> A:
        return await ask(wanted)

    return Step(
        name=name,
        item=item,
        request=request,
        answer=answer,
        ask=asked,
        settle=settle,
        refused=refused,
        recovery=Recovery(lost=Lost.IDEMPOTENT),
        deadline=timedelta(),
        patience=_CLIENT_PATIENCE,
        gives_up=unavailable(carrier),
    )


def changing(
    carrier: Carrier,
    verb: Verb,
    item: str,
    request: Q,
    answer: type[A],
    ask: Callable[[Q, Call], Awaitable[A]],
    *,
    settle: Callable[[Session, A], None],
    refused: Callable[[Session, Refusal], None] = nothing,
    find: Callable[[Q, Call, datetime], Awaitable[A | None]] | None = None,
    turn: int = 1,
) -> Step[Q, A]:
    """A step that changes something at the carrier, which is given its own time to answer and to settle."""
    name = verb.value.lower().replace("_", "-")
    return Step(
        name=name if turn == 1 else f"{name}-{turn}",
        item=item,
        request=request,
        answer=answer,
        ask=ask,
        settle=settle,
        refused=refused,
        find=find,
        recovery=carrier.profile.recovery[verb],
        deadline=carrier.profile.write_deadline,
        patience=_CLIENT_PATIENCE,
        gives_up=unavailable(carrier),
    )


def unavailable(carrier: Carrier) -> CarrierUnavailable:
    """What the client gets when the carrier could not be reached for so long that asking was given up."""
    profile = carrier.profile
    return CarrierUnavailable(
        message=f"{profile.name} cannot be reached now. Nothing was booked or charged there; try again later.",
        carrier=profile.code,
    )


async def _offer_total(carrier: Carrier, wanted: QuoteRequest) -> Money:
    """What the offer costs now, with its services."""
    fare = (await carrier.check(wanted.offer)).total
    if not wanted.services:
        return fare
    for_sale = await with_offer(carrier, wanted.offer, wanted.services)
    return fare + price_now(wanted.services, for_sale, fare.currency)


def _heard_failure(session: Session, carrier: str, key: str) -> bool:
    query = select(InboxRow.event).where(
        InboxRow.source == carrier, InboxRow.key == key, InboxRow.kind == HeardKind.ORDER_FAILED
    )
    return session.exec(query).first() is not None

"""Pay: agree the price, confirm every item with its carrier, then book the debt; all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from app.booking import ledger, orders
from app.booking.desk import Desk, Outcome, Tools
from app.booking.facts import Author, items_of, move, offer_of, owned_booking, price_of, refresh, tell
from app.booking.people import current_rows, versions
from app.booking.prices import at_carrier_total
from app.booking.release import LiveItem, release
from app.booking.tickets import write_tickets
from app.domain import codec
from app.domain.booking import BookingState, ItemState
from app.domain.errors import (
    CarrierUnavailable,
    CreditExceeded,
    InvalidInput,
    MoneyMovement,
    PaymentTooLate,
    PriceChanged,
    Refusal,
    WrongState,
)
from app.domain.events import EventKind
from app.domain.itinerary import Price
from app.domain.money import Money, total
from app.domain.partner import Viewer
from app.journal.journal import Prepared
from app.journal.run import Claim, Run
from app.journal.steps import Step
from app.store.partners import partner_of
from app.store.tables import BookingRow, ItemRow, PartnerRow, PaymentMethod, PaymentRow, PaymentStatus
from carriers.contract import CarrierOrder, Verb

VERB = "pay@1"
# A guarantee that ends while we ask is none.
_SOON = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class PayWish:
    """The booking to pay on account: the partner confirms that its customer has paid.

    `reference` is the partner's own for the payment; `accept_up_to` the highest total it takes without asking.
    """

    booking_id: str
    reference: str | None = None
    accept_up_to: Money | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PayItem:
    """One item to confirm. `order` is the held order to pay; None buys `offer` at once."""

    item: str
    carrier: str
    order: str | None
    offer: str
    price: Price
    guaranteed: bool
    reversible: bool
    passengers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class PayOrder:
    """All that the verb reads."""

    payment: str
    items: tuple[PayItem, ...]
    travellers: Mapping[str, int]
    shown: Money
    highest: Money


async def take_pay(desk: Desk, viewer: Viewer, key: str, wish: PayWish) -> Outcome:
    """Pay a held booking on account; PaymentTooLate, WrongState or CreditExceeded when that cannot begin."""
    opening = desk.opening(viewer, VERB, key, wish)
    return await desk.take(opening, partial(_prepare, desk.tools, viewer, wish), booking_id=wish.booking_id)


async def pay(tools: Tools, run: Run) -> None:
    """The verb: what can be undone freely is confirmed first and together, the irrevocable last and singly."""
    order = codec.load(PayOrder, run.claim.input)
    order = await _agree(tools, run, order)
    free = [item for item in order.items if item.reversible]
    last = [item for item in order.items if not item.reversible]
    confirmed: list[LiveItem] = []
    for together in filter(None, [free, *([item] for item in last)]):
        answers = await run.each([_confirm(tools, run.claim, order, item) for item in together])
        confirmed += [
            LiveItem(item=item.item, carrier=item.carrier, order=answer.ref)
            for item, answer in zip(together, answers, strict=True)
            if not isinstance(answer, Refusal)
        ]
        refusal = next((answer for answer in answers if isinstance(answer, Refusal)), None)
        if refusal is not None:
            await _give_up(tools, run, order, confirmed, refusal)
    await run.record("capture", bool, partial(_capture, tools, run.claim, order))


async def _agree(tools: Tools, run: Run, order: PayOrder) -> PayOrder:
    """The order at the carriers' prices of now; PriceChanged when the total is more than was shown or accepted."""
    floating = [item for item in order.items if not item.guaranteed]
    answers = await run.each(
        [
            orders.quote(
                tools, item.item, orders.QuoteRequest(carrier=item.carrier, order=item.order, offer=item.offer)
            )
            for item in floating
        ]
    )
    refusal = next((answer for answer in answers if isinstance(answer, Refusal)), None)
    if refusal is not None:
        await _give_up(tools, run, order, [], refusal)
    totals = {
        item.item: answer.total
        for item, answer in zip(floating, answers, strict=True)
        if not isinstance(answer, Refusal)
    }
    items = tuple(
        replace(item, price=at_carrier_total(item.price, totals.get(item.item, item.price.carrier_total)))
        for item in order.items
    )
    new_total = total((item.price.total for item in items), order.shown.currency)
    if new_total > order.highest:
        changed = PriceChanged(
            message="The carrier's price has changed. Pay again accepting up to the new total, or cancel.",
            path=("input", "bookingId"),
            old_total=order.shown,
            new_total=new_total,
        )
        await run.record("reprice", bool, partial(_reprice, tools, run.claim, items, changed))
        await _give_up(tools, run, order, [], changed)
    return replace(order, items=items)


async def _give_up(tools: Tools, run: Run, order: PayOrder, confirmed: Sequence[LiveItem], refusal: Refusal) -> None:
    """No money moves. The hold stays where trying again makes sense; else everything is released."""
    if confirmed or not isinstance(refusal, (PriceChanged, CarrierUnavailable)):
        taken = {item.item: item.order for item in confirmed}
        live = [
            LiveItem(item=item.item, carrier=item.carrier, order=taken.get(item.item, item.order))
            for item in order.items
        ]
        await release(tools, run, live, ItemState.CANCELLED, reason=refusal.code)
    await run.record("void", bool, partial(_void, tools, run.claim, order))
    raise refusal


def _confirm(
    tools: Tools, claim: Claim, order: PayOrder, item: PayItem
) -> Step[orders.OrderRequest, CarrierOrder] | Step[orders.PurchaseRequest, CarrierOrder]:
    settle = partial(_write_confirmed, tools, claim, item)
    if item.order is not None:
        request = orders.OrderRequest(carrier=item.carrier, order=item.order, amount=item.price.carrier_total)
        return orders.pay(tools, item.item, request, settle)
    wanted = orders.PurchaseRequest(
        carrier=item.carrier,
        offer=item.offer,
        price=item.price.carrier_total,
        passengers=item.passengers,
        travellers=order.travellers,
    )
    return orders.purchase(tools, Verb.BUY, item.item, wanted, settle)


def _write_confirmed(tools: Tools, claim: Claim, item: PayItem, session: Session, made: CarrierOrder) -> None:
    now = tools.clock.now()
    row = session.get_one(ItemRow, item.item)
    row.order_ref, row.order_reference, row.inventory_held = made.ref, made.reference, True
    row.price = codec.dump(item.price)
    row.confirmed_at = now
    move(session, row, ItemState.CONFIRMED)
    lines = ledger.carrier_cost(item.price.carrier_total, item.carrier)
    ledger.post(session, claim, ledger.EntryKind.CARRIER_COST, lines, now, row.id)
    tell(
        session,
        claim,
        EventKind.ITEM_CONFIRMED,
        now,
        item_id=row.id,
        order=made.reference,
        cost=item.price.carrier_total,
    )
    write_tickets(tools, claim, row, made, session)


def _capture(tools: Tools, claim: Claim, order: PayOrder, session: Session) -> bool:
    """Everything is confirmed: the reserved credit becomes a debt, in the ledger and on the timeline."""
    now = tools.clock.now()
    charged = total((item.price.total for item in order.items), order.shown.currency)
    payment = session.get_one(PaymentRow, order.payment, with_for_update=True)
    payment.status, payment.amount_minor, payment.settled_at = PaymentStatus.CAPTURED, charged.minor, now
    for item in order.items:
        lines = ledger.sale(item.price, claim.partner_id, item.carrier)
        ledger.post(session, claim, ledger.EntryKind.SALE, lines, now, item.item)
    paid = ledger.payment_on_account(charged, claim.partner_id)
    ledger.post(session, claim, ledger.EntryKind.PAYMENT, paid, now)
    refresh(session, str(claim.booking_id))
    tell(session, claim, EventKind.PAYMENT_CAPTURED, now, amount=charged, method=PaymentMethod.ON_ACCOUNT)
    return True


def _void(tools: Tools, claim: Claim, order: PayOrder, session: Session) -> bool:
    payment = session.get_one(PaymentRow, order.payment, with_for_update=True)
    payment.status, payment.settled_at = PaymentStatus.VOIDED, tools.clock.now()
    tell(
        session,
        claim,
        EventKind.PAYMENT_VOIDED,
        tools.clock.now(),
        amount=Money(payment.amount_minor, payment.currency),
    )
    return True


def _reprice(tools: Tools, claim: Claim, items: Sequence[PayItem], changed: PriceChanged, session: Session) -> bool:
    for item in items:
        session.get_one(ItemRow, item.item).price = codec.dump(item.price)
    refresh(session, str(claim.booking_id))
    tell(
        session,
        claim,
        EventKind.PRICE_CHANGED,
        tools.clock.now(),
        oldTotal=changed.old_total,
        newTotal=changed.new_total,
    )
    return True


def _prepare(tools: Tools, viewer: Viewer, wish: PayWish, session: Session, operation_id: str) -> Prepared:
    now = tools.clock.now()
    booking = owned_booking(session, viewer.partner.id, wish.booking_id)
    items = items_of(session, booking.id)
    _check_payable(booking, items, now)
    shown = Money(booking.total_minor, booking.currency)
    highest = _highest(shown, wish)
    _check_credit(session, viewer, highest)
    payment = PaymentRow(
        id=tools.ids.new("py"),
        partner_id=viewer.partner.id,
        booking_id=booking.id,
        operation_id=operation_id,
        method=PaymentMethod.ON_ACCOUNT,
        amount_minor=highest.minor,
        currency=highest.currency,
        reference=wish.reference,
        created_at=now,
    )
    session.add(payment)
    author = Author(partner_id=viewer.partner.id, booking_id=booking.id, operation_id=operation_id, actor=viewer.actor)
    tell(session, author, EventKind.PAYMENT_AUTHORISED, now, amount=highest, method=PaymentMethod.ON_ACCOUNT)
    order = PayOrder(
        payment=payment.id,
        items=tuple(_pay_item(item, now) for item in items),
        travellers=versions(current_rows(session, booking.id)),
        shown=shown,
        highest=highest,
    )
    return Prepared(booking_id=booking.id, input=codec.dump(order))


def _pay_item(row: ItemRow, now: datetime) -> PayItem:
    offer = offer_of(row)
    assert offer is not None  # noqa: S101 - a held item was checked
    refund = offer.conditions.refund
    guaranteed = row.price_guaranteed_until is not None and row.price_guaranteed_until - _SOON > now
    return PayItem(
        item=row.id,
        carrier=row.carrier,
        order=row.order_ref,
        offer=offer.ref,
        price=price_of(row),
        guaranteed=guaranteed and row.order_ref is not None,
        reversible=refund is not None and refund.allowed and not refund.fee,
        passengers=row.passengers,
    )


def _check_payable(booking: BookingRow, items: Sequence[ItemRow], now: datetime) -> None:
    late = booking.state == BookingState.EXPIRED or (booking.pay_by is not None and booking.pay_by <= now)
    if late and booking.pay_by is not None and booking.state in {BookingState.HELD, BookingState.EXPIRED}:
        raise PaymentTooLate(
            message=f"This booking had to be paid by {booking.pay_by:%Y-%m-%d %H:%M} UTC. Search and reserve again.",
            path=("input", "bookingId"),
            pay_by=booking.pay_by,
        )
    if booking.state != BookingState.HELD:
        raise WrongState(
            message=f"Only a held booking can be paid; this one is {booking.state}.",
            path=("input", "bookingId"),
            state=booking.state,
        )
    if any(item.state != ItemState.HELD or item.stuck for item in items):
        raise WrongState(
            message="Part of this booking has ended already, so it can only be cancelled.",
            path=("input", "bookingId"),
            state=booking.state,
        )


def _highest(shown: Money, wish: PayWish) -> Money:
    accepted = wish.accept_up_to
    if accepted is not None and accepted.currency != shown.currency:
        raise InvalidInput(
            message=f"Accept an amount in the booking's currency, {shown.currency}.", path=("input", "acceptUpTo")
        )
    return max(shown, accepted) if accepted else shown


def _check_credit(session: Session, viewer: Viewer, amount: Money) -> None:
    """CreditExceeded unless the limit covers it on top of what is owed and reserved; the row lock makes that exact."""
    partner = session.get_one(PartnerRow, viewer.partner.id, with_for_update=True)
    limit = partner_of(partner).credit.get(amount.currency, Money.zero(amount.currency))
    available = limit - ledger.owed(session, partner.id, amount.currency)
    if amount > available:
        raise CreditExceeded(
            message="The account's credit does not cover this booking.",
            path=("input", "bookingId"),
            money=MoneyMovement.NONE,
            required=amount,
            available=max(available, Money.zero(amount.currency)),
        )

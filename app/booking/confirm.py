"""Fulfil a booking that is covered: agree the price, confirm every item, then take the money; all or nothing."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import NoReturn

from sqlmodel import Session

from app import ledger
from app.booking import orders
from app.booking.costs import owe
from app.booking.desk import Tools
from app.booking.facts import move, refresh, tell
from app.booking.funds import Share, capture_cards, capture_on_account, give_back, look_at_forms, shared, void
from app.booking.looks import watch
from app.booking.payable import PayItem, PayOrder
from app.booking.prices import as_booked, at_carrier_total
from app.booking.release import LiveItem, release
from app.booking.services import booked_for
from app.booking.tickets import write_tickets
from app.domain import codec
from app.domain.booking import ItemState
from app.domain.errors import Refusal
from app.domain.events import EventKind
from app.domain.money import Money, total
from app.domain.refusals import CarrierRefused, CarrierUnavailable, OfferExpired, PaymentTooLate, PriceChanged
from app.journal.run import Claim, Run
from app.journal.steps import Step
from app.store.partners import partner_of
from app.store.tables import ItemRow, PartnerRow, PaymentMethod
from carriers.contract import CarrierOrder, OrderState, Verb

# How often a price may move between asking for it and paying it.
_TURNS = 2

GiveUp = Callable[[PayOrder, Mapping[str, str], Refusal], Awaitable[NoReturn]]


async def fulfil(tools: Tools, run: Run, order: PayOrder, *, keep_hold: bool = True) -> None:
    """Confirm everything with the carriers, then take the money; all or nothing, and the Refusal says why nothing.

    What can be undone freely is confirmed first and together, the irrevocable last and singly. `keep_hold`: the space
    stays where trying again makes sense.
    """
    giving_up = partial(_give_up, tools, run, keep_hold=keep_hold)
    order = await _quote(tools, run, order, giving_up)
    confirmed: dict[str, str] = {}
    for together in _in_order(order):
        order = await _confirm_all(tools, run, order, together, confirmed, giving_up)
    shares = shared(order.funds, _to_take(order))
    await run.record("sell", bool, partial(_sell, tools, run.claim, order, shares))
    refused = await capture_cards(tools, run, shares)
    if refused:
        await _unpaid(tools, run, order, confirmed, refused[0])


def _cost(order: PayOrder) -> Money:
    """What the booking costs at the prices its items were confirmed at."""
    return total((item.price.total for item in order.items), order.shown.currency) if order.items else order.shown


def _to_take(order: PayOrder) -> Money:
    """What is left to pay, or the part of it that was asked for: what the price did not need is not taken."""
    cost = _cost(order)
    reserved = total((fund.amount for fund in order.funds), cost.currency)
    return min(cost - order.captured, reserved - (order.highest - cost))


def _in_order(order: PayOrder) -> Iterator[list[str]]:
    """What is confirmed together, in its order."""
    free = [item.item for item in order.items if item.reversible]
    if free:
        yield free
    yield from ([item.item] for item in order.items if not item.reversible)


async def _quote(tools: Tools, run: Run, order: PayOrder, giving_up: GiveUp) -> PayOrder:
    """The order at the carriers' prices of now, where they are not guaranteed."""
    floating = [item for item in order.items if not item.guaranteed]
    answers = await run.each(
        [
            orders.quote(
                tools,
                item.item,
                orders.QuoteRequest(carrier=item.carrier, order=item.order, offer=item.offer, services=item.services),
            )
            for item in floating
        ]
    )
    await _go_on(order, answers, {}, giving_up)
    asked = {
        item.item: answer.total
        for item, answer in zip(floating, answers, strict=True)
        if isinstance(answer, orders.Quoted)
    }
    return await _agree(tools, run, order, asked, {}, giving_up)


async def _confirm_all(
    tools: Tools, run: Run, order: PayOrder, together: Sequence[str], confirmed: dict[str, str], giving_up: GiveUp
) -> PayOrder:
    """Confirm these items; where a carrier asks another price that is still agreed, once more at that."""
    for turn in range(1, _TURNS + 1):
        missing = [item for item in order.items if item.item in together and item.item not in confirmed]
        answers = await run.each([_confirm(tools, run.claim, order, item, turn) for item in missing])
        asked: dict[str, Money] = {}
        for item, answer in zip(missing, answers, strict=True):
            if isinstance(answer, CarrierOrder):
                confirmed[item.item] = answer.ref
            elif isinstance(answer, PriceChanged):
                asked[item.item] = answer.new_total
        await _go_on(order, map(_final, missing, answers), confirmed, giving_up)
        moving = bool(asked) and turn == _TURNS
        order = await _agree(tools, run, order, asked, confirmed, giving_up, moving=moving)
    return order


def _final(item: PayItem, answer: object) -> object:
    """The Refusal in an answer, where another price does not help."""
    if isinstance(answer, CarrierOrder) and answer.state in {OrderState.CANCELLED, OrderState.REJECTED}:
        return CarrierRefused(
            message="The carrier has cancelled this order.", carrier=item.carrier, reason="order_cancelled"
        )
    return None if isinstance(answer, PriceChanged) else answer


async def _agree(
    tools: Tools,
    run: Run,
    order: PayOrder,
    asked: Mapping[str, Money],
    confirmed: Mapping[str, str],
    giving_up: GiveUp,
    *,
    moving: bool = False,
) -> PayOrder:
    """The order at what the carriers ask; PriceChanged when the total is more than was shown or accepted.

    `moving` when a price keeps moving, so that no total can be paid.
    """
    items = tuple(
        replace(item, price=at_carrier_total(item.price, asked.get(item.item, item.price.carrier_total)))
        for item in order.items
    )
    new_total = total((item.price.total for item in items), order.shown.currency)
    if new_total > order.highest or moving:
        gone = "The booking was released, for part of it cannot be had at this price: search and reserve again."
        again = "The carrier's price has changed. Pay again accepting up to the new total, or cancel."
        changed = PriceChanged(
            message=gone if confirmed else again,
            path=("input", "bookingId"),
            old_total=order.shown,
            new_total=new_total,
        )
        await run.record("reprice", bool, partial(_reprice, tools, run.claim, items, changed))
        await giving_up(order, confirmed, changed)
    return replace(order, items=items)


async def _go_on(order: PayOrder, answers: Iterable[object], confirmed: Mapping[str, str], giving_up: GiveUp) -> None:
    """All or nothing: the first Refusal gives up, and is raised."""
    refusal = next((answer for answer in answers if isinstance(answer, Refusal)), None)
    if refusal is not None:
        await giving_up(order, confirmed, refusal)


async def _give_up(
    tools: Tools, run: Run, order: PayOrder, confirmed: Mapping[str, str], refusal: Refusal, *, keep_hold: bool
) -> NoReturn:
    """No money moves. The hold stays where trying again makes sense; else everything is released."""
    if confirmed or not keep_hold or not isinstance(refusal, (PriceChanged, CarrierUnavailable)):
        lapsed = not confirmed and (not keep_hold or isinstance(refusal, (PaymentTooLate, OfferExpired)))
        state = ItemState.EXPIRED if lapsed else ItemState.CANCELLED
        await release(tools, run, _live(order, confirmed), state, reason=refusal.code)
    await void(tools, run, order.funds, reason=refusal.code)
    raise refusal


async def _unpaid(tools: Tools, run: Run, order: PayOrder, confirmed: Mapping[str, str], refusal: Refusal) -> NoReturn:
    """A card's amount could not be taken after all: cancel where that is free, else the balance stays to be paid."""
    if order.items and all(item.reversible for item in order.items):
        await release(tools, run, _live(order, confirmed), ItemState.CANCELLED, reason=refusal.code)
        await run.record("unsell", bool, partial(_unsell, tools, run.claim, order))
        await give_back(tools, run, reason=refusal.code)
    raise refusal


def _live(order: PayOrder, confirmed: Mapping[str, str]) -> list[LiveItem]:
    return [
        LiveItem(item=item.item, carrier=item.carrier, order=confirmed.get(item.item, item.order))
        for item in order.items
    ]


def _confirm(
    tools: Tools, claim: Claim, order: PayOrder, item: PayItem, turn: int
) -> Step[orders.OrderRequest, CarrierOrder] | Step[orders.PurchaseRequest, CarrierOrder]:
    settle = partial(_write_confirmed, tools, claim, item)
    if item.order is not None:
        request = orders.OrderRequest(carrier=item.carrier, order=item.order, amount=item.price.carrier_total)
        return orders.pay(tools, item.item, request, settle, turn=turn)
    wanted = orders.PurchaseRequest(
        carrier=item.carrier,
        offer=item.offer,
        price=item.price.carrier_total,
        passengers=item.passengers,
        travellers=order.travellers,
        services=item.services,
    )
    return orders.purchase(tools, Verb.BUY, item.item, wanted, settle, turn=turn)


def _write_confirmed(tools: Tools, claim: Claim, item: PayItem, session: Session, made: CarrierOrder) -> None:
    now = tools.clock.now()
    row = session.get_one(ItemRow, item.item)
    row.order_ref, row.order_reference, row.inventory_held = made.ref, made.reference, True
    row.services = [codec.dump(service) for service in booked_for(row, made)]
    row.price = codec.dump(as_booked(item.price, made.services))
    row.confirmed_at = now
    move(session, row, ItemState.CONFIRMED)
    owe(session, claim, row, item.price.carrier_total, now)
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
    watch(tools, session, row)


def _sell(tools: Tools, claim: Claim, order: PayOrder, shares: Sequence[Share], session: Session) -> bool:
    """Everything is confirmed: what it costs is owed, and the credit that was reserved for it becomes a debt."""
    now = tools.clock.now()
    for item in order.items:
        _post_sale(session, claim, item, now)
    for share in shares:
        if share.fund.method == PaymentMethod.ON_ACCOUNT:
            capture_on_account(tools, claim, share, session)
    look_at_forms(session, str(claim.booking_id), now)
    refresh(session, str(claim.booking_id))
    return True


def _unsell(tools: Tools, claim: Claim, order: PayOrder, session: Session) -> bool:
    """What was cancelled is owed no more."""
    for item in order.items:
        if session.get_one(ItemRow, item.item).state == ItemState.CANCELLED:
            ledger.reverse_sale(session, claim, item.item, tools.clock.now())
    return True


def _post_sale(session: Session, claim: Claim, item: PayItem, now: datetime) -> None:
    """What is owed for the item, and what the partner earns on it."""
    partner = partner_of(session.get_one(PartnerRow, claim.partner_id))
    sold = ledger.sale(item.price, claim.partner_id, item.carrier)
    ledger.post(session, claim, ledger.EntryKind.SALE, sold, now, item.item)
    earned = ledger.commission(item.price.commissionable, partner)
    ledger.post(session, claim, ledger.EntryKind.COMMISSION, earned, now, item.item)


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

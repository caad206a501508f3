"""Exchange a hold: hold the new offer first, then give the old hold back."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlmodel import Session

from app.aftersales.quotes import as_quoted
from app.booking.complete import settle_cover
from app.booking.desk import Tools
from app.booking.facts import offer_of, tell
from app.booking.funds import Fund
from app.booking.hold import ReserveItem, ReserveOrder, hold, write_held
from app.booking.people import current_rows, versions
from app.booking.release import LiveItem, release
from app.booking.sessions import close_forms, open_forms
from app.domain import codec
from app.domain.booking import ItemState
from app.domain.errors import Refusal
from app.domain.events import EventKind
from app.domain.money import Money
from app.domain.partner import Viewer
from app.domain.quotes import ExchangeQuote
from app.journal.run import Claim, Run
from app.store.tables import BookingRow, ItemRow

_REASON = "EXCHANGED"


@dataclass(frozen=True, kw_only=True, slots=True)
class AnewOrder:
    """What to hold, the hold it takes the place of, and the card forms to close before: they ask the old amount."""

    reserve: ReserveOrder
    old: LiveItem
    forms: tuple[Fund, ...]
    balance: Money


def anew_order(tools: Tools, viewer: Viewer, session: Session, booking: BookingRow, quote: ExchangeQuote) -> AnewOrder:
    """Write the item that is to take the held one's place. OfferExpired when the offer ended before its quote."""
    old = session.get_one(ItemRow, quote.item)
    token = tools.seals.open(quote.held_offer or "", booking.partner_id, ("input", "quoteId"))
    offer = offer_of(old)
    assert offer is not None  # noqa: S101 - what is held was checked
    # Searched for in the order of the old offer's passengers.
    new_ref = {was.ref: now.ref for was, now in zip(offer.passengers, token.passengers, strict=True)}
    passengers = {traveller: new_ref[reference] for traveller, reference in old.passengers.items()}
    item = ReserveItem(item=tools.ids.new("it"), token=token, passengers=passengers)
    session.add(
        ItemRow(
            id=item.item,
            partner_id=old.partner_id,
            booking_id=old.booking_id,
            position=old.position,
            carrier=token.carrier,
            price=codec.dump(token.price),
            passengers=passengers,
            replaces=old.id,
        )
    )
    reserve = ReserveOrder(
        items=(item,),
        travellers=versions(current_rows(session, booking.id)),
        highest=token.price.total,
        pay_by=_limit(viewer, booking),
        at_once=True,
    )
    live = LiveItem(item=old.id, carrier=old.carrier, order=old.order_ref)
    return AnewOrder(reserve=reserve, old=live, forms=open_forms(session, booking.id), balance=quote.balance)


def _limit(viewer: Viewer, booking: BookingRow) -> datetime | None:
    """The partner's own limit, counted from the reservation as before, or from when an operator had accepted it."""
    limit = viewer.partner.payment_limit
    return max(booking.created_at + limit, booking.pay_by or booking.created_at) if limit else None


async def reserve_anew(tools: Tools, run: Run, order: AnewOrder) -> None:
    """Hold the new offer, then release the old hold; a Refusal of the new one leaves the old as it was."""
    await close_forms(tools, run, order.forms)
    try:
        await hold(tools, run, order.reserve)
    except Refusal as refusal:
        # A card that came before its form was closed pays what it was for.
        await settle_cover(tools, run)
        raise as_quoted(refusal) from None
    refused = await release(tools, run, [order.old], ItemState.EXCHANGED, reason=_REASON)
    await run.record("held", bool, partial(write_held, tools, run.claim, order.reserve.pay_by))
    if not refused:
        await run.record("exchanged", bool, partial(_tell, tools, run.claim, order))
    await settle_cover(tools, run)
    if refused:
        raise refused[0]


def _tell(tools: Tools, claim: Claim, order: AnewOrder, session: Session) -> bool:
    tell(
        session,
        claim,
        EventKind.ITEM_EXCHANGED,
        tools.clock.now(),
        item_id=order.old.item,
        replacedBy=order.reserve.items[0].item,
        balance=order.balance,
    )
    return True

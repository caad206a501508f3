"""Quote services: ask the carrier what seats and bags would cost with a paid item. Nothing is added yet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from sqlmodel import Session

from app.aftersales import service_steps as steps
from app.aftersales.quotes import check_no_change_unpaid
from app.booking.desk import Desk, Outcome, Tools
from app.booking.facts import items_of, owned_booking, price_of, tell
from app.booking.services import carrier_price, check_choices, customer_price, on_flights, own_flights, quoted
from app.domain import codec
from app.domain.aftersales import ServiceChoice
from app.domain.booking import ItemState
from app.domain.events import EventKind
from app.domain.itinerary import Price
from app.domain.partner import Viewer
from app.domain.quotes import QuotedService, ServicesQuote
from app.domain.refusals import NotFound, WrongState
from app.journal.journal import Prepared
from app.journal.run import Claim, Run
from app.store.aftersales_tables import QuoteKind, QuoteRow
from app.store.tables import BookingRow, ItemRow

VERB = "quote-services@1"
# Carriers name no end: long enough to pay, short enough for their prices to be the same.
_LIFE = timedelta(minutes=30)
_SOLD = {ItemState.CONFIRMED, ItemState.TICKETED}


@dataclass(frozen=True, kw_only=True, slots=True)
class QuoteServicesWish:
    """What to add to one item of a booking."""

    booking_id: str
    item_id: str
    services: tuple[ServiceChoice, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class QuoteServicesOrder:
    """All that the verb reads."""

    item: str
    price: Price
    request: steps.ServicesRequest


async def take_quote_services(desk: Desk, viewer: Viewer, key: str, wish: QuoteServicesWish) -> Outcome:
    """Quote services; NotFound, InvalidInput, WrongState for what is not paid, ChangeUnpaid while a change is to be."""
    check_choices(wish.services)
    opening = desk.opening(viewer, VERB, key, wish)
    return await desk.take(opening, partial(_prepare, viewer, wish), booking_id=wish.booking_id)


async def quote_services(tools: Tools, run: Run) -> None:
    """The verb: ask the carrier; ServiceGone names what it does not sell any more."""
    order = codec.load(QuoteServicesOrder, run.claim.input)
    found = await run.step(steps.find_services(tools, order.item, order.request))
    services = quoted(order.price, order.request.services, found.services)
    await run.record("quote", bool, partial(_write, tools, run.claim, order, services, found.flights))


def _prepare(viewer: Viewer, wish: QuoteServicesWish, session: Session, _operation_id: str) -> Prepared:
    booking = owned_booking(session, viewer.partner.id, wish.booking_id)
    check_no_change_unpaid(session, booking.id)
    row = _item(items_of(session, booking.id), wish.item_id)
    request = steps.ServicesRequest(carrier=row.carrier, order=row.order_ref or "", services=wish.services)
    order = QuoteServicesOrder(item=row.id, price=price_of(row), request=request)
    return Prepared(booking_id=booking.id, input=codec.dump(order))


def _item(rows: Sequence[ItemRow], item_id: str) -> ItemRow:
    row = next((row for row in rows if row.id == item_id), None)
    path = ("input", "itemId")
    if row is None:
        raise NotFound(message="The booking has no item with this id.", path=path)
    if row.state not in _SOLD or row.order_ref is None:
        raise WrongState(
            message=f"Seats and bags are added to what is paid; this item is {row.state}.", path=path, state=row.state
        )
    return row


def _write(
    tools: Tools,
    claim: Claim,
    order: QuoteServicesOrder,
    services: Sequence[QuotedService],
    flights: Sequence[str],
    session: Session,
) -> bool:
    now = tools.clock.now()
    booking = session.get_one(BookingRow, claim.booking_id)
    names = own_flights(session.get_one(ItemRow, order.item), flights)
    quote = ServicesQuote(
        item=order.item,
        carrier=order.request.carrier,
        services=tuple(replace(each, service=on_flights(each.service, names)) for each in services),
        price=customer_price(services, order.price.currency),
        carrier_price=carrier_price(services, order.price.carrier_total.currency),
    )
    row = QuoteRow(
        id=tools.ids.new("qt"),
        partner_id=booking.partner_id,
        booking_id=booking.id,
        operation_id=claim.operation_id,
        kind=QuoteKind.SERVICES,
        version=booking.version,
        facts=codec.dump(quote),
        expires_at=now + _LIFE,
        created_at=now,
    )
    session.add(row)
    tell(session, claim, EventKind.SERVICES_QUOTED, now, item_id=quote.item, price=quote.price)
    return True

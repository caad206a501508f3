"""Quote an exchange: ask the carrier what an item could be exchanged for. Nothing is exchanged yet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from operator import eq

from sqlmodel import Session

from app.aftersales.exchange_offers import AskedExchange, Quoted, anew, exchanged, no_alternative
from app.aftersales.quotes import check_no_change_unpaid
from app.booking.desk import Desk, Outcome, Tools
from app.booking.facts import items_of, offer_of, owned_booking, price_of, tell
from app.domain import codec
from app.domain.aftersales import Rule, RuleGround
from app.domain.booking import ItemState
from app.domain.errors import InvalidInput, NotExchangeable, NotFound, Refusal
from app.domain.events import EventKind
from app.domain.itinerary import CabinClass, Journey
from app.domain.partner import Viewer
from app.domain.search import Leg, SeatRequest
from app.journal.journal import Prepared
from app.journal.run import Claim, Run
from app.store.aftersales_tables import QuoteKind, QuoteRow
from app.store.tables import BookingRow, ItemRow

VERB = "quote-exchange@1"
_SOLD = {ItemState.CONFIRMED, ItemState.TICKETED}

SamePlace = Callable[[str, str], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewJourney:
    """What is wanted in the place of the item's `journey`, by its reference; where not said, the same places as now."""

    journey: str
    date: date
    origin: str | None = None
    destination: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemExchange:
    """The journeys of one item to replace, and the cabin (None: as before)."""

    item: str
    journeys: tuple[NewJourney, ...]
    cabin: CabinClass | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class QuoteExchangeWish:
    """What of a booking to exchange for what; each item is quoted, and exchanged, by itself."""

    booking_id: str
    items: tuple[ItemExchange, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class QuoteExchangeOrder:
    """All that the verb reads."""

    items: tuple[AskedExchange, ...]


async def take_quote_exchange(
    desk: Desk, viewer: Viewer, key: str, wish: QuoteExchangeWish, same: SamePlace = eq
) -> Outcome:
    """Quote an exchange; NotFound for what the booking has not, NotExchangeable for what has ended.

    `same` says whether two codes are one place, where there is nothing to travel between.
    """
    if not wish.items or not all(item.journeys for item in wish.items):
        raise InvalidInput(message="Name the items, and the journeys of each to replace.", path=("input", "items"))
    opening = desk.opening(viewer, VERB, key, wish)
    return await desk.take(opening, partial(_prepare, desk.tools, viewer, wish, same), booking_id=wish.booking_id)


async def quote_exchange(tools: Tools, run: Run) -> None:
    """The verb: each carrier is asked; the client hears of the first that offers nothing, and what others offer."""
    order = codec.load(QuoteExchangeOrder, run.claim.input)
    quotes: list[Quoted] = []
    refused: list[Refusal] = []
    for index, item in enumerate(order.items):
        try:
            quotes += await _alternatives(tools, run, item)
        except Refusal as refusal:
            refused.append(replace(refusal, path=("input", "items", str(index))))
    if quotes:
        await run.record("quote", bool, partial(_write, tools, run.claim, quotes))
    if refused:
        raise refused[0]


async def _alternatives(tools: Tools, run: Run, item: AskedExchange) -> list[Quoted]:
    found = await (exchanged(tools, run, item) if item.order else anew(tools, run, item))
    if not found:
        raise no_alternative()
    return found


def _prepare(
    tools: Tools, viewer: Viewer, wish: QuoteExchangeWish, same: SamePlace, session: Session, _operation_id: str
) -> Prepared:
    booking = owned_booking(session, viewer.partner.id, wish.booking_id)
    check_no_change_unpaid(session, booking.id)
    today = tools.clock.now().date() - timedelta(days=1)
    rows = {row.id: row for row in items_of(session, booking.id)}
    items = []
    for index, asked in enumerate(wish.items):
        path = ("input", "items", str(index))
        row = rows.get(asked.item)
        if row is None:
            raise NotFound(message="The booking has no item with this id.", path=(*path, "item"))
        items.append(_asked(row, asked, today, path))
        _check_places(items[-1], asked, same, path)
    return Prepared(booking_id=booking.id, input=codec.dump(QuoteExchangeOrder(items=tuple(items))))


def _asked(row: ItemRow, wish: ItemExchange, today: date, path: tuple[str, ...]) -> AskedExchange:
    offer = offer_of(row)
    sold = row.state in _SOLD and row.order_ref is not None
    if offer is None or not (sold or (row.state == ItemState.HELD and not row.stuck)):
        rule = Rule(ground=RuleGround.ENDED, allowed=False)
        raise NotExchangeable(message="This item is over, or not reserved yet.", path=(*path, "item"), rule=rule)
    refs = [journey.ref for journey in offer.journeys]
    new = {wanted.journey: wanted for wanted in wish.journeys}
    for index, wanted in enumerate(wish.journeys):
        _check(wanted, refs, today, (*path, "journeys", str(index)))
    return AskedExchange(
        item=row.id,
        carrier=row.carrier,
        order=row.order_ref if sold else None,
        price=price_of(row),
        journeys=offer.journeys,
        legs=tuple(_leg(journey, new.get(journey.ref)) for journey in offer.journeys),
        replaced=tuple(position for position, ref in enumerate(refs) if ref in new),
        seats=tuple(SeatRequest(type=passenger.type, age=passenger.age) for passenger in offer.passengers),
        required=offer.required,
        cabin=wish.cabin,
    )


def _check(wanted: NewJourney, refs: Sequence[str], today: date, path: tuple[str, ...]) -> None:
    if wanted.journey not in refs:
        raise NotFound(message="The item has no journey with this id.", path=(*path, "journey"))
    # It is still yesterday somewhere; the carrier knows where.
    if wanted.date < today:
        raise InvalidInput(message=f"{wanted.date} is past.", path=(*path, "date"))


def _check_places(item: AskedExchange, wish: ItemExchange, same: SamePlace, path: tuple[str, ...]) -> None:
    refs = [journey.ref for journey in item.journeys]
    for index, wanted in enumerate(wish.journeys):
        leg = item.legs[refs.index(wanted.journey)]
        if same(leg.origin, leg.destination):
            message = f"{leg.origin} and {leg.destination} are the same place; a journey needs two."
            field = "destination" if wanted.destination else "origin"
            raise InvalidInput(message=message, path=(*path, "journeys", str(index), field))


def _leg(journey: Journey, wanted: NewJourney | None) -> Leg:
    """The direction as it is wanted now."""
    if wanted is None:
        return Leg(origin=journey.origin, destination=journey.destination, date=journey.departs_at.date())
    return Leg(
        origin=wanted.origin or journey.origin,
        destination=wanted.destination or journey.destination,
        date=wanted.date,
    )


def _write(tools: Tools, claim: Claim, quotes: Sequence[Quoted], session: Session) -> bool:
    now = tools.clock.now()
    booking = session.get_one(BookingRow, claim.booking_id)
    for quoted in quotes:
        row = QuoteRow(
            id=tools.ids.new("qt"),
            partner_id=booking.partner_id,
            booking_id=booking.id,
            operation_id=claim.operation_id,
            kind=QuoteKind.EXCHANGE,
            version=booking.version,
            facts=codec.dump(quoted.quote),
            expires_at=quoted.expires_at,
            created_at=now,
        )
        session.add(row)
    tell(session, claim, EventKind.EXCHANGE_QUOTED, now, quotes=len(quotes))
    return True

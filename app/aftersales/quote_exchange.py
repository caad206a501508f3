"""Quote an exchange: ask the carrier what an item could be exchanged for. Nothing is exchanged yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import eq

from sqlmodel import Session

from app import ledger
from app.aftersales.exchange_journeys import AskedJourneys, NewJourney, SamePlace, asked_journeys, journeys_instead
from app.aftersales.exchange_quotes import Quoted, no_alternative
from app.aftersales.exchange_stays import AskedDeparture, asked_departure, departure_instead
from app.aftersales.quotes import check_no_change_unpaid
from app.booking.desk import Desk, Outcome, Tools
from app.booking.facts import deposit_of, items_of, offer_of, owned_booking, price_of, tell
from app.booking.rests import rests
from app.domain import codec
from app.domain.aftersales import Rule, RuleGround
from app.domain.booking import ItemState
from app.domain.errors import Refusal
from app.domain.events import EventKind
from app.domain.itinerary import CabinClass, CarrierOffer
from app.domain.money import Money
from app.domain.partner import Viewer
from app.domain.refusals import InvalidInput, NotExchangeable, NotFound
from app.domain.tours import DepartureKey
from app.journal.journal import Prepared
from app.journal.run import Claim, Run
from app.store.aftersales_tables import QuoteKind, QuoteRow
from app.store.tables import BookingRow, ItemRow

VERB = "quote-exchange@1"
_SOLD = {ItemState.CONFIRMED, ItemState.TICKETED}

Asked = AskedJourneys | AskedDeparture


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemExchange:
    """The journeys of one item to replace, and the cabin (None: as before); or, of a tour, another `departure`."""

    item: str
    journeys: tuple[NewJourney, ...] = ()
    departure: DepartureKey | None = None
    cabin: CabinClass | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class QuoteExchangeWish:
    """What of a booking to exchange for what; each item is quoted, and exchanged, by itself."""

    booking_id: str
    items: tuple[ItemExchange, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class QuoteExchangeOrder:
    """All that the verb reads."""

    items: tuple[Asked, ...]


async def take_quote_exchange(
    desk: Desk, viewer: Viewer, key: str, wish: QuoteExchangeWish, same: SamePlace = eq
) -> Outcome:
    """Quote an exchange; NotFound for what the booking has not, NotExchangeable for what has ended.

    `same` says whether two codes are one place, where there is nothing to travel between.
    """
    if not wish.items or not all(bool(item.journeys) != bool(item.departure) for item in wish.items):
        message = "Name the items, and of each the journeys to replace or another departure."
        raise InvalidInput(message=message, path=("input", "items"))
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


async def _alternatives(tools: Tools, run: Run, item: Asked) -> list[Quoted]:
    if isinstance(item, AskedDeparture):
        found = await departure_instead(tools, run, item)
    else:
        found = await journeys_instead(tools, run, item)
    if not found:
        raise no_alternative()
    return found


def _prepare(
    tools: Tools, viewer: Viewer, wish: QuoteExchangeWish, same: SamePlace, session: Session, _operation_id: str
) -> Prepared:
    booking = owned_booking(session, viewer.partner.id, wish.booking_id)
    check_no_change_unpaid(session, booking.id)
    rows = {row.id: row for row in items_of(session, booking.id)}
    unpaid = rests(session, booking, ledger.outstanding(session, booking.id, booking.currency))
    items = []
    for index, asked in enumerate(wish.items):
        path = ("input", "items", str(index))
        row = rows.get(asked.item)
        if row is None:
            raise NotFound(message="The booking has no item with this id.", path=(*path, "item"))
        items.append(_asked(tools, row, asked, unpaid, same, path))
    return Prepared(booking_id=booking.id, input=codec.dump(QuoteExchangeOrder(items=tuple(items))))


def _asked(
    tools: Tools,
    row: ItemRow,
    wish: ItemExchange,
    unpaid: Mapping[str, Money],
    same: SamePlace,
    path: tuple[str, ...],
) -> Asked:
    offer, now = _live_offer(row, path), tools.clock.now()
    order = row.order_ref if row.state in _SOLD else None
    facts = {"item": row.id, "carrier": row.carrier, "order": order, "price": (price := price_of(row))}
    if wish.departure is None:
        return asked_journeys(offer, wish.journeys, wish.cabin, now, same, path, **facts)
    if offer.stay is None:
        raise InvalidInput(message="This item is no tour; name its journeys.", path=(*path, "departure"))
    left = unpaid.get(row.id, Money.zero(price.currency))
    deposit = deposit_of(price, offer)
    return asked_departure(offer.stay, wish.departure, now, path, unpaid=left, deposit=deposit, **facts)


def _live_offer(row: ItemRow, path: tuple[str, ...]) -> CarrierOffer:
    """What it was sold by, or is held by; NotExchangeable where that has ended, or has not begun."""
    offer = offer_of(row)
    sold = row.state in _SOLD and row.order_ref is not None
    if offer is None or not (sold or (row.state == ItemState.HELD and not row.stuck)):
        rule = Rule(ground=RuleGround.ENDED, allowed=False)
        raise NotExchangeable(message="This item is over, or not reserved yet.", path=(*path, "item"), rule=rule)
    return offer


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

"""Reserve: price every offer anew, hold what can be held, all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlmodel import Session, col, select

from app.booking import orders
from app.booking.desk import Desk, Outcome, Tools
from app.booking.facts import Author, before, earliest, flight_keys, items_of, move, price_of, refresh, tell
from app.booking.passengers import Passenger, check_passengers, latest_date, match, traveller_rows
from app.booking.people import asked_for, current_rows, versions
from app.booking.prices import at_carrier_total
from app.booking.release import LiveItem, release
from app.domain import codec
from app.domain.booking import BookingState, ItemState
from app.domain.errors import InvalidInput, PriceChanged, Refusal
from app.domain.events import EventKind
from app.domain.itinerary import CarrierOffer, PassengerField, PassengerType, Price
from app.domain.money import Money, total
from app.domain.partner import Viewer
from app.journal.journal import Prepared
from app.journal.run import Claim, Run
from app.journal.steps import Step
from app.pricing.offers import OfferToken
from app.store.tables import BookingRow, ItemRow, TravellerRow
from carriers.contract import CarrierOrder, Verb

VERB = "reserve@1"
_MOST_OFFERS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class ReserveWish:
    """What a client wants reserved, all or nothing. `accept_up_to` is the highest total it takes without asking."""

    offers: tuple[str, ...]
    passengers: tuple[Passenger, ...]
    partner_reference: str | None = None
    accept_up_to: Money | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReserveItem:
    """One offer to reserve; `passengers` are the carrier's references by traveller id."""

    item: str
    token: OfferToken
    passengers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReserveOrder:
    """All that the verb reads. `pay_by` is the partner's own limit, None where only the carriers' count."""

    items: tuple[ReserveItem, ...]
    travellers: Mapping[str, int]
    highest: Money
    pay_by: datetime | None


async def take_reserve(desk: Desk, viewer: Viewer, key: str, wish: ReserveWish) -> Outcome:
    """Reserve the offers. InvalidInput, OfferInvalid, OfferExpired or KeyReused before anything opens."""
    opening = desk.opening(viewer, VERB, key, wish)
    known = await desk.journal.known(opening)
    if known is not None:
        # The offers may have expired since; the first answer stands all the same.
        return await desk.ended(known.id)
    tokens = _opened(desk.tools, viewer, wish)
    return await desk.take(opening, partial(_prepare, desk.tools, viewer, wish, tokens))


async def reserve(tools: Tools, run: Run) -> None:
    """The verb: check every offer, agree the price, hold what can be held."""
    order = codec.load(ReserveOrder, run.claim.input)
    checked = await run.each([_check(tools, item) for item in order.items])
    await _go_on(tools, run, order, checked, held=())
    offers = [answer for answer in checked if isinstance(answer, CarrierOffer)]
    await _agree(tools, run, order, offers)
    holdable = [(item, offer) for item, offer in zip(order.items, offers, strict=True) if item.token.holdable]
    answers = await run.each([_hold(tools, run.claim, order, item, offer.total) for item, offer in holdable])
    held = [
        (item.item, answer.ref)
        for (item, _), answer in zip(holdable, answers, strict=True)
        if isinstance(answer, CarrierOrder)
    ]
    await _go_on(tools, run, order, answers, held=held)
    await run.record("held", bool, partial(_write_held, tools, run.claim, order))


async def _go_on(
    tools: Tools, run: Run, order: ReserveOrder, answers: Sequence[object], held: Sequence[tuple[str, str]]
) -> None:
    """All or nothing: the first Refusal releases what is already held, and is raised."""
    refusal = next((answer for answer in answers if isinstance(answer, Refusal)), None)
    if refusal is None:
        return
    made = dict(held)
    live = [LiveItem(item=item.item, carrier=item.token.carrier, order=made.get(item.item)) for item in order.items]
    await release(tools, run, live, ItemState.REJECTED, reason=refusal.code)
    raise refusal


async def _agree(tools: Tools, run: Run, order: ReserveOrder, offers: Sequence[CarrierOffer]) -> None:
    """Go on only at a total the client has seen or accepted; else PriceChanged, with a fresh offer."""
    prices = [at_carrier_total(item.token.price, offer.total) for item, offer in zip(order.items, offers, strict=True)]
    currency = order.highest.currency
    new_total = total((price.total for price in prices), currency)
    if new_total <= order.highest:
        return
    fresh = await run.record("fresh-offer", str, partial(_fresh_offer, tools, run.claim.partner_id, order, prices))
    changed = PriceChanged(
        message="The carrier's price has changed. Reserve the fresh offer, or accept up to the new total.",
        path=("input", "offers"),
        old_total=total((item.token.price.total for item in order.items), currency),
        new_total=new_total,
        offer=fresh,
    )
    await _go_on(tools, run, order, [changed], held=())


def _fresh_offer(tools: Tools, partner_id: str, order: ReserveOrder, prices: Sequence[Price], _session: Session) -> str:
    """A token for the first offer whose price moved, at its new price."""
    moved = [(item, price) for item, price in zip(order.items, prices, strict=True) if price != item.token.price]
    item, price = moved[0]
    return tools.seals.seal(replace(item.token, price=price), partner_id)


def _check(tools: Tools, item: ReserveItem) -> Step[orders.OfferRequest, CarrierOffer]:
    def settle(session: Session, offer: CarrierOffer) -> None:
        row = session.get_one(ItemRow, item.item)
        row.offer = codec.dump(offer)
        row.price = codec.dump(at_carrier_total(item.token.price, offer.total))
        row.flights = flight_keys(offer.journeys)
        # What is not held is only as good as the offer; a hold overwrites both.
        row.pay_by = row.price_guaranteed_until = offer.expires_at
        booking = session.get_one(BookingRow, row.booking_id)
        booking.departs_at = earliest(booking.departs_at, offer.departs_at)
        refresh(session, row.booking_id)

    return orders.check(
        tools, item.item, orders.OfferRequest(carrier=item.token.carrier, offer=item.token.offer), settle
    )


def _hold(
    tools: Tools, claim: Claim, order: ReserveOrder, item: ReserveItem, price: Money
) -> Step[orders.PurchaseRequest, CarrierOrder]:
    def settle(session: Session, made: CarrierOrder) -> None:
        row = session.get_one(ItemRow, item.item)
        row.order_ref, row.order_reference, row.inventory_held = made.ref, made.reference, True
        row.price = codec.dump(at_carrier_total(price_of(row), made.total))
        row.pay_by, row.price_guaranteed_until = made.pay_by, made.price_guaranteed_until
        move(session, row, ItemState.HELD)
        tell(
            session,
            claim,
            EventKind.ITEM_HELD,
            tools.clock.now(),
            item_id=row.id,
            order=made.reference,
            payBy=made.pay_by,
        )

    request = orders.PurchaseRequest(
        carrier=item.token.carrier,
        offer=item.token.offer,
        price=price,
        passengers=item.passengers,
        travellers=order.travellers,
    )
    return orders.purchase(tools, Verb.HOLD, item.item, request, settle)


def _write_held(tools: Tools, claim: Claim, order: ReserveOrder, session: Session) -> bool:
    """Every item is held or priced: tell until when to pay, and whether somebody travels twice on one flight."""
    now = tools.clock.now()
    booking_id = str(claim.booking_id)
    rows = items_of(session, booking_id)
    for row in rows:
        if row.state == ItemState.NEW:
            move(session, row, ItemState.HELD)
            tell(session, claim, EventKind.ITEM_PRICED, now, item_id=row.id, inventoryHeld=False)
    booking = session.get_one(BookingRow, booking_id)
    limits = [before(row.pay_by, tools.terms.pay_margin) for row in rows]
    booking.pay_by = earliest(order.pay_by, *limits)
    tell(
        session,
        claim,
        EventKind.BOOKING_HELD,
        now,
        total=Money(booking.total_minor, booking.currency),
        payBy=booking.pay_by,
    )
    for row, unsent in _unsent(tools, session, rows):
        tell(session, claim, EventKind.FACTS_NOT_SENT, now, item_id=row.id, carrier=row.carrier, fields=sorted(unsent))
    for reference in _same_flights(session, claim, rows):
        tell(session, claim, EventKind.DUPLICATE_SUSPECTED, now, bookingReference=reference)
    return True


def _unsent(tools: Tools, session: Session, rows: Sequence[ItemRow]) -> list[tuple[ItemRow, set[PassengerField]]]:
    """The items whose carrier has no place for something its passengers asked for."""
    found = []
    for row in rows:
        people = [person for person in current_rows(session, row.booking_id) if person.id in row.passengers]
        asked = {field for person in people for field in asked_for(person)}
        found.append((row, asked & tools.carriers.get(row.carrier).profile.unsent))
    return [(row, unsent) for row, unsent in found if unsent]


def _same_flights(session: Session, claim: Claim, rows: Sequence[ItemRow]) -> list[str]:
    """References of the partner's other live bookings of the same people on one of these flights."""
    people = [(row.name_key, row.born_on) for row in current_rows(session, str(claim.booking_id))]
    flights = {key for row in rows for key in row.flights.split()}
    live = [BookingState.HELD, BookingState.CONFIRMED, BookingState.TICKETED]
    query = (
        select(BookingRow.reference, TravellerRow, ItemRow.flights)
        .join(TravellerRow, col(TravellerRow.booking_id) == BookingRow.id)
        .join(ItemRow, col(ItemRow.booking_id) == BookingRow.id)
        .where(
            TravellerRow.partner_id == claim.partner_id,
            col(TravellerRow.name_key).in_([name for name, _ in people]),
            col(TravellerRow.current).is_(True),
            BookingRow.id != claim.booking_id,
            col(BookingRow.state).in_(live),
        )
    )
    found = {
        reference
        for reference, traveller, taken in session.exec(query).all()
        if (traveller.name_key, traveller.born_on) in people and flights & set(taken.split())
    }
    return sorted(found)


def _opened(tools: Tools, viewer: Viewer, wish: ReserveWish) -> list[OfferToken]:
    """The offers behind the tokens, after every check that needs no database."""
    if not 1 <= len(wish.offers) <= _MOST_OFFERS:
        raise InvalidInput(message=f"A booking takes 1 to {_MOST_OFFERS} offers.", path=("input", "offers"))
    tokens = [
        tools.seals.open(text, viewer.partner.id, ("input", "offers", str(index)))
        for index, text in enumerate(wish.offers)
    ]
    currencies = {token.price.currency for token in tokens}
    if len(currencies) > 1:
        raise InvalidInput(
            message=f"A booking has one selling currency; these offers are in {', '.join(sorted(currencies))}.",
            path=("input", "offers"),
        )
    accepted = wish.accept_up_to
    if accepted is not None and accepted.currency not in currencies:
        raise InvalidInput(
            message=f"Accept an amount in the offers' currency, {currencies.pop()}.", path=("input", "acceptUpTo")
        )
    required = frozenset(name for token in tokens for name in token.required)
    check_passengers(wish.passengers, latest_date(tools.clock.now()), required)
    return tokens


def _prepare(
    tools: Tools, viewer: Viewer, wish: ReserveWish, tokens: Sequence[OfferToken], session: Session, operation_id: str
) -> Prepared:
    now = tools.clock.now()
    booking = BookingRow(
        id=tools.ids.new("bk"),
        partner_id=viewer.partner.id,
        reference=_free_reference(tools, session),
        partner_reference=wish.partner_reference,
        state=BookingState.NEW,
        currency=tokens[0].price.currency,
        total_minor=sum(token.price.total.minor for token in tokens),
        created_at=now,
    )
    session.add(booking)
    session.flush()
    references = [match(wish.passengers, token.passengers, token.legs[0].date) for token in tokens]
    travellers = traveller_rows(
        wish.passengers, _types(tokens[0], references[0]), tools.ids, tools.vault, (viewer.partner.id, booking.id)
    )
    session.add_all(travellers)
    items = [
        ReserveItem(
            item=tools.ids.new("it"),
            token=token,
            passengers={row.id: reference for row, reference in zip(travellers, matched, strict=True)},
        )
        for token, matched in zip(tokens, references, strict=True)
    ]
    session.add_all(_item_row(booking, position, item) for position, item in enumerate(items))
    order = ReserveOrder(
        items=tuple(items),
        travellers=versions(travellers),
        highest=_highest(wish, booking),
        pay_by=now + viewer.partner.payment_limit if viewer.partner.payment_limit else None,
    )
    author = Author(partner_id=viewer.partner.id, booking_id=booking.id, operation_id=operation_id, actor=viewer.actor)
    tell(session, author, EventKind.RESERVE_STARTED, now, total=Money(booking.total_minor, booking.currency))
    return Prepared(booking_id=booking.id, input=codec.dump(order))


def _highest(wish: ReserveWish, booking: BookingRow) -> Money:
    """The highest total to go on at without asking: what was shown, or what the client accepts beyond it."""
    shown = Money(booking.total_minor, booking.currency)
    return max(shown, wish.accept_up_to) if wish.accept_up_to else shown


def _types(token: OfferToken, references: Sequence[str]) -> list[PassengerType]:
    """Each passenger's type, as the first offer prices it."""
    kinds = {place.ref: place.type for place in token.passengers}
    return [kinds[reference] for reference in references]


def _item_row(booking: BookingRow, position: int, item: ReserveItem) -> ItemRow:
    return ItemRow(
        id=item.item,
        partner_id=booking.partner_id,
        booking_id=booking.id,
        position=position,
        carrier=item.token.carrier,
        price=codec.dump(item.token.price),
        passengers=dict(item.passengers),
    )


def _free_reference(tools: Tools, session: Session) -> str:
    """A short reference no other booking has."""
    while True:
        reference = tools.ids.reference()
        if session.exec(select(BookingRow.id).where(BookingRow.reference == reference)).first() is None:
            return reference

"""Reserve's work: price every offer and its services anew, hold what can be held, all or nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session, col, select

from app.booking import orders
from app.booking.balance_due import set_balance_due
from app.booking.costs import owe_confirmed
from app.booking.desk import Tools
from app.booking.facts import (
    balance_due_at,
    before,
    counted_items,
    deposit_minor,
    earliest,
    move,
    price_of,
    refresh,
    standing_items,
    tell,
    travel_keys,
)
from app.booking.people import asked_for, current_rows
from app.booking.prices import at_carrier_total
from app.booking.release import LiveItem, release
from app.booking.with_services import WantedService, extras, find_services
from app.domain import codec
from app.domain.booking import BookingState, ItemState
from app.domain.errors import Refusal
from app.domain.events import EventKind
from app.domain.itinerary import CarrierOffer, PassengerField, Price
from app.domain.money import Money, total
from app.domain.refusals import NotBookable, OfferExpired, PriceChanged, RequestRejected
from app.domain.tours import DepartureStatus
from app.journal.run import Claim, Run
from app.journal.steps import Step
from app.pricing.offers import OfferToken
from app.store.tables import BookingRow, ItemRow, TravellerRow
from carriers.contract import CarrierOrder, OrderState, Verb

# How often a price may move between asking for it and holding at it.
_TURNS = 2
# A request is looked at first after this; where the carrier names no limit, it is waited for so long.
_FIRST_LOOK = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(days=3)
# An acceptance may come at night: the payer has so long where neither the partner nor the carrier has a limit.
TIME_TO_PAY = timedelta(days=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReserveItem:
    """One offer to reserve; `passengers` are the carrier's references by traveller id.

    What has `services` is not held: no carrier keeps them, so all of it is bought at once when it is paid.
    """

    item: str
    token: OfferToken
    passengers: Mapping[str, str]
    services: tuple[WantedService, ...] = ()

    @property
    def held(self) -> bool:
        """Whether the carrier keeps the space until it is paid."""
        return self.token.holdable and not self.services


@dataclass(frozen=True, kw_only=True, slots=True)
class ReserveOrder:
    """All that the verb reads. `pay_by` is the partner's own limit, None where only the carriers' count.

    `highest` is the total to go on at without asking: of the fares as they were shown, or of everything as `accepted`.
    `extras` are what the services come to, once that is known. What has to be had `at_once` waits for no operator.
    """

    items: tuple[ReserveItem, ...]
    travellers: Mapping[str, int]
    highest: Money
    pay_by: datetime | None
    accepted: bool = False
    at_once: bool = False
    extras: Money | None = None

    @property
    def limit(self) -> Money:
        """The highest total with the services in it."""
        return self.highest if self.accepted or self.extras is None else self.highest + self.extras


async def reserve(tools: Tools, run: Run) -> None:
    """The verb: check every offer, agree the price, hold what can be held."""
    order = codec.load(ReserveOrder, run.claim.input)
    await hold(tools, run, order)
    await run.record("held", bool, partial(write_held, tools, run.claim, order.pay_by))


async def hold(tools: Tools, run: Run, order: ReserveOrder) -> None:
    """Hold the order's items, all or nothing; the Refusal says why nothing, and nothing of them is left behind."""
    checked = await run.each([_check(tools, item) for item in order.items])
    await _go_on(tools, run, order, checked, held={})
    asked = {
        item.item: answer.total
        for item, answer in zip(order.items, checked, strict=True)
        if isinstance(answer, CarrierOffer)
    }
    order = await _with_services(tools, run, order)
    await _agree(tools, run, order, asked, held={})
    await _hold_all(tools, run, order, asked)


async def _with_services(tools: Tools, run: Run, order: ReserveOrder) -> ReserveOrder:
    """The order with what its services come to now."""
    wanting = [item for item in order.items if item.services]
    steps = [find_services(tools, item.item, item.token, item.services, item.passengers) for item in wanting]
    found = await run.each(steps)
    await _go_on(tools, run, order, found, held={})
    return replace(order, extras=extras(found, order.highest.currency)) if wanting else order


async def _hold_all(tools: Tools, run: Run, order: ReserveOrder, asked: dict[str, Money]) -> None:
    """Hold what can be held; where a carrier asks another price meanwhile that is still agreed, once more at that."""
    missing = [item for item in order.items if item.held]
    held: dict[str, str] = {}
    for turn in range(1, _TURNS + 1):
        holds = [_hold(tools, run.claim, order, item, asked[item.item], turn) for item in missing]
        answers = await run.each(holds)
        for item, answer in zip(missing, answers, strict=True):
            if isinstance(answer, CarrierOrder) and answer.state != OrderState.REJECTED:
                held[item.item], asked[item.item] = answer.ref, answer.total
            elif isinstance(answer, PriceChanged):
                asked[item.item] = answer.new_total
        await _go_on(tools, run, order, map(partial(_final, order), answers), held)
        missing = [item for item in missing if item.item not in held]
        await _agree(tools, run, order, asked, held, moving=bool(missing) and turn == _TURNS)


def _final(order: ReserveOrder, answer: object) -> object:
    """The Refusal in an answer, where another price does not help."""
    if isinstance(answer, CarrierOrder):
        return _not_had(answer, at_once=order.at_once)
    return None if isinstance(answer, PriceChanged) else answer


def _not_had(made: CarrierOrder, *, at_once: bool) -> Refusal | None:
    """Why an order that was made is none to go on with."""
    if made.state == OrderState.CANCELLED:
        return OfferExpired(message="The carrier has taken the space back already; search again.")
    if made.state == OrderState.REJECTED:
        return RequestRejected(message="The operator has refused the request; choose another departure.")
    if made.state == OrderState.REQUESTED and at_once:
        return NotBookable(
            message="This departure has to be asked for by now, which an exchange cannot wait for.",
            status=DepartureStatus.ON_REQUEST,
        )
    return None


async def _go_on(
    tools: Tools, run: Run, order: ReserveOrder, answers: Iterable[object], held: Mapping[str, str]
) -> None:
    """All or nothing: the first Refusal releases what is already held, and is raised."""
    refusal = next((answer for answer in answers if isinstance(answer, Refusal)), None)
    if refusal is None:
        return
    live = [LiveItem(item=item.item, carrier=item.token.carrier, order=held.get(item.item)) for item in order.items]
    await release(tools, run, live, ItemState.REJECTED, reason=refusal.code)
    # The item keeps what was wanted.
    raise replace(refusal, wanted=None)


async def _agree(
    tools: Tools,
    run: Run,
    order: ReserveOrder,
    asked: Mapping[str, Money],
    held: Mapping[str, str],
    *,
    moving: bool = False,
) -> None:
    """Go on only at a total the client has seen or accepted; else PriceChanged, with a fresh offer where there is one.

    `moving` when the price keeps moving, so that no total can be held.
    """
    prices = {item.item: at_carrier_total(item.token.price, asked[item.item]) for item in order.items}
    currency = order.highest.currency
    services = order.extras or Money.zero(currency)
    new_total = total((price.total for price in prices.values()), currency) + services
    if new_total <= order.limit and not moving:
        return
    changed = PriceChanged(
        message="The carrier's price has changed. Reserve the fresh offer, or accept up to the new total.",
        path=("input", "offers"),
        old_total=total((item.token.price.total for item in order.items), currency) + services,
        new_total=new_total,
    )
    fresh = await run.record("fresh-offer", str, partial(_fresh_offer, tools, run.claim, order, prices, held, changed))
    await _go_on(tools, run, order, [replace(changed, offer=fresh or None)], held)


def _fresh_offer(
    tools: Tools,
    claim: Claim,
    order: ReserveOrder,
    prices: Mapping[str, Price],
    held: Mapping[str, str],
    changed: PriceChanged,
    session: Session,
) -> str:
    """A token for the first offer whose price moved, at its new price; none where the carrier spent it on a hold."""
    tell(
        session,
        claim,
        EventKind.PRICE_CHANGED,
        tools.clock.now(),
        oldTotal=changed.old_total,
        newTotal=changed.new_total,
    )
    moved = (item for item in order.items if item.item not in held and prices[item.item] != item.token.price)
    item = next(moved, None)
    return tools.seals.seal(replace(item.token, price=prices[item.item]), claim.partner_id) if item else ""


def _check(tools: Tools, item: ReserveItem) -> Step[orders.OfferRequest, CarrierOffer]:
    def settle(session: Session, offer: CarrierOffer) -> None:
        row = session.get_one(ItemRow, item.item)
        row.offer = codec.dump(offer)
        row.price = codec.dump(at_carrier_total(item.token.price, offer.total))
        row.flights = travel_keys(offer.journeys, offer.stay)
        # What is not held is only as good as the offer; a hold overwrites both.
        row.pay_by = row.price_guaranteed_until = offer.expires_at
        refresh(session, row.booking_id)

    def refused(session: Session, refusal: Refusal) -> None:
        if refusal.wanted is not None:
            session.get_one(ItemRow, item.item).offer = codec.dump(refusal.wanted)

    request = orders.OfferRequest(carrier=item.token.carrier, offer=item.token.offer, hold=item.held)
    return orders.check(tools, item.item, request, settle, refused)


def _hold(
    tools: Tools, claim: Claim, order: ReserveOrder, item: ReserveItem, price: Money, turn: int
) -> Step[orders.PurchaseRequest, CarrierOrder]:
    def settle(session: Session, made: CarrierOrder) -> None:
        row, now = session.get_one(ItemRow, item.item), tools.clock.now()
        keep_order(row, made)
        owe_confirmed(session, claim, row, made, now)
        if made.state == OrderState.REQUESTED:
            row.answer_by, row.check_request_at = made.answer_by or now + _LONGEST_WAIT, now + _FIRST_LOOK
            move(session, row, ItemState.REQUESTED)
            facts = {"order": made.reference, "answerBy": row.answer_by}
            tell(session, claim, EventKind.ITEM_REQUESTED, now, item_id=row.id, **facts)
        elif made.state != OrderState.REJECTED:
            move(session, row, ItemState.HELD)
            facts = {"order": made.reference, "payBy": made.pay_by}
            tell(session, claim, EventKind.ITEM_HELD, now, item_id=row.id, **facts)

    request = orders.PurchaseRequest(
        carrier=item.token.carrier,
        offer=item.token.offer,
        price=price,
        passengers=item.passengers,
        travellers=order.travellers,
    )
    return orders.purchase(tools, Verb.HOLD, item.item, request, settle, turn=turn)


def keep_order(row: ItemRow, made: CarrierOrder) -> None:
    """Write down the order that the item has now, and how long the carrier keeps the space and the price."""
    row.order_ref, row.order_reference = made.ref, made.reference
    row.inventory_held = made.state not in {OrderState.REQUESTED, OrderState.REJECTED}
    row.price = codec.dump(at_carrier_total(price_of(row), made.total))
    row.pay_by, row.price_guaranteed_until = made.pay_by, made.price_guaranteed_until


def write_held(tools: Tools, claim: Claim, pay_by: datetime | None, session: Session) -> bool:
    """Every item is held, priced or asked for: until when to pay, and whether somebody travels twice at once."""
    now = tools.clock.now()
    booking_id = str(claim.booking_id)
    rows = standing_items(session, booking_id)
    for row in rows:
        if row.state == ItemState.NEW:
            move(session, row, ItemState.HELD)
            tell(session, claim, EventKind.ITEM_PRICED, now, item_id=row.id, inventoryHeld=False)
    write_limit(tools, claim, pay_by, session)
    for row, unsent in _unsent(tools, session, rows):
        tell(session, claim, EventKind.FACTS_NOT_SENT, now, item_id=row.id, carrier=row.carrier, fields=sorted(unsent))
    for reference in _travelled_twice(session, claim, rows):
        tell(session, claim, EventKind.DUPLICATE_SUSPECTED, now, bookingReference=reference)
    return True


def write_limit(tools: Tools, claim: Claim, pay_by: datetime | None, session: Session) -> None:
    """Tell until when to pay, `pay_by` at the latest; while something is requested, only other holds' limits count."""
    booking = session.get_one(BookingRow, claim.booking_id)
    rows = standing_items(session, booking.id)
    requested = booking.state == BookingState.REQUESTED
    limits = [before(row.pay_by, tools.terms.pay_margin) for row in rows]
    until = earliest(None if requested else pay_by, *limits)
    if until is None and not requested:
        # What is kept without a limit would be kept for good, though nobody pays it.
        until = tools.clock.now() + TIME_TO_PAY
    # Of another limit than the one that was warned of, a warning is news again.
    booking.warned_at = booking.warned_at if booking.pay_by == until else None
    booking.pay_by = until
    if requested:
        return
    counted = counted_items(session, booking.id)
    booking.deposit_minor = deposit_minor(counted)
    set_balance_due(booking, earliest(*map(balance_due_at, counted)))
    tell(
        session,
        claim,
        EventKind.BOOKING_HELD,
        tools.clock.now(),
        total=Money(booking.total_minor, booking.currency),
        payBy=booking.pay_by,
        deposit=None if booking.deposit_minor is None else Money(booking.deposit_minor, booking.currency),
        balanceDueAt=booking.balance_due_at,
    )


def _unsent(tools: Tools, session: Session, rows: Sequence[ItemRow]) -> list[tuple[ItemRow, set[PassengerField]]]:
    """The items whose carrier has no place for something its passengers asked for."""
    found = []
    for row in rows:
        people = [person for person in current_rows(session, row.booking_id) if person.id in row.passengers]
        asked = {field for person in people for field in asked_for(person)}
        found.append((row, asked & tools.carriers.get(row.carrier).profile.unsent))
    return [(row, unsent) for row, unsent in found if unsent]


def _travelled_twice(session: Session, claim: Claim, rows: Sequence[ItemRow]) -> list[str]:
    """References of the partner's other live bookings of the same people, on one of these flights or tours' days."""
    people = [(row.name_key, row.born_on) for row in current_rows(session, str(claim.booking_id))]
    travels = {key for row in rows for key in row.flights.split()}
    live = [BookingState.REQUESTED, BookingState.HELD, BookingState.CONFIRMED, BookingState.TICKETED]
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
            # What was exchanged or refunded nobody travels on.
            col(ItemRow.state).in_(live),
        )
    )
    found = {
        reference
        for reference, traveller, taken in session.exec(query).all()
        if (traveller.name_key, traveller.born_on) in people and travels & set(taken.split())
    }
    return sorted(found)

"""Departures as a viewer finds them: listed, whether they can be booked, and offers for rooms of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.booking.facts import before, earliest
from app.domain.errors import Refusal
from app.domain.partner import Scope
from app.domain.refusals import CarrierUnavailable, InvalidInput, NotFound
from app.domain.search import OutcomeStatus
from app.domain.tours import DepartureAvailability, DepartureStatus, Room, SellingCompany, SellingRegion, Tour
from app.tours.availability import Spot, Told, Wanted
from app.tours.catalogue import OperatorTours
from app.tours.departures import Departing, DepartureFilter, order, seen, with_status
from app.tours.offer import DepartureOffer
from app.tours.regions import region_of
from resolvers.bounds import bounded
from resolvers.context import Context
from resolvers.cursors import cursor_of_key, key_after
from resolvers.loading import load
from resolvers.tour_ids import departure_key, parts, tour_id_of
from resolvers.tours import companies, look_up, tour

MOST: Final = 100
# So many can be looked at in one query: two questions to an operator, of its largest size.
MOST_LOOKED_AT: Final = 1_000
# And so many can be chosen from by their status: every departure of a few tours, two seasons ahead.
MOST_CHOSEN: Final = 5_000
OLDEST: Final = 3_600
# Operators tell two seasons ahead.
_AHEAD: Final = timedelta(days=2 * 366)
_LONGEST: Final = timedelta(days=3 * 366)
_PLACE: Final = "departures"
_LOOKED_AT: Final = "departures looked at"
_CHOSEN: Final = "departures chosen from"


@dataclass(frozen=True, kw_only=True, slots=True)
class DepartureWish:
    """What departures of a tour to list, by the ids of its option and season; None leaves it open."""

    tour: str
    option: str | None = None
    season: str | None = None
    first: date | None = None
    last: date | None = None
    statuses: frozenset[DepartureStatus] | None = None
    max_age: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class DeparturePage:
    """Some departures of a tour, whether there are more, and what became of its operator."""

    departures: Sequence[Departing]
    cursors: Sequence[str]
    more: bool
    outcome: OperatorTours


async def departure_page(
    context: Context, asked: SellingRegion | None, wish: DepartureWish, first: int, after: str | None
) -> DeparturePage:
    """The next departures; NotFound for an unknown tour, option or season, InvalidInput for a wrong input, Access."""
    context.viewer.need(Scope.SEARCH)
    region, size = region_of(context.viewer.partner, asked), bounded(first, MOST)
    start = key_after(_PLACE, after)
    found, outcome = await look_up(context, wish.tour, region)
    if outcome is None or (found is None and outcome.status in {OutcomeStatus.OK, OutcomeStatus.EMPTY}):
        raise NotFound(message=f"No tour of this id is sold in {region}.", path=("tour",))
    listed, outcome = await _listed(context, found, wish, outcome) if found else ([], outcome)
    rest = [each for each in listed if order(each) > start]
    return DeparturePage(
        departures=rest[:size],
        cursors=[cursor_of_key(_PLACE, order(each)) for each in rest[:size]],
        more=len(rest) > size,
        outcome=outcome,
    )


async def _listed(
    context: Context, tour: Tour, wish: DepartureWish, outcome: OperatorTours
) -> tuple[list[Departing], OperatorTours]:
    """What matches; where the operator has to be asked for it and is silent, nothing, and that outcome."""
    desk = context.services.tours
    try:
        found = await desk.calendar.departures(tour, _filter(tour, wish, context.services.clock.now()))
        if wish.statuses is not None:
            _count_chosen(context, found)
            found = await with_status(
                found, wish.statuses, desk.availabilities, internal=_internal(context), max_age=wish.max_age
            )
    except CarrierUnavailable:
        return [], OperatorTours(operator=outcome.operator, status=OutcomeStatus.FAILED)
    return found, outcome


def _filter(tour: Tour, wish: DepartureWish, now: datetime) -> DepartureFilter:
    """From today where the tour departs, and two seasons ahead, unless the wish says otherwise."""
    first = wish.first or now.astimezone(ZoneInfo(tour.zone)).date()
    last = wish.last or min(date.max - first, _AHEAD) + first
    if not timedelta() <= last - first <= _LONGEST:
        message = f"`to` is to be `from` or later, and {_LONGEST.days} days later at most."
        raise InvalidInput(message=message, path=("to",))
    option, season = _narrowed(tour, wish)
    _check_sold(tour, wish, option, season)
    return DepartureFilter(first=first, last=last, option=option, season=season)


def _narrowed(tour: Tour, wish: DepartureWish) -> tuple[str | None, str | None]:
    """The operator's own names of the option and season asked for; InvalidInput where they are not this tour's."""
    named: tuple[str, ...] = (tour.operator, tour.ref)
    for field, text, depth, above in (("option", wish.option, 3, "tour"), ("season", wish.season, 4, "tour or option")):
        if text is None:
            continue
        found = parts(text)
        if found[: len(named)] != named or len(found) != depth:
            raise InvalidInput(message=f"The {above} asked for has no such {field}.", path=(field,))
        named = found
    option, season, *_ = (*named[2:], None, None)
    return option, season


def _check_sold(tour: Tour, wish: DepartureWish, option: str | None, season: str | None) -> None:
    """NotFound for an option or a season that the tour does not have in its region."""
    seasons = {(each.ref, one.ref) for each in tour.options for one in each.seasons}
    if wish.option is not None and option not in {each.ref for each in tour.options}:
        raise NotFound(message=f"The tour has no option of this id in {tour.region}.", path=("option",))
    if season is not None and (option, season) not in seasons:
        raise NotFound(message=f"The tour has no season of this id in {tour.region}.", path=("season",))


async def departure(context: Context, text: str, asked: SellingRegion | None) -> Departing | None:
    """The departure of this id as it is sold in the region, whatever its status, None where it is not.

    CarrierUnavailable where nobody tells, InvalidInput for a wrong region, Access without the scope.
    """
    key = departure_key(text)
    sold = await tour(context, tour_id_of(key) if key else text, asked)
    if key is None or sold is None:
        return None
    wanted = DepartureFilter(first=key.starts_on, last=key.starts_on, option=key.option)
    return next(iter(await context.services.tours.calendar.departures(sold, wanted)), None)


async def availability(
    context: Context, departing: Departing, asked: SellingRegion | None, max_age: int
) -> DepartureAvailability | None:
    """Whether the departure can be booked in the region, None where it is not sold; CarrierUnavailable if nobody tells.

    Its status is the operator's own: it is shown with `as_seen`.
    """
    region = region_of(context.viewer.partner, asked or departing.tour.region)
    wanted = Wanted(region=region, key=departing.key, max_age=age(max_age))
    told = await load(context, _told, _counted(context, wanted))
    if isinstance(told, CarrierUnavailable):
        raise told
    return told


async def _told(context: Context, keys: Sequence[Wanted]) -> Sequence[Told]:
    """The batch of all departures that are looked at together."""
    return await context.services.tours.availabilities.of(keys)


def _counted(context: Context, wanted: Wanted) -> Wanted:
    """One more departure of this request; InvalidInput for one too many."""
    looked_at: set[Spot] = context.loader(_LOOKED_AT, set)
    looked_at.add(wanted.spot)
    if len(looked_at) > MOST_LOOKED_AT:
        message = f"A query looks at {MOST_LOOKED_AT} departures at most, counted by region: list fewer."
        raise InvalidInput(message=message)
    return wanted


def _count_chosen(context: Context, found: Sequence[Departing]) -> None:
    """More departures of this request whose status decides; InvalidInput for too many."""
    chosen: set[Spot] = context.loader(_CHOSEN, set)
    chosen.update((each.tour.region, each.key) for each in found)
    if len(chosen) > MOST_CHOSEN:
        message = f"A query chooses among {MOST_CHOSEN} departures by status at most: ask for fewer days."
        raise InvalidInput(message=message, path=("status",))


def age(seconds: int) -> timedelta:
    """`maxAge`, when it is 0 to an hour; InvalidInput otherwise."""
    if not 0 <= seconds <= OLDEST:
        raise InvalidInput(message=f"maxAge must be 0 to {OLDEST} seconds; it is {seconds}.", path=("maxAge",))
    return timedelta(seconds=seconds)


def as_seen(context: Context, told: DepartureAvailability) -> DepartureAvailability:
    """What the viewer may see of it."""
    return seen(told, internal=_internal(context))


def deposit_due_at(context: Context, told: DepartureAvailability) -> datetime | None:
    """Until when a hold made now would have to be paid, as reserve counts it; None where none can be made."""
    if not told.bookable_online:
        return None
    limit, now = context.viewer.partner.payment_limit, context.services.clock.now()
    margin = context.services.desk.tools.terms.pay_margin
    held = before(told.hold_until, margin)
    return earliest(held, now + limit if limit else None) if held else None


async def company_of(context: Context, told: DepartureAvailability) -> SellingCompany | None:
    """Who sells the departure in its region; CarrierUnavailable where the operator does not tell."""
    found = await companies(context, told.departure.key.operator, told.region)
    return found[0] if found else None


def offer(context: Context, told: DepartureAvailability, rooms: Sequence[Room]) -> DepartureOffer | Refusal:
    """What the rooms cost the viewer's partner now, or why there is no offer for them."""
    try:
        return context.services.tours.offer(told, rooms, context.viewer.partner)
    except Refusal as refusal:
        return refusal


def offer_token(context: Context, found: DepartureOffer) -> str:
    """The offer sealed for the viewer's partner, to reserve with."""
    return context.services.seals.seal(found.token(), context.viewer.partner.id)


def _internal(context: Context) -> bool:
    return Scope.INTERNAL in context.viewer.scopes

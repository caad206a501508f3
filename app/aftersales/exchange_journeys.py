"""Journeys of an item, exchanged for others: which are wanted, and what the carrier has for them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.aftersales import steps
from app.aftersales.exchange_quotes import MOST, AskedExchange, Quoted, best, exchanged, held_instead
from app.booking import orders
from app.booking.desk import Tools
from app.domain.aftersales import ReplacedJourney, Rule, RuleGround
from app.domain.itinerary import CabinClass, CarrierOffer, Journey, PassengerField
from app.domain.refusals import InvalidInput, NotExchangeable, NotFound
from app.domain.search import Leg, SearchQuery, SeatRequest
from app.journal.run import Run
from carriers.contract import CarrierOrder, ExchangeWish

SamePlace = Callable[[str, str], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewJourney:
    """What is wanted in the place of the item's `journey`, by its reference; where not said, the same places as now."""

    journey: str
    date: date
    origin: str | None = None
    destination: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedJourneys(AskedExchange):
    """`journeys` are those it has now, `legs` all as they are wanted, `replaced` the places of the new ones."""

    journeys: tuple[Journey, ...]
    legs: tuple[Leg, ...]
    replaced: tuple[int, ...]
    seats: tuple[SeatRequest, ...]
    required: tuple[PassengerField, ...]
    cabin: CabinClass | None


def asked_journeys(
    offer: CarrierOffer,
    wanted: Sequence[NewJourney],
    cabin: CabinClass | None,
    now: datetime,
    same: SamePlace,
    path: tuple[str, ...],
    **asked: Any,  # noqa: ANN401 - facts of AskedExchange
) -> AskedJourneys:
    """What is to be asked; NotFound or InvalidInput for a journey that cannot be meant.

    `same` says whether two codes are one place, where there is nothing to travel between.
    """
    new = {each.journey: each for each in wanted}
    refs = [journey.ref for journey in offer.journeys]
    # It is still yesterday somewhere; the carrier knows where.
    today = now.date() - timedelta(days=1)
    for index, each in enumerate(wanted):
        _check(each, refs, today, (*path, "journeys", str(index)))
    legs = {journey.ref: _leg(journey, new.get(journey.ref)) for journey in offer.journeys}
    _check_places(legs, wanted, same, path)
    return AskedJourneys(
        journeys=offer.journeys,
        legs=tuple(legs.values()),
        replaced=tuple(position for position, ref in enumerate(refs) if ref in new),
        seats=tuple(SeatRequest(type=passenger.type, age=passenger.age) for passenger in offer.passengers),
        required=offer.required,
        cabin=cabin,
        **asked,
    )


async def journeys_instead(tools: Tools, run: Run, item: AskedJourneys) -> list[Quoted]:
    """What could be travelled instead, cheapest first. The carrier's Refusal says why nothing."""
    return await (_of_order(tools, run, item) if item.order else _anew(tools, run, item))


async def _of_order(tools: Tools, run: Run, item: AskedJourneys) -> list[Quoted]:
    """What the carrier would exchange the paid order for."""
    request = orders.OrderRequest(carrier=item.carrier, order=item.order or "")
    now = await run.step(orders.read(tools, item.item, request, lambda _s, _order: None, lambda _s, _no: None))
    wish = ExchangeWish(order=now.ref, replaced=_replaced(item, now), cabin=item.cabin)
    asked = steps.ExchangeRequest(carrier=item.carrier, wish=wish)
    found = await run.step(steps.quote_exchange(tools, item.item, asked))
    quotes = []
    for offer in found.offers:
        added = {journey.ref for journey in offer.added}
        kept = tuple(journey for journey in offer.journeys if journey.ref not in added)
        if item.sold_in(offer.balance):
            quotes.append(exchanged(item, offer, kept=kept, removed=offer.removed, added=offer.added))
    return best(quoted for quoted in quotes if quoted is not None)


async def _anew(tools: Tools, run: Run, item: AskedJourneys) -> list[Quoted]:
    """What could be held instead."""
    query = SearchQuery(legs=item.legs, passengers=item.seats, cabin=item.cabin)
    request = steps.SearchRequest(carrier=item.carrier, query=query)
    found = await run.step(steps.search_anew(tools, item.item, request, most=MOST))
    _, removed = _told_apart(item, item.journeys)
    quotes = []
    for offer in found.offers:
        kept, added = _told_apart(item, offer.journeys)
        if item.sold_in(offer.total) and set(offer.required) <= set(item.required):
            shown = {"kept": kept, "removed": removed, "added": added}
            quotes.append(held_instead(tools, run.claim.partner_id, item, offer, item.legs, **shown))
    return best(quoted for quoted in quotes if quoted is not None)


def _check(wanted: NewJourney, refs: Sequence[str], today: date, path: tuple[str, ...]) -> None:
    if wanted.journey not in refs:
        raise NotFound(message="The item has no journey with this id.", path=(*path, "journey"))
    if wanted.date < today:
        raise InvalidInput(message=f"{wanted.date} is past.", path=(*path, "date"))


def _check_places(
    legs: Mapping[str, Leg], wanted: Sequence[NewJourney], same: SamePlace, path: tuple[str, ...]
) -> None:
    for index, each in enumerate(wanted):
        leg = legs[each.journey]
        if same(leg.origin, leg.destination):
            message = f"{leg.origin} and {leg.destination} are the same place; a journey needs two."
            field = "destination" if each.destination else "origin"
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


def _replaced(item: AskedJourneys, now: CarrierOrder) -> tuple[ReplacedJourney, ...]:
    """The journeys by their references in the order, which are others than the offer's had been."""
    if len(now.journeys) != len(item.legs):
        rule = Rule(ground=RuleGround.CARRIER_CHANGED, allowed=False)
        raise NotExchangeable(message="The carrier has changed this order; see the booking's changes.", rule=rule)
    return tuple(
        ReplacedJourney(
            journey=now.journeys[position].ref,
            origin=item.legs[position].origin,
            destination=item.legs[position].destination,
            date=item.legs[position].date,
        )
        for position in item.replaced
    )


def _told_apart(item: AskedJourneys, journeys: tuple[Journey, ...]) -> tuple[tuple[Journey, ...], tuple[Journey, ...]]:
    """The journeys that were not to be replaced, and the new ones."""
    kept = tuple(journey for position, journey in enumerate(journeys) if position not in item.replaced)
    return kept, tuple(journey for position, journey in enumerate(journeys) if position in item.replaced)

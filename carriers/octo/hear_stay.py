"""What a booking is for: as its operator tells it, or as it was agreed where the operator tells it no more."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.tours import REGION_CURRENCY, DepartureKey, DepartureTerms, SellingRegion, TourStay
from app.wire.facts import Incomplete, Json, instant, text, text_or_none
from carriers.contract import Profile
from carriers.octo.calls import DEPARTURES
from carriers.octo.content import Product, product
from carriers.octo.errors import Answer
from carriers.octo.facts import day, whole
from carriers.octo.hear_availability import last_day, plain_departure
from carriers.octo.rooms import rooms_of
from carriers.octo.terms import plain_terms, told_terms

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class BookedStay:
    """A booking's stay. Where no scale says what cancelling costs, it is free before `cutoff_at`, if that is known."""

    stay: TourStay
    cutoff_at: datetime | None


def sold(answer: Answer) -> tuple[SellingRegion, str]:
    """Where a booking was sold, and the product it is for.

    Plain OCTO knows no regions: the rest of the world, or the first one with the booking's currency, unless we know.
    """
    with whole("booking"):
        tour = text(answer.data["productId"])
        if DEPARTURES in answer.granted and answer.data.get("region") is not None:
            return SellingRegion(answer.data["region"]), tour
        currency = answer.data["pricing"]["currency"]
        fits = [region for region in SellingRegion if REGION_CURRENCY[region] == currency]
        return (SellingRegion.ZZ if SellingRegion.ZZ in fits or not fits else fits[0]), tour


def told(who: Profile, answer: Answer, known: Product | None) -> BookedStay | None:
    """The stay by a product that is known, or by what the booking itself says of it; None where that is too little."""
    with _as_far_as_told():
        option = answer.data["optionId"]
        found = known if known and option in known.options else _its_own(who, answer)
        return _of_product(who, answer, found) if found else None
    return None


def agreed(answer: Answer, stay: TourStay) -> BookedStay | None:
    """The stay that was agreed, on the terms that the booking tells; None where the booking is for another."""
    data, key = answer.data, stay.key
    with _as_far_as_told():
        starts = data["availability"]
        booked_on = key.starts_on if starts is None else day(starts["localDateTimeStart"])
        if (data["productId"], data["optionId"], booked_on) != (key.tour, key.option, key.starts_on):
            return None
        if DEPARTURES not in answer.granted:
            return BookedStay(stay=stay, cutoff_at=stay.terms.exchange_until)
        terms = data.get("departureTerms")
        told_now = stay.terms if terms is None else told_terms(terms, key.starts_on, stay.zone)
        return BookedStay(stay=replace(stay, terms=told_now), cutoff_at=None)
    return None


def sold_in(answer: Answer, booked: BookedStay, region: SellingRegion) -> BookedStay:
    """The stay as it was sold in a region, which plain OCTO does not know: several of them may have its currency."""
    told_there = DEPARTURES in answer.granted and answer.data.get("region") is not None
    return booked if told_there else replace(booked, stay=replace(booked.stay, region=region))


def passenger(item: Json) -> str:
    """Our reference of a person, or the operator's where somebody else booked."""
    return text_or_none(item.get("resellerReference")) or text(item["uuid"])


@contextmanager
def _as_far_as_told() -> Iterator[None]:
    """What cannot be read inside is not told: it must not hide how the booking stands."""
    try:
        with whole("stay"):
            yield
    except Incomplete as error:
        log.warning("what a booking is for is not known: %s", error)


def _its_own(who: Profile, answer: Answer) -> Product | None:
    """The product as the booking shows it, which OCTO lets operators do."""
    data = answer.data
    if data.get("product") is None:
        return None
    option = data.get("option")
    shown = data["product"] if option is None else {**data["product"], "options": [option]}
    return product(who.code, sold(answer)[0], Answer(shown, answer.granted))


def _of_product(who: Profile, answer: Answer, found: Product) -> BookedStay:
    data, rich = answer.data, DEPARTURES in answer.granted
    starts_at = instant(data["availability"]["localDateTimeStart"])
    cutoff = found.options[data["optionId"]].cutoff
    stay = _stay(who, data, found, _terms(data, found, starts_at, cutoff, rich=rich), rich=rich)
    return BookedStay(stay=stay, cutoff_at=starts_at - cutoff)


def _terms(data: Json, found: Product, starts_at: datetime, cutoff: timedelta, *, rich: bool) -> DepartureTerms:
    if not rich:
        return plain_terms(starts_at, cutoff, data["pricing"]["currency"])
    return told_terms(data.get("departureTerms"), starts_at.date(), found.tour.zone)


def _stay(who: Profile, data: Json, found: Product, terms: DepartureTerms, *, rich: bool) -> TourStay:
    tour, availability = found.tour, data["availability"]
    starts_on = day(availability["localDateTimeStart"])
    key = DepartureKey(operator=who.code, tour=tour.ref, option=text(data["optionId"]), starts_on=starts_on)
    option = next(option for option in tour.options if option.ref == key.option)
    season = availability.get("seasonId")
    return TourStay(
        key=key,
        region=tour.region,
        operator_name=who.name,
        tour_name=tour.name,
        option_name=option.name,
        ends_on=last_day(availability, found, key) if rich else plain_departure(found, key).ends_on,
        zone=tour.zone,
        season_name=next((one.name for one in option.seasons if one.ref == season), None),
        language=text_or_none(availability.get("guideLanguage")),
        rooms=rooms_of(passenger(item) for item in data["unitItems"]),
        terms=terms,
    )

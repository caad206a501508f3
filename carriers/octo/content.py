"""OCTO's suppliers and products in our words. What is incomplete is left out, and hides nothing else."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from app.domain.tours import (
    REGION_CURRENCY,
    Contact,
    Departure,
    DepartureKey,
    ItineraryDay,
    Rate,
    RateType,
    Season,
    SellingCompany,
    SellingRegion,
    Tour,
    TourImage,
    TourOption,
    TourPlace,
)
from carriers.octo.calls import DEPARTURES, PRICING
from carriers.octo.errors import Answer
from carriers.octo.facts import Incomplete, Json, day, money, objects, text, text_or_none, whole

log = logging.getLogger(__name__)

_ROOMS: Mapping[str, RateType] = {
    "TWIN_SHARE": RateType.TWIN_SHARE,
    "SINGLE": RateType.SINGLE,
    "CHILD": RateType.CHILD,
}
# Plain OCTO has no rooms: who pays what, by the type of the unit.
_PEOPLE: Mapping[str, RateType] = {"ADULT": RateType.PERSON, "CHILD": RateType.CHILD}
_MINUTES_A_DAY = 24 * 60
_COUNTRY_LETTERS = 2
_REDEMPTION = "REDEMPTION"


@dataclass(frozen=True, kw_only=True, slots=True)
class OptionFacts:
    """What selling an option takes: the rate each unit is for, and until when it can be cancelled before it starts.

    `child_ages` are the ages in years of who pays a child's price; None where the operator does not say.
    """

    units: Mapping[str, RateType]
    child_ages: range | None
    cutoff: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """A tour and what selling it takes. `instant` is confirmed at once, `currencies` None where any will do."""

    tour: Tour
    options: Mapping[str, OptionFacts]
    instant: bool
    currencies: frozenset[str] | None

    @property
    def currency(self) -> str | None:
        """The region's currency, where the operator has prices in it."""
        wanted = REGION_CURRENCY[self.tour.region]
        return wanted if self.currencies is None or wanted in self.currencies else None

    def option(self, ref: str) -> TourOption | None:
        """The option with this id."""
        return next((option for option in self.tour.options if option.ref == ref), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """What an operator sells in a region; `rich` where it speaks our capability."""

    region: SellingRegion
    rich: bool
    products: Mapping[str, Product]
    companies: Mapping[SellingRegion, SellingCompany]


def content(operator: str, region: SellingRegion, products: Answer, supplier: Answer) -> Content:
    """All of it."""
    rich = DEPARTURES in products.granted
    with whole("list of products"):
        listed = objects(products.data)
    return Content(
        region=region,
        rich=rich,
        products={one.tour.ref: one for one in _complete(operator, region, listed, products.granted)},
        companies={company.region: company for company in companies(operator, supplier)},
    )


def product(operator: str, region: SellingRegion, answer: Answer) -> Product:
    """One of them, asked for alone."""
    return _product(operator, region, answer.data, answer.granted)


def companies(operator: str, answer: Answer) -> tuple[SellingCompany, ...]:
    """Who sells its tours in each region: those it names, or the operator itself."""
    with whole("supplier"):
        data = answer.data
        if DEPARTURES in answer.granted:
            return tuple(
                _company(operator, SellingRegion(one["region"]), text(one["code"]), one)
                for one in data["sellingCompanies"]
            )
        return tuple(_company(operator, region, text(data["id"]), data) for region in SellingRegion)


def _company(operator: str, region: SellingRegion, code: str, data: Json) -> SellingCompany:
    told = data.get("contact") or {}
    contact = Contact(
        email=text_or_none(told.get("email")),
        phone=text_or_none(told.get("telephone")),
        website=text_or_none(told.get("website")),
    )
    return SellingCompany(operator=operator, region=region, code=code, name=text(data["name"]), contact=contact)


def _complete(
    operator: str, region: SellingRegion, listed: Iterable[Json], granted: frozenset[str]
) -> Iterator[Product]:
    for data in listed:
        try:
            yield _product(operator, region, data, granted)
        except Incomplete as error:
            log.warning("a tour of %s is left out: %s", operator, error)


def _product(operator: str, region: SellingRegion, data: Json, granted: frozenset[str]) -> Product:
    rich = DEPARTURES in granted
    with whole("product"):
        tour = _tour(operator, region, data, rich=rich)
        currencies = data.get("availableCurrencies") if PRICING in granted else ()
        return Product(
            tour=tour,
            options={text(option["id"]): option_facts(option, rich=rich) for option in data["options"]},
            instant=data["instantConfirmation"] is True,
            currencies=None if currencies is None else frozenset(currencies),
        )


def option_facts(data: Json, *, rich: bool) -> OptionFacts:
    """What selling an option takes."""
    unit = {"minute": "minutes", "hour": "hours", "day": "days"}[data["cancellationCutoffUnit"]]
    units = {text(one["id"]): rate for one in data["units"] if (rate := _rate_type(one, rich=rich))}
    return OptionFacts(
        units=units,
        child_ages=next((_ages(one) for one in data["units"] if units.get(one["id"]) is RateType.CHILD), None),
        cutoff=timedelta(**{unit: data["cancellationCutoffAmount"]}),
    )


def _ages(unit: Json) -> range | None:
    told = unit.get("restrictions") or {}
    first, last = told.get("minAge"), told.get("maxAge")
    return None if first is None or last is None else range(int(first), int(last) + 1)


def _rate_type(unit: Json, *, rich: bool) -> RateType | None:
    return _ROOMS.get(unit.get("room") or "") if rich else _PEOPLE.get(unit["type"])


def title(data: Json) -> str:
    """What travellers call it, or what the operator does where it has no content."""
    return text_or_none(data.get("title")) or text(data["internalName"])


def _tour(operator: str, region: SellingRegion, data: Json, *, rich: bool) -> Tour:
    ref, zone = text(data["id"]), text(data["timeZone"])
    days = days_of(data)
    return Tour(
        operator=operator,
        ref=ref,
        region=region,
        name=title(data),
        days=days,
        zone=zone,
        description=_description(data),
        places=tuple(_places(data.get("locations") or ())),
        images=tuple(_images(data.get("media") or ())),
        options=tuple(_option(operator, region, ref, zone, days, option, rich=rich) for option in data["options"]),
    )


def days_of(data: Json, otherwise: int = 1) -> int:
    """How many days it takes: as the operator tells, or by its duration."""
    if data.get("days"):
        return int(data["days"])
    minutes = data.get("durationMinutesTo") or data.get("durationMinutesFrom")
    return -(-int(minutes) // _MINUTES_A_DAY) if minutes else otherwise


def _description(data: Json) -> str | None:
    return text_or_none(data.get("description")) or text_or_none(data.get("shortDescription"))


def _places(listed: Iterable[Json]) -> Iterator[TourPlace]:
    """The places it visits, in order, each once; those without a name or a country are none we can tell."""
    seen = set()
    for location in listed:
        place = location.get("place") or {}
        name = text_or_none(location.get("title"))
        country = text_or_none((place.get("postalAddress") or {}).get("addressCountry"))
        if not name or not country or len(country) != _COUNTRY_LETTERS or location.get("types") == [_REDEMPTION]:
            continue
        if (name, country) in seen:
            continue
        seen.add((name, country))
        yield TourPlace(
            name=name, country=country, latitude=_degrees(place, "latitude"), longitude=_degrees(place, "longitude")
        )


def _degrees(place: Json, name: str) -> Decimal | None:
    return None if place.get(name) is None else Decimal(str(place[name]))


def _images(listed: Iterable[Json]) -> Iterator[TourImage]:
    for media in listed:
        if str(media.get("type", "")).startswith("image/"):
            caption = text_or_none(media.get("caption")) or text_or_none(media.get("title"))
            yield TourImage(url=text(media["src"]), caption=caption)


def _option(
    operator: str, region: SellingRegion, tour: str, zone: str, days: int, data: Json, *, rich: bool
) -> TourOption:
    ref = text(data["id"])
    units = option_facts(data, rich=rich).units
    listed = (data.get("seasons") or ()) if rich else ()
    return TourOption(
        ref=ref,
        name=title(data),
        days=days_of(data, days),
        description=_description(data),
        seasons=tuple(_season(operator, tour, ref, zone, one, rates_of(one, region, units)) for one in listed),
    )


def rates_of(data: Json, region: SellingRegion, units: Mapping[str, RateType]) -> tuple[Rate, ...]:
    """The prices per person in the region's currency; of several units for the same, the first."""
    rates: dict[RateType, Rate] = {}
    for pricing in data.get("unitPricing") or data.get("unitPricingFrom") or ():
        kind = units.get(pricing["unitId"])
        if kind and pricing["currency"] == REGION_CURRENCY[region]:
            rates.setdefault(kind, Rate(type=kind, price=money(pricing), unit=pricing["unitId"]))
    return tuple(rates.values())


def _season(operator: str, tour: str, option: str, zone: str, data: Json, rates: tuple[Rate, ...]) -> Season:
    ref = text(data["id"])
    return Season(
        ref=ref,
        name=text(data["name"]),
        first_day=day(data["localDateStart"]),
        last_day=day(data["localDateEnd"]),
        accommodation=text_or_none(data.get("accommodation")),
        itinerary=tuple(_itinerary_day(one) for one in data.get("itinerary") or ()),
        rates=rates,
        departures=tuple(
            Departure(
                key=DepartureKey(operator=operator, tour=tour, option=option, starts_on=day(one["localDate"])),
                ends_on=day(one["localDateEnd"]),
                zone=zone,
                season=ref,
                language=text_or_none(one.get("guideLanguage")),
            )
            for one in data["departures"]
        ),
    )


def _itinerary_day(data: Json) -> ItineraryDay:
    return ItineraryDay(
        day=int(data["day"]),
        title=text(data["title"]),
        text=text_or_none(data.get("text")) or "",
        accommodation=text_or_none(data.get("accommodation")),
    )

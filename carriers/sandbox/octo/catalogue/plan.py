"""Tours as they stay from day to day: what is written of them, without the departures of any one year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.domain.tours import REGION_CURRENCY, SellingRegion
from carriers.sandbox.octo.catalogue.calendar import Rhythm, YearlySeason, month_day, rhythm
from carriers.sandbox.octo.catalogue.model import Day, Option, Place, Prices, Terms, Told, Tour
from carriers.sandbox.octo.catalogue.selling import SeasonSales
from carriers.sandbox.octo.catalogue.written import Written, minor, operators, told, tours

RegionTerms = Mapping[SellingRegion, Terms]

_ALWAYS = ("multi-day", "guided-tours", "accommodation-included")


@dataclass(frozen=True, kw_only=True, slots=True)
class SeasonPlan:
    """What a season is every year."""

    yearly: YearlySeason
    rhythm: Rhythm
    guides: tuple[str, ...]
    accommodation: Told
    itinerary: tuple[Day, ...]
    sales: SeasonSales


@dataclass(frozen=True, kw_only=True, slots=True)
class TourPlan:
    """A tour without seasons, and the plans of its options' seasons by option id.

    `shown_by_weekday`: its departures show one thing each by the day of the week, for tests and demonstrations.
    """

    tour: Tour
    seasons: Mapping[str, tuple[SeasonPlan, ...]]
    shown_by_weekday: bool


@cache
def tour_plans() -> tuple[TourPlan, ...]:
    """All of them."""
    return tuple(_plan(code, written) for code in operators() for written in tours(code))


def _plan(operator: str, written: Written) -> TourPlan:
    tour = Tour(
        id=written["id"],
        operator=operator,
        reference=written["reference"],
        name=told(written["name"]),
        short_description=told(written["short_description"]),
        description=told(written["description"]),
        zone=written["zone"],
        places=tuple(_place(each) for each in written["places"]),
        categories=_ALWAYS + tuple(written["categories"]),
        highlights=_texts(written["highlights"]),
        inclusions=_texts(written["inclusions"]),
        exclusions=_texts(written["exclusions"]),
        regions=frozenset(map(SellingRegion, written["regions"])),
        options=tuple(_option(each) for each in written["options"]),
    )
    terms = operators()[operator].terms
    seasons = {each["id"]: _season_plans(written, each, terms) for each in written["options"]}
    return TourPlan(tour=tour, seasons=seasons, shown_by_weekday=written.get("shown_by_weekday", False))


def _place(written: Sequence[Any]) -> Place:
    name, country, latitude, longitude = written
    return Place(name=name, country=country, latitude=latitude, longitude=longitude)


def _texts(written: Sequence[str | Written]) -> tuple[Told, ...]:
    return tuple(map(told, written))


def _option(written: Written) -> Option:
    return Option(
        id=written["id"],
        name=told(written["name"]),
        description=told(written["description"]),
        days=written["days"],
        seasons=(),
    )


def _season_plans(tour: Written, option: Written, terms: RegionTerms) -> tuple[SeasonPlan, ...]:
    return tuple(_season_plan(tour, option, kind, terms) for kind in tour["seasons"])


def _season_plan(tour: Written, option: Written, kind: str, terms: RegionTerms) -> SeasonPlan:
    year, season = tour["seasons"][kind], option["seasons"][kind]
    prices = {SellingRegion(region): _prices(SellingRegion(region), each) for region, each in season["prices"].items()}
    return SeasonPlan(
        yearly=YearlySeason(kind, year["name"], month_day(year["first"]), month_day(year["last"])),
        rhythm=rhythm(season["departs"]),
        guides=tuple(tour["guides"]),
        accommodation=told(season["accommodation"]),
        itinerary=_itinerary(tour, option, kind),
        sales=SeasonSales(prices, terms),
    )


def _itinerary(tour: Written, option: Written, kind: str) -> tuple[Day, ...]:
    """The option's days; where it continues another, that one's before its own; the season's in their place."""
    days = _days(tour, option)
    changed = _changed(tour, option, kind)
    return tuple(_day(number, changed.get(number, day)) for number, day in enumerate(days, 1))


def _days(tour: Written, option: Written) -> list[Written]:
    first = tour["options"][0]
    shared = first["itinerary"][: option["continues_after_day"]] if "continues_after_day" in option else []
    return [*shared, *option["itinerary"]]


def _changed(tour: Written, option: Written, kind: str) -> dict[int, Written]:
    own = option["seasons"][kind].get("itinerary", {})
    shared = tour["options"][0]["seasons"][kind].get("itinerary", {})
    kept = {day: text for day, text in shared.items() if int(day) <= option.get("continues_after_day", 0)}
    return {int(day): text for day, text in (kept | own).items()}


def _day(number: int, written: Written) -> Day:
    return Day(
        day=number,
        title=told(written["title"]),
        text=told(written["text"]),
        accommodation=written.get("accommodation"),
    )


def _prices(region: SellingRegion, written: Written) -> Prices:
    return Prices(
        twin=minor(written["twin"]),
        single=minor(written["single"]),
        child=minor(written["child"]),
        currency=REGION_CURRENCY[region],
    )

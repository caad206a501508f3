"""OCTO's products in our words: tours, their options and seasons, the places they visit and how these look."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from app.domain.tours import (
    Departure,
    DepartureKey,
    ItineraryDay,
    Rate,
    Season,
    SellingRegion,
    Tour,
    TourImage,
    TourOption,
    TourPlace,
)
from app.wire.facts import Json, text, text_or_none
from carriers.octo.facts import day, zone_name
from carriers.octo.units import option_facts, rates_of

_MINUTES_A_DAY = 24 * 60
_COUNTRY_LETTERS = 2
_REDEMPTION = "REDEMPTION"


def _title(data: Json) -> str:
    """What travellers call it, or what the operator does where it has no content."""
    return text_or_none(data.get("title")) or text(data["internalName"])


def tour(operator: str, region: SellingRegion, data: Json, *, rich: bool) -> Tour:
    """A product as it is sold in the region."""
    ref, zone = text(data["id"]), zone_name(data["timeZone"])
    days = _days_of(data)
    return Tour(
        operator=operator,
        ref=ref,
        region=region,
        name=_title(data),
        days=days,
        zone=zone,
        description=_description(data),
        places=tuple(_places(data.get("locations") or ())),
        images=tuple(_images(data.get("media") or ())),
        options=tuple(_option(operator, region, ref, zone, days, option, rich=rich) for option in data["options"]),
    )


def _days_of(data: Json, otherwise: int = 1) -> int:
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
        name=_title(data),
        days=_days_of(data, days),
        description=_description(data),
        seasons=tuple(_season(operator, tour, ref, zone, one, rates_of(one, region, units)) for one in listed),
    )


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

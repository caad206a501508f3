"""What `octo/content` adds: texts, the places visited, what is included."""

from collections.abc import Iterable

from app.domain.tours import SellingRegion
from carriers.sandbox.exchange import Json
from carriers.sandbox.octo import pictures
from carriers.sandbox.octo.catalogue.model import Option, Place, Told, Tour

_MINUTES_PER_DAY = 24 * 60
_MAPS = ("google", "apple", "yelp", "facebook", "foursquare", "baidu", "amap")
_NOWHERE_ELSE = {f"{name}PlaceId": None for name in _MAPS} | {"tripadvisorLocationId": None}


def of_tour(tour: Tour, region: SellingRegion, endpoint: str) -> Json:
    """A product's content, from the supplier at this address."""
    return _content(tour.name, tour.description, tour.options[0].days, region) | {
        "shortDescription": tour.short_description.told(region),
        "features": [
            *_features("HIGHLIGHT", tour.highlights, region),
            *_features("INCLUSION", tour.inclusions, region),
            *_features("EXCLUSION", tour.exclusions, region),
        ],
        "media": [pictures.shown(tour, region, endpoint)],
        "locations": [_location(tour, index) for index in range(len(tour.places))],
        "categoryLabels": list(tour.categories),
        "commentary": [{"format": "IN_PERSON", "language": "en"}],
    }


def of_option(option: Option, region: SellingRegion) -> Json:
    """An option's content."""
    return _content(option.name, option.description, option.days, region) | {"shortDescription": None}


def _content(name: Told, description: Told, days: int, region: SellingRegion) -> Json:
    return {
        "title": name.told(region),
        "description": description.told(region),
        "features": [],
        "faqs": [],
        "media": [],
        "locations": [],
        "categoryLabels": [],
        "durationMinutesFrom": days * _MINUTES_PER_DAY,
        "durationMinutesTo": None,
        "commentary": [],
    }


def _features(kind: str, texts: Iterable[Told], region: SellingRegion) -> list[Json]:
    return [{"shortDescription": text.told(region), "type": kind} for text in texts]


def _location(tour: Tour, index: int) -> Json:
    ends = {0: "START", len(tour.places) - 1: "END"}
    place = tour.places[index]
    return {
        "title": place.name,
        "shortDescription": None,
        "types": [ends.get(index, "ITINERARY_ITEM")],
        "minutesTo": None,
        "minutesAt": None,
        "place": _place(place),
    }


def _place(place: Place) -> Json:
    address: Json = dict.fromkeys(("streetAddress", "addressRegion", "postalCode", "postOfficeBoxNumber"))
    return {
        "latitude": place.latitude,
        "longitude": place.longitude,
        "postalAddress": address | {"addressLocality": place.name, "addressCountry": place.country},
        "identifiers": dict(_NOWHERE_ELSE),
        "sameAs": [],
    }

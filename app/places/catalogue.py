"""The place catalogue: every city and airport with an IATA code, and a search that forgives typing."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

import airportsdata
from anyascii import anyascii
from babel import Locale
from rapidfuzz import process
from rapidfuzz.distance import OSA

from app.domain.metropolitan import METROPOLITAN_AREAS, MetropolitanArea
from app.domain.places import Place, PlaceKind
from app.places.prominence import ALIASES, rank

# How close a misspelt name must be: one slip in four letters, two in seven.
_CLOSE: Final = 0.7
_SHORTEST_MISSPELT: Final = 4
_LONGEST_MISSPELT: Final = 60
_NEIGHBOURS: Final = 20

# How well a name matches: exact code, exact name, beginning of it, beginning of a later word, each word of the text
# somewhere in name, code or country ("heathrow london", "jfk new york", "london canada"), misspelt.
_CODE, _NAME, _BEGINNING, _WORD, _TOGETHER, _MISSPELT = range(6)
# A name from one of its words on, whether words stand before it, and the place's code.
Start = tuple[str, int, str]
# Words that half of all airports share.
_COMMON_WORDS: Final = frozenset("airport international municipal regional field county aerodrome saint north".split())


def folded(text: str) -> str:
    """What is compared: plain letters and digits in lower case, single spaces."""
    return re.sub(r"[^a-z0-9]+", " ", anyascii(text).casefold()).strip()


class Catalogue:
    """Cities and airports by code and by name."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._places = {place.code: place for place in places}
        self._ranks = {code: rank(place) for code, place in self._places.items()}
        named = [(name, code) for code, place in self._places.items() for name in _names(place)] + list(_aliases())
        # Every name from each of its words on, sorted: what begins with a text stands together.
        self._starts = sorted(_starts(named))
        self._codes_of = _by_word(named)
        self._hints = sorted(_starts(_hints(self._places.values())))

    @classmethod
    @cache
    def load(cls) -> "Catalogue":
        """Every place with an IATA code, read once."""
        return cls(_all_places())

    def find(self, code: str) -> Place | None:
        """The place with this IATA code, however it is capitalised."""
        return self._places.get(code.strip().upper())

    def search(self, text: str, limit: int) -> Sequence[Place]:
        """The places the text may mean, best first: by how well a name matches, then by how well known it is."""
        wanted = folded(text)
        if not wanted:
            return []
        found = dict(self._together(wanted)) | dict(self._matches(wanted))
        if not found and _SHORTEST_MISSPELT <= len(wanted) <= _LONGEST_MISSPELT:
            found = dict(self._misspelt(wanted))
        best = sorted(found, key=lambda code: (found[code], self._ranks[code], self._places[code].name))
        return [self._places[code] for code in best[:limit]]

    def _matches(self, wanted: str) -> Iterator[tuple[str, tuple[int, float]]]:
        """Places a name or code of which begins like this; later, better matches overrule earlier ones."""
        found = [(_kind(wanted, start, inside), code) for start, inside, code in _beginning(self._starts, wanted)]
        yield from ((code, (kind, 0.0)) for kind, code in sorted(found, reverse=True))
        place = self._places.get(wanted.upper())
        if place is not None:
            yield place.code, (_CODE, 0.0)
            area = METROPOLITAN_AREAS.get(place.code)
            yield from ((code, (_NAME, 0.0)) for code in (area.airports if area else ()) if code != place.code)

    def _together(self, wanted: str) -> Iterator[tuple[str, tuple[int, float]]]:
        """Places of which each word of the text says something; a single short word says too little."""
        if len(wanted) < _SHORTEST_MISSPELT:
            return
        said = [self._said_of(word) for word in wanted.split()]
        yield from ((code, (_TOGETHER, 0.0)) for code in set.intersection(*said))

    def _said_of(self, word: str) -> set[str]:
        """Places with a name or country in which a word begins like this, or that code."""
        rows = (*_beginning(self._starts, word), *_beginning(self._hints, word))
        return {code for _, _, code in rows} | ({word.upper()} & self._places.keys())

    def _misspelt(self, wanted: str) -> Iterator[tuple[str, tuple[int, float]]]:
        """Names and words at a small distance, transposed letters counting once; the closest last."""
        close = process.extract(
            wanted,
            self._codes_of.keys(),
            scorer=OSA.normalized_similarity,
            processor=None,
            score_cutoff=_CLOSE,
            limit=_NEIGHBOURS,
        )
        for name, similarity, _ in reversed(close):
            for code in self._codes_of[name]:
                yield code, (_MISSPELT, -round(similarity, 1))


def _beginning(starts: Sequence[Start], wanted: str) -> Sequence[Start]:
    """Those of the sorted starts that begin with the text."""
    return starts[bisect_left(starts, (wanted, 0, "")) : bisect_left(starts, (f"{wanted}~", 0, ""))]


def _starts(named: Iterable[tuple[str, str]]) -> Iterator[Start]:
    """Each name from each word on; 1 marks those that do not begin the name."""
    for name, code in named:
        words = name.split()
        for index in range(len(words)):
            yield " ".join(words[index:]), min(index, 1), code


def _by_word(named: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Which places a whole name, or a telling word of one, stands for."""
    found: dict[str, set[str]] = {}
    for name, code in named:
        for word in {name, *(word for word in name.split() if word not in _COMMON_WORDS)}:
            if len(word) >= _SHORTEST_MISSPELT:
                found.setdefault(word, set()).add(code)
    return found


def _kind(wanted: str, start: str, inside: int) -> int:
    if inside:
        return _WORD
    return _NAME if start == wanted else _BEGINNING


def _names(place: Place) -> tuple[str, ...]:
    """A city is known by its name, an airport by its city's and its own."""
    return tuple(dict.fromkeys(filter(None, (folded(place.city), folded(place.name)))))


def _aliases() -> Iterator[tuple[str, str]]:
    """Each alias with its place; a city's alias is its airports' as well."""
    for alias, code in ALIASES.items():
        area = METROPOLITAN_AREAS.get(code)
        yield from ((alias, airport) for airport in (area.airports if area else ()))
        yield alias, code


def _hints(places: Iterable[Place]) -> Iterator[tuple[str, str]]:
    """Each place with its country, and with its city's code."""
    for place in places:
        yield folded(place.country_name), place.code
        if place.city_code:
            yield place.city_code.casefold(), place.code


def _all_places() -> Iterator[Place]:
    rows = airportsdata.load("IATA")
    countries = Locale("en").territories
    city_of = {airport: area.code for area in METROPOLITAN_AREAS.values() for airport in area.airports}
    for code, row in rows.items():
        yield _airport(code, row, city_of.get(code), countries)
    for area in METROPOLITAN_AREAS.values():
        if area.code not in rows:
            yield _city(area, rows[area.airports[0]], countries)


def _airport(code: str, row: airportsdata.Airport, city_code: str | None, countries: Mapping[str, str]) -> Place:
    return Place(
        code=code,
        kind=PlaceKind.AIRPORT,
        name=str(row["name"]),
        city=METROPOLITAN_AREAS[city_code].name if city_code else str(row["city"]),
        city_code=city_code,
        country=str(row["country"]),
        country_name=countries.get(str(row["country"]), str(row["country"])),
        latitude=float(row["lat"]),
        longitude=float(row["lon"]),
        time_zone=str(row["tz"]),
    )


def _city(area: MetropolitanArea, main: airportsdata.Airport, countries: Mapping[str, str]) -> Place:
    """A city stands where its main airport does."""
    return Place(
        code=area.code,
        kind=PlaceKind.CITY,
        name=area.name,
        city=area.name,
        city_code=area.code,
        country=area.country,
        country_name=countries.get(area.country, area.country),
        latitude=float(main["lat"]),
        longitude=float(main["lon"]),
        time_zone=str(main["tz"]),
    )

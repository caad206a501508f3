"""From what was asked to what carriers are asked: every problem of the input named at once, each with its path."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from app.domain.errors import Refusal
from app.domain.itinerary import PassengerType
from app.domain.refusals import InvalidInput, UnknownPlace
from app.domain.search import Leg, SearchQuery, SeatRequest
from app.search.ports import Places
from app.search.request import SearchRequest, SeatWish

MAX_LEGS: Final = 6
MAX_PASSENGERS: Final = 9
MAX_CHANGES: Final = 5
MAX_AGE: Final = 130
SUGGESTIONS: Final = 3

# Ages at the first day of travel (IATA Resolution 728, passenger type codes INF and CNN).
CHILD_FROM: Final = 2
ADULT_FROM: Final = 12

_ROOT: Final = ("input",)


def query_of(request: SearchRequest) -> SearchQuery:
    """The query for carriers; of a request without problems."""
    return SearchQuery(
        legs=request.legs,
        passengers=tuple(SeatRequest(type=_type(seat), age=seat.age) for seat in request.passengers),
        cabin=request.cabin,
        max_changes=request.max_changes,
    )


def problems(request: SearchRequest, places: Places, now: datetime) -> Iterator[Refusal]:
    """Everything that keeps the request from being meant as written."""
    yield from _leg_problems(request.legs, places, now)
    yield from _passenger_problems(request.passengers)
    if request.max_changes is not None and not 0 <= request.max_changes <= MAX_CHANGES:
        yield _invalid(f"maxChanges must be 0 to {MAX_CHANGES}; leave it out for any number.", "maxChanges")


def _leg_problems(legs: Sequence[Leg], places: Places, now: datetime) -> Iterator[Refusal]:
    if not 1 <= len(legs) <= MAX_LEGS:
        yield _invalid(f"A search has 1 to {MAX_LEGS} legs, one for each direction; this one has {len(legs)}.", "legs")
    for index, leg in enumerate(legs[:MAX_LEGS]):
        yield from _place_problems(index, leg, places)
        yield from _date_problems(index, leg, places, now)
        yield from _window_problems(index, leg)
    for index, (before, leg) in enumerate(pairwise(legs[:MAX_LEGS]), start=1):
        if leg.date < before.date:
            yield _leg(index, "date", f"Leg {index + 1} departs before leg {index}; list legs in the order of travel.")


def _place_problems(index: int, leg: Leg, places: Places) -> Iterator[Refusal]:
    origin, destination = places.find(leg.origin), places.find(leg.destination)
    if origin is None:
        yield unknown_place(leg.origin, _path(index, "origin"), places)
    if destination is None:
        yield unknown_place(leg.destination, _path(index, "destination"), places)
    if same_place(places, leg.origin, leg.destination):
        sentence = f"{leg.origin} and {leg.destination} are the same place; a leg needs two."
        yield _leg(index, "destination", sentence)


def same_place(places: Places, one_code: str, other_code: str) -> bool:
    """Whether these codes are one place, or one is the city the other lies in."""
    one, other = places.find(one_code), places.find(other_code)
    if one is None or other is None:
        return False
    return one.code in {other.code, other.city_code} or one.city_code == other.code


def _date_problems(index: int, leg: Leg, places: Places, now: datetime) -> Iterator[Refusal]:
    origin = places.find(leg.origin)
    if origin is None:
        return
    today = now.astimezone(ZoneInfo(origin.time_zone)).date()
    if leg.date < today:
        yield _leg(index, "date", f"{leg.date} is past: it is already {today} in {origin.city}.")


def _window_problems(index: int, leg: Leg) -> Iterator[Refusal]:
    for name, start, end in (
        ("departsUntil", leg.departs_from, leg.departs_until),
        ("arrivesUntil", leg.arrives_from, leg.arrives_until),
    ):
        if start and end and end < start:
            yield _leg(index, name, f"The window ends at {end:%H:%M}, before it begins at {start:%H:%M}.")


def _passenger_problems(seats: Sequence[SeatWish]) -> Iterator[Refusal]:
    if not 1 <= len(seats) <= MAX_PASSENGERS:
        sentence = f"A search is for 1 to {MAX_PASSENGERS} passengers; this one has {len(seats)}."
        yield _invalid(sentence, "passengers")
        return
    wrong = [problem for index, seat in enumerate(seats) for problem in _seat_problems(index, seat)]
    yield from wrong or _company_problems([_type(seat) for seat in seats])


def _seat_problems(index: int, seat: SeatWish) -> Iterator[Refusal]:
    path = ("passengers", str(index))
    if seat.type is None and seat.age is None:
        yield _invalid("Give each passenger a type or an age.", *path)
    elif seat.age is not None and not 0 <= seat.age <= MAX_AGE:
        yield _invalid(f"An age is 0 to {MAX_AGE} years on the first day of travel.", *path, "age")
    elif seat.type and seat.age is not None and seat.type != (right := _type_at(seat.age)):
        yield _invalid(f"At {seat.age} a passenger travels as {right}, not as {seat.type}.", *path, "type")


def _company_problems(types: Sequence[PassengerType]) -> Iterator[Refusal]:
    adults, infants = types.count(PassengerType.ADULT), types.count(PassengerType.INFANT)
    if not adults:
        yield _invalid("Children and infants travel with an adult (12 or older); add one.", "passengers")
    elif infants > adults:
        yield _invalid(f"Each infant sits on an adult's lap: {infants} infants need {infants} adults.", "passengers")


def _type(seat: SeatWish) -> PassengerType:
    return seat.type or _type_at(seat.age or 0)


def _type_at(age: int) -> PassengerType:
    if age < CHILD_FROM:
        return PassengerType.INFANT
    return PassengerType.CHILD if age < ADULT_FROM else PassengerType.ADULT


def unknown_place(code: str, path: tuple[str, ...], places: Places) -> UnknownPlace:
    """What the catalogue says of a code in this field that it does not know: those close to it."""
    close = tuple(place.code for place in places.search(code, SUGGESTIONS))
    hint = f"; did you mean {close[0]}?" if close else "."
    return UnknownPlace(
        message=f"No city or airport has the IATA code {code[:20]!r}{hint}",
        path=path,
        suggestions=close,
    )


def _path(index: int, field: str) -> tuple[str, ...]:
    return (*_ROOT, "legs", str(index), field)


def _leg(index: int, field: str, message: str) -> InvalidInput:
    return InvalidInput(message=message, path=_path(index, field))


def _invalid(message: str, *path: str) -> InvalidInput:
    return InvalidInput(message=message, path=(*_ROOT, *path))

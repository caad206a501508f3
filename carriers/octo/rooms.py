"""Rooms as OCTO knows them: so many of each unit, each person by a reference that says who sleeps where."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.itinerary import OfferPassenger, PassengerType
from app.domain.money import Money, total
from app.domain.refusals import InvalidInput
from app.domain.tours import Rate, RateType, Room, RoomType
from carriers.octo.units import Limits, OptionFacts

_WORDS: Mapping[str, RoomType] = {
    "twin": RoomType.TWIN_SHARE,
    "single": RoomType.SINGLE,
    "person": RoomType.PERSON,
}
_CHILD = "child"
_NOUNS: Mapping[RateType, str] = {
    RateType.TWIN_SHARE: "people in twin rooms",
    RateType.SINGLE: "single rooms",
    RateType.PERSON: "adults",
    RateType.CHILD: "children",
}
# Room, what is paid for, the age of a child, and the number in the room.
_REF = re.compile(rf"(\d+)\.({'|'.join((*_WORDS, _CHILD))})(\d*)\.(\d+)")
_TWIN = range(2, 4)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sleeper:
    """One person in a room, by a reference such as `1.twin.2`, or `1.child9.3` for a child of nine."""

    ref: str
    rate: RateType
    age: int | None = None

    @property
    def passenger(self) -> OfferPassenger:
        """The person as the pipeline knows passengers."""
        kind = PassengerType.ADULT if self.age is None else PassengerType.CHILD
        return OfferPassenger(ref=self.ref, type=kind, age=self.age)


def check_rooms(rooms: Sequence[Room]) -> None:
    """InvalidInput for no room at all, or for one in which nobody can sleep like that."""
    if not rooms:
        raise InvalidInput(message="Say in which rooms the travellers sleep.", path=("rooms",))
    for index, room in enumerate(rooms):
        problem = _problem(room)
        if problem:
            raise InvalidInput(message=problem, path=("rooms", str(index)))


def check_ages(rooms: Sequence[Room], ages: range | None) -> None:
    """InvalidInput for a child who is too young for the tour, or too old for a child's price."""
    for index, room in enumerate(rooms):
        if ages is not None and not all(age in ages for age in room.child_ages):
            message = f"Children on this tour are {ages.start} to {ages[-1]} years old; whoever is older is an adult."
            raise InvalidInput(message=message, path=("rooms", str(index), "childAges"))


def check_party(people: Sequence[Sleeper], rates: Iterable[Rate], facts: OptionFacts) -> None:
    """InvalidInput where one booking takes no such number of people, or of adults or children."""
    _check_number(len(people), facts.party, "people")
    units = {rate.type: rate.unit for rate in rates}
    for kind, number in Counter(sleeper.rate for sleeper in people).items():
        limits = facts.quantities.get(units.get(kind, ""))
        if limits is not None:
            _check_number(number, limits, _NOUNS[kind])


def _check_number(number: int, limits: Limits, of: str) -> None:
    if limits.least is not None and number < limits.least:
        limit = f"{limits.least} {of} at least"
    elif limits.most is not None and number > limits.most:
        limit = f"{limits.most} {of} at most"
    else:
        return
    message = f"The operator takes {limit} in one booking of this departure; this is {number}."
    raise InvalidInput(message=message, path=("rooms",))


def _problem(room: Room) -> str:
    if room.adults < 1:
        return "Every room needs an adult."
    if room.type is RoomType.SINGLE and (room.adults > 1 or room.child_ages):
        return "A single room is for one adult, and no children."
    if room.type is RoomType.TWIN_SHARE and room.adults > _TWIN.start:
        return "A twin room is for two adults at most."
    if room.type is RoomType.TWIN_SHARE and room.adults + len(room.child_ages) not in _TWIN:
        return "A twin room is for two or three people."
    return ""


def sleepers(rooms: Iterable[Room]) -> tuple[Sleeper, ...]:
    """Everybody, room by room, adults first."""
    return tuple(sleeper for number, room in enumerate(rooms, 1) for sleeper in _in_room(number, room))


def _in_room(number: int, room: Room) -> Iterable[Sleeper]:
    word = next(word for word, kind in _WORDS.items() if kind is room.type)
    for person in range(1, room.adults + 1):
        yield Sleeper(ref=f"{number}.{word}.{person}", rate=RateType(room.type))
    for person, age in enumerate(room.child_ages, room.adults + 1):
        yield Sleeper(ref=f"{number}.{_CHILD}{age}.{person}", rate=RateType.CHILD, age=age)


def rooms_of(refs: Iterable[str]) -> tuple[Room, ...]:
    """The rooms in which these people sleep; people whose references are not ours are in none."""
    people: dict[int, list[re.Match[str]]] = defaultdict(list)
    for found in filter(None, map(_REF.fullmatch, refs)):
        people[int(found[1])].append(found)
    return tuple(room for _, inside in sorted(people.items()) if (room := _room(inside)))


def _room(inside: Sequence[re.Match[str]]) -> Room | None:
    adults = [found for found in inside if found[2] != _CHILD]
    ages = tuple(int(found[3] or 0) for found in inside if found[2] == _CHILD)
    return Room(type=_WORDS[adults[0][2]], adults=len(adults), child_ages=ages) if adults else None


def price(people: Sequence[Sleeper], rates: Iterable[Rate], currency: str) -> Money:
    """What all of them pay; InvalidInput where one of them has no rate."""
    prices = {rate.type: rate.price for rate in rates}
    for sleeper in people:
        if sleeper.rate not in prices:
            raise _no_rate(sleeper)
    return total((prices[sleeper.rate] for sleeper in people), currency)


def _no_rate(sleeper: Sleeper) -> InvalidInput:
    room = int(sleeper.ref.partition(".")[0]) - 1
    return InvalidInput(message=f"This departure has no rate for {sleeper.rate}.", path=("rooms", str(room)))

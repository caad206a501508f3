"""Bad input: every problem a typed refusal with the path of the field and a sentence that helps."""

from datetime import time

import pytest

from app.domain.itinerary import PassengerType
from app.domain.refusals import InvalidInput, UnknownPlace
from app.domain.search import SeatRequest
from app.search.plan import problems, query_of
from app.search.request import SeatWish
from tests.search.fakes import NOW, FewPlaces, leg, request

ADULT = SeatWish(type=PassengerType.ADULT)
INFANT = SeatWish(type=PassengerType.INFANT)


def found(asked):
    return list(problems(asked, FewPlaces(), NOW))


WRONG = {
    "seven legs": (request(*[leg()] * 7), "legs", "1 to 6 legs"),
    "unknown origin": (request(leg("PRS")), "legs.0.origin", "'PRS'"),
    "unknown destination": (request(leg(), leg("JFK", "QQQ")), "legs.1.destination", "'QQQ'"),
    "nowhere to go": (request(leg("CDG", "CDG")), "legs.0.destination", "same place"),
    "a city and its own airport": (request(leg("CDG", "PAR")), "legs.0.destination", "same place"),
    "past": (request(leg(on="2026-11-19")), "legs.0.date", "already 2026-11-20 in Paris"),
    "past where it departs": (request(leg("AKL", on="2026-11-20")), "legs.0.date", "already 2026-11-21 in Auckland"),
    "back before out": (request(leg(), leg("JFK", "PAR", "2026-11-30")), "legs.1.date", "order of travel"),
    "window inside out": (
        request(leg(departs_from=time(18), departs_until=time(9))),
        "legs.0.departsUntil",
        "ends at 09:00",
    ),
    "arrival window inside out": (
        request(leg(arrives_from=time(18), arrives_until=time(9))),
        "legs.0.arrivesUntil",
        "before it begins at 18:00",
    ),
    "ten passengers": (request(ages=[30] * 10), "passengers", "1 to 9 passengers; this one has 10"),
    "neither type nor age": (request(passengers=(SeatWish(),)), "passengers.0", "a type or an age"),
    "age below nothing": (request(ages=(30, -1)), "passengers.1.age", "0 to 130"),
    "age of a tree": (request(ages=(131,)), "passengers.0.age", "0 to 130"),
    "type against age": (
        request(passengers=(SeatWish(type=PassengerType.INFANT, age=2), ADULT)),
        "passengers.0.type",
        "travels as CHILD",
    ),
    "child alone": (request(ages=(9,)), "passengers", "with an adult"),
    "infant alone": (request(passengers=(INFANT,)), "passengers", "with an adult"),
    "more infants than laps": (request(passengers=(ADULT, INFANT, INFANT)), "passengers", "2 infants need 2 adults"),
    "changes below nothing": (request(max_changes=-1), "maxChanges", "0 to 5"),
    "too many changes": (request(max_changes=6), "maxChanges", "0 to 5"),
}


@pytest.mark.parametrize("case", WRONG)
def test_each_problem_is_named_with_its_path_and_a_sentence_that_helps(case):
    asked, path, words = WRONG[case]
    refusals = found(asked)
    assert len(refusals) == 1
    assert refusals[0].path == ("input", *path.split("."))
    assert words in refusals[0].message
    assert isinstance(
        refusals[0], UnknownPlace if "unknown" in words or "IATA" in refusals[0].message else InvalidInput
    )


def test_no_legs_and_no_passengers():
    asked = request(passengers=(ADULT,))
    assert [refusal.path[-1] for refusal in found(type(asked)(legs=(), passengers=()))] == ["legs", "passengers"]


def test_all_problems_are_told_at_once():
    asked = request(leg("PRS", "JFK"), leg("JFK", "PAR", "2026-11-01"), ages=(5,))
    assert [".".join(refusal.path) for refusal in found(asked)] == [
        "input.legs.0.origin",
        "input.legs.1.date",
        "input.legs.1.date",
        "input.passengers",
    ]


def test_an_unknown_place_suggests_what_was_perhaps_meant():
    (refusal,) = found(request(leg("paris")))
    assert refusal.suggestions == ("PAR", "CDG", "ORY")
    assert refusal.message == "No city or airport has the IATA code 'paris'; did you mean PAR?"
    (nothing,) = found(request(leg("???")))
    assert nothing.suggestions == () and nothing.message.endswith("'???'.")


def test_what_can_be_meant_has_no_problems():
    assert found(request(leg(on="2026-11-20"), leg("JFK", "ORY", "2026-11-20"), max_changes=0)) == []
    assert found(request(passengers=(ADULT, INFANT, SeatWish(age=2), SeatWish(type=PassengerType.CHILD)))) == []


@pytest.mark.parametrize(
    ("age", "kind"), [(0, "INFANT"), (1, "INFANT"), (2, "CHILD"), (11, "CHILD"), (12, "ADULT"), (99, "ADULT")]
)
def test_an_age_says_how_a_passenger_travels(age, kind):
    query = query_of(request(ages=(30, age)))
    assert query.passengers[1] == SeatRequest(type=PassengerType(kind), age=age)

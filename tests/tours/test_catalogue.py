"""What each operator sells: the failure of one takes nothing away of another."""

from datetime import timedelta

import pytest

from app.domain.errors import Trouble
from app.domain.refusals import CarrierUnavailable
from app.domain.search import OutcomeStatus
from app.tours.catalogue import TourCatalogue
from app.tours.sellers import Sellers
from tests.search.fakes import FakeCarrier, Watch
from tests.tours.fakes import UK, US, FakeOperator


def catalogue(*carriers):
    return TourCatalogue(
        Sellers(carriers),
        keep=timedelta(seconds=600),
        deadline=timedelta(milliseconds=5),
        monotonic=Watch(),
    )


def outcomes(found):
    return {each.operator.code: (each.status, len(each.tours)) for each in found}


async def test_every_operators_tours_of_a_region(kings, gold):
    found = await catalogue(kings, FakeCarrier(), gold).sold(UK)
    assert outcomes(found) == {"aatkings": (OutcomeStatus.OK, 1), "luxurygold": (OutcomeStatus.OK, 1)}
    assert {tour.region for each in found for tour in each.tours} == {UK}


@pytest.mark.parametrize("error", [Trouble("down"), RuntimeError("broken")])
async def test_an_operator_that_fails_is_an_outcome_and_erases_no_other(kings, gold, error):
    kings.error = error
    assert outcomes(await catalogue(kings, gold).sold(UK)) == {
        "aatkings": (OutcomeStatus.FAILED, 0),
        "luxurygold": (OutcomeStatus.OK, 1),
    }


async def test_one_that_is_slow_is_not_waited_for(kings, gold):
    kings.answering.clear()
    assert outcomes(await catalogue(kings, gold).sold(UK))["aatkings"] == (OutcomeStatus.TIMED_OUT, 0)


async def test_one_that_is_coming_soon_is_listed_and_never_asked(kings, clock):
    soon = FakeOperator(clock, "grandeuropeantravel", coming_soon=True)
    shelf = catalogue(kings, soon)
    assert [(each.code, each.coming_soon) for each in shelf.operators] == [
        ("aatkings", False),
        ("grandeuropeantravel", True),
    ]
    assert outcomes(await shelf.sold(UK))["grandeuropeantravel"] == (OutcomeStatus.UNSUPPORTED, 0)
    assert await shelf.companies("grandeuropeantravel") == ()
    assert soon.asked == []


async def test_one_that_sells_nothing_in_the_region_is_empty(clock):
    assert outcomes(await catalogue(FakeOperator(clock, tours={})).sold(UK)) == {"aatkings": (OutcomeStatus.EMPTY, 0)}


async def test_only_those_asked_for_and_each_region_once(kings, gold):
    shelf = catalogue(kings, gold)
    for region in (UK, UK, US):
        await shelf.sold(region, {"aatkings"})
    assert (kings.asked, gold.asked) == ([("tours", UK), ("tours", US)], [])


async def test_who_sells_is_asked_once_too(kings):
    shelf = catalogue(kings)
    for _ in range(2):
        assert [company.region for company in await shelf.companies("aatkings")] == [UK, US]
    assert kings.asked == [("companies",)]


async def test_nobody_tells_who_sells(kings):
    kings.error = Trouble("down")
    with pytest.raises(CarrierUnavailable) as silent:
        await catalogue(kings).companies("aatkings")
    assert silent.value.carrier == "aatkings"

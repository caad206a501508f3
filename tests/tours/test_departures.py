"""When tours depart: of seasons without a call, of a calendar where there are none."""

from datetime import date, timedelta

import pytest

from app.domain.errors import Trouble
from app.domain.refusals import CarrierUnavailable
from app.domain.tours import DepartureStatus
from app.tours.availability import Availabilities
from app.tours.departures import Calendar, DepartureFilter, with_status
from app.tours.sellers import Sellers
from tests.search.fakes import Watch
from tests.tours.fakes import SUMMER, UK, season, tour

YEAR = {"first": date(2027, 1, 1), "last": date(2027, 12, 31)}


@pytest.fixture
def calendar(kings, clock):
    return Calendar(Sellers([kings]), clock, keep=timedelta(seconds=600), monotonic=Watch())


def days(found):
    return [each.key.starts_on.isoformat() for each in found]


async def test_the_departures_of_all_seasons_in_the_order_of_their_days(calendar, kings):
    greece = tour(seasons=(season(days=("2027-05-09",), ref="b"), season(days=("2027-05-08",), ref="a")))
    found = await calendar.departures(greece, DepartureFilter(**YEAR))
    assert (days(found), [each.season.ref for each in found]) == (["2027-05-08", "2027-05-09"], ["a", "b"])
    assert kings.asked == []


async def test_only_between_two_days_both_included(calendar):
    wanted = DepartureFilter(first=date(2027, 5, 15), last=date(2027, 6, 5))
    assert days(await calendar.departures(tour(), wanted)) == ["2027-05-15", "2027-06-05"]


@pytest.mark.parametrize(
    ("narrowed", "count"),
    [({"option": "10d"}, 4), ({"option": "14d"}, 0), ({"season": "summer-2027"}, 4), ({"season": "winter"}, 0)],
)
async def test_only_of_an_option_or_season(calendar, narrowed, count):
    assert len(await calendar.departures(tour(), DepartureFilter(**YEAR, **narrowed))) == count


async def test_an_operator_without_seasons_is_asked_once(calendar, kings):
    for _ in range(2):
        found = await calendar.departures(tour(seasons=()), DepartureFilter(**YEAR))
        assert (days(found), found[0].season) == (list(SUMMER), None)
    assert kings.asked == [("departures", UK, "greece", "10d", YEAR["first"], YEAR["last"])]


async def test_whichever_days_are_wanted_an_operator_is_asked_for_years(calendar, kings):
    for first, last in ((date(2027, 5, 10), date(2027, 6, 5)), (date(2027, 5, 11), date(2028, 1, 3))):
        wanted = DepartureFilter(first=first, last=last)
        found = await calendar.departures(tour(seasons=()), wanted)
        assert days(found) == [day for day in SUMMER if first.isoformat() <= day <= last.isoformat()]
    years = [(date(year, 1, 1), date(year, 12, 31)) for year in (2027, 2028)]
    assert kings.asked == [("departures", UK, "greece", "10d", *year) for year in years]


async def test_past_days_are_asked_for_only_where_they_are_wanted(calendar, kings, clock):
    today = clock.now().date()
    for first in (today, today - timedelta(days=1)):
        await calendar.departures(tour(seasons=()), DepartureFilter(first=first, last=today))
    assert [asked[4] for asked in kings.asked] == [today, date(today.year, 1, 1)]


async def test_its_silence_is_told(calendar, kings):
    kings.error = Trouble("down")
    with pytest.raises(CarrierUnavailable):
        await calendar.departures(tour(seasons=()), DepartureFilter(**YEAR))


STATUSES = dict(
    zip(
        SUMMER,
        (
            DepartureStatus.AVAILABLE,
            DepartureStatus.CLOSED,
            DepartureStatus.TOO_LATE,
            DepartureStatus.CLOSED_NOT_AMENDABLE,
        ),
        strict=True,
    )
)


@pytest.mark.parametrize(
    ("status", "internal", "expected"),
    [
        (DepartureStatus.CLOSED, False, SUMMER[1:]),
        (DepartureStatus.CLOSED, True, SUMMER[1:2]),
        (DepartureStatus.TOO_LATE, False, ()),
        (DepartureStatus.TOO_LATE, True, SUMMER[2:3]),
        (DepartureStatus.CLOSED_NOT_AMENDABLE, True, SUMMER[3:]),
    ],
)
async def test_a_status_is_looked_for_as_the_viewer_sees_it(calendar, kings, clock, status, internal, expected):
    kings.statuses = STATUSES
    found = await calendar.departures(tour(), DepartureFilter(**YEAR))
    availabilities = Availabilities(Sellers([kings]), clock)
    listed = await with_status(found, frozenset({status}), availabilities, internal=internal, max_age=timedelta(0))
    assert days(listed) == list(expected)
    assert len(kings.asked) == 1

"""Tours: days are counted on the calendar where the tour departs, and a scale keeps what it says until it says more."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.tours import CancellationScale, DepartureStatus, ScaleStep, day_begins

# As far from UTC as zones are, half and three quarter hours, and clocks that change at midnight.
ZONES = (
    "UTC Europe/Athens America/New_York Australia/Adelaide Pacific/Kiritimati Pacific/Pago_Pago Asia/Kathmandu "
    "Africa/Cairo America/Santiago America/Havana Atlantic/Azores Pacific/Chatham Australia/Lord_Howe Asia/Beirut"
).split()
MOMENT = timedelta(microseconds=1)
SCALE = CancellationScale(
    steps=tuple(ScaleStep(days=days, percent=Decimal(cost)) for days, cost in ((60, 10), (30, 30), (8, 60), (0, 100)))
)
# Nothing is said of the last week.
GAP = CancellationScale(steps=(ScaleStep(days=30, percent=Decimal(20)), ScaleStep(days=8, percent=Decimal(60))))
# Nor of what departed.
OPEN_ENDED = CancellationScale(steps=(ScaleStep(days=10, percent=Decimal(25)), ScaleStep(days=0, percent=Decimal(80))))

zones = st.sampled_from(ZONES)
days = st.dates(min_value=date(2026, 1, 1), max_value=date(2031, 12, 31))
befores = st.integers(min_value=-5, max_value=400)
percents = st.decimals(min_value=0, max_value=100, places=1)
scales = st.dictionaries(st.integers(min_value=0, max_value=200), percents, max_size=6).map(
    lambda steps: CancellationScale(steps=tuple(ScaleStep(days=day, percent=cost) for day, cost in steps.items()))
)
instants = st.datetimes(min_value=datetime(2025, 6, 1), max_value=datetime(2032, 1, 31), timezones=st.just(UTC))  # noqa: DTZ001


def local_day(instant, zone):
    return instant.astimezone(ZoneInfo(zone)).date()


@given(days, zones, befores)
def test_a_day_begins_as_the_calendar_there_turns(day, zone, before):
    begins = day_begins(day, zone, before=before).astimezone(UTC)
    first = day - timedelta(days=before)
    assert local_day(begins, zone) == first
    assert local_day(begins - MOMENT, zone) == first - timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("Africa/Cairo", date(2027, 4, 30), "2027-04-30T01:00:00+03:00"),
        ("America/Havana", date(2027, 11, 7), "2027-11-07T00:00:00-04:00"),
        ("Pacific/Kiritimati", date(2027, 5, 8), "2027-05-08T00:00:00+14:00"),
        ("Europe/Athens", date(2027, 3, 28), "2027-03-28T00:00:00+02:00"),
    ],
)
def test_where_clocks_change_at_midnight_the_day_begins_at_its_first_instant(zone, day, begins):
    assert day_begins(day, zone).isoformat() == begins


@given(days, zones)
@example(date(2026, 11, 8), "America/Havana")
def test_each_step_holds_from_the_beginning_of_its_day_to_that_of_the_next(day, zone):
    """Sixty days before are counted to the calendar's day, however many hours those days have."""
    for earlier, later in zip(SCALE.steps, SCALE.steps[1:], strict=False):
        ends = day_begins(day, zone, before=earlier.days - 1).astimezone(UTC)
        last = ends - MOMENT
        assert (SCALE.at(day, zone, last), SCALE.at(day, zone, ends)) == (earlier, later)
        # An hour that a clock shows twice equals none of another zone (PEP 495): instants are compared.
        assert SCALE.until(day, zone, last).astimezone(UTC) == ends


@pytest.mark.parametrize(
    ("now", "percent", "until"),
    [
        # The departure is on 8 May in Auckland, where it is UTC+12 by then, and UTC+13 until 4 April.
        ("2027-03-09T10:59:59Z", 10, "2027-03-10T00:00:00+13:00"),
        ("2027-03-09T11:00:00Z", 30, "2027-04-09T00:00:00+12:00"),
        ("2027-04-08T11:59:59Z", 30, "2027-04-09T00:00:00+12:00"),
        ("2027-04-08T12:00:00Z", 60, "2027-05-01T00:00:00+12:00"),
        ("2027-04-30T12:00:00Z", 100, None),
        ("2027-05-20T12:00:00Z", 100, None),
    ],
)
def test_a_departure_across_the_change_of_clocks(now, percent, until):
    day, zone, instant = date(2027, 5, 8), "Pacific/Auckland", datetime.fromisoformat(now)
    ends = SCALE.until(day, zone, instant)
    assert (SCALE.at(day, zone, instant).percent, ends and ends.isoformat()) == (percent, until)


def test_one_instant_is_another_step_elsewhere():
    now = datetime(2027, 4, 8, 11, 0, tzinfo=UTC)
    percents_there = [SCALE.at(date(2027, 5, 8), zone, now).percent for zone in ("Pacific/Kiritimati", "UTC")]
    assert percents_there == [60, 30]


@given(scales, days, zones, instants)
def test_what_is_kept_stays_until_another_step_begins(scale, day, zone, now):
    step, until = scale.at(day, zone, now), scale.until(day, zone, now)
    if until is None:
        assert (step.percent, scale.at(day, zone, now + timedelta(days=9000)).percent) == (100, 100)
    else:
        assert now < until
        assert scale.at(day, zone, until.astimezone(UTC) - MOMENT) == step
        assert scale.at(day, zone, until) != step


@given(scales, days, zones, instants)
def test_the_nearest_step_that_is_reached_holds(scale, day, zone, now):
    left = (day - local_day(now, zone)).days
    reached = [step for step in scale.steps if step.days <= left]
    expected = max(reached, key=lambda step: step.days).percent if reached else 100
    assert scale.at(day, zone, now).percent == expected


@pytest.mark.parametrize("scale", [GAP, CancellationScale(steps=())])
def test_what_a_scale_does_not_tell_costs_the_whole(scale):
    now = datetime(2027, 5, 1, 12, 0, tzinfo=UTC)
    assert scale.at(date(2027, 5, 8), "UTC", now).percent == 100
    assert scale.until(date(2027, 5, 8), "UTC", now) is None


def test_a_scale_that_ends_before_the_departure_says_when():
    before = datetime(2027, 4, 30, 12, 0, tzinfo=UTC)
    assert GAP.until(date(2027, 5, 8), "UTC", before) == datetime(2027, 5, 1, tzinfo=UTC)


def test_what_departed_costs_the_whole_whatever_the_last_step_says():
    day = date(2027, 5, 8)
    on_the_day, after = datetime(2027, 5, 8, 12, 0, tzinfo=UTC), datetime(2027, 5, 9, tzinfo=UTC)
    assert (OPEN_ENDED.at(day, "UTC", on_the_day).percent, OPEN_ENDED.until(day, "UTC", on_the_day)) == (80, after)
    assert (OPEN_ENDED.at(day, "UTC", after).percent, OPEN_ENDED.until(day, "UTC", after)) == (100, None)


def test_the_order_in_which_steps_are_told_means_nothing():
    backwards = CancellationScale(steps=tuple(reversed(SCALE.steps)))
    now = datetime(2027, 4, 20, tzinfo=UTC)
    day = date(2027, 5, 8)
    assert backwards.at(day, "UTC", now) == SCALE.at(day, "UTC", now)
    assert backwards.until(day, "UTC", now) == SCALE.until(day, "UTC", now)


def test_internal_statuses_look_closed():
    shown = {status: status.outward for status in DepartureStatus if status.outward is not status}
    assert shown == dict.fromkeys(
        (DepartureStatus.TOO_LATE, DepartureStatus.CLOSED_NOT_AMENDABLE), DepartureStatus.CLOSED
    )

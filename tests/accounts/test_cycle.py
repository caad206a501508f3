"""Cycles tile time: every instant falls into exactly one, in every time zone, whatever the clocks there do."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.cycle import Period, cycle
from app.domain.partner import Billing, Cycle

ZONES = st.sampled_from(sorted(available_timezones()))
INSTANTS = st.datetimes(datetime(1950, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis takes naive bounds


@st.composite
def agreements(draw):
    kind = draw(st.sampled_from(Cycle))
    last = 7 if kind is Cycle.WEEKLY else 28
    return Billing(cycle=kind, day=draw(st.integers(1, last)), zone=draw(ZONES))


@given(agreements(), INSTANTS)
def test_an_instant_falls_into_its_cycle(billing, at):
    found = cycle(billing, at)
    assert found.begins_at <= at < found.ends_at


@given(agreements(), INSTANTS)
def test_cycles_follow_one_another_without_gap_or_overlap(billing, at):
    periods = [cycle(billing, at)]
    for _ in range(14):
        periods.append(cycle(billing, periods[-1].ends_at))
    assert all(before.ends_at == after.begins_at for before, after in pairwise(periods))
    moment = timedelta(microseconds=1)
    assert all(cycle(billing, each.begins_at) == cycle(billing, each.ends_at - moment) == each for each in periods)


@given(agreements(), INSTANTS)
def test_a_cycle_begins_with_the_agreed_day_and_is_as_long_as_agreed(billing, at):
    found = cycle(billing, at)
    begins, ends = (instant.astimezone(ZoneInfo(billing.zone)) for instant in (found.begins_at, found.ends_at))
    day = found.begins_at - timedelta(microseconds=1)
    # A day that a place left out altogether, as Samoa did 30 December 2011, begins with the one after it.
    left_out = begins.date() - day.astimezone(ZoneInfo(billing.zone)).date() > timedelta(days=1)
    kept = begins.isoweekday() if billing.cycle is Cycle.WEEKLY else begins.day
    assert kept == billing.day or left_out
    days = (ends.date() - begins.date()).days
    assert 6 <= days <= 8 if billing.cycle is Cycle.WEEKLY else 27 <= days <= 32


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


LONDON = Billing(cycle=Cycle.WEEKLY, day=1, zone="Europe/London")


@pytest.mark.parametrize(
    ("billing", "at", "period"),
    [
        (Billing(), utc(2026, 2, 28, 23, 59), Period(utc(2026, 2, 1), utc(2026, 3, 1))),
        (Billing(), utc(2026, 3, 1), Period(utc(2026, 3, 1), utc(2026, 4, 1))),
        (Billing(day=28), utc(2028, 2, 29), Period(utc(2028, 2, 28), utc(2028, 3, 28))),
        # The week in which clocks go forward has an hour less, that in which they go back one more.
        (LONDON, utc(2026, 3, 25), Period(utc(2026, 3, 23), utc(2026, 3, 29, 23))),
        (LONDON, utc(2026, 10, 21), Period(utc(2026, 10, 18, 23), utc(2026, 10, 26))),
        # Clocks in Cairo skip the hour after midnight of the last Friday in April.
        (
            Billing(cycle=Cycle.WEEKLY, day=5, zone="Africa/Cairo"),
            utc(2026, 4, 23, 22),
            Period(utc(2026, 4, 23, 22), utc(2026, 4, 30, 21)),
        ),
        # Half an hour and a quarter apart from everybody else.
        (Billing(zone="Asia/Kathmandu"), utc(2026, 6, 15), Period(utc(2026, 5, 31, 18, 15), utc(2026, 6, 30, 18, 15))),
    ],
)
def test_examples(billing, at, period):
    assert cycle(billing, at) == period


def test_the_lost_day_of_samoa_is_in_one_cycle():
    apia = Billing(cycle=Cycle.WEEKLY, day=5, zone="Pacific/Apia")
    found = cycle(apia, utc(2011, 12, 30, 12))
    assert found == Period(utc(2011, 12, 30, 10), utc(2012, 1, 5, 10))
    assert found.begins_at.astimezone(ZoneInfo("Pacific/Apia")).date() == date(2011, 12, 31)


@pytest.mark.parametrize(
    "terms",
    [
        {"day": 0},
        {"day": 29},
        {"cycle": Cycle.WEEKLY, "day": 8},
        {"zone": "Atlantis"},
        {"zone": "../etc"},
        {"zone": "Europe"},
        {"zone": ""},
        {"due_days": -1},
    ],
)
def test_what_cannot_be_agreed(terms):
    with pytest.raises(ValueError, match=r"day|zone|due"):
        Billing(**terms)

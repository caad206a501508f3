"""docs/callbacks.md tells partners what they really get."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from graphql import parse, validate

from app.delivery.schedule import DELAYS
from app.delivery.webhook import event_type
from app.domain.events import EventKind
from tests.delivery.office import CALLBACK
from tests.printed import printed_schema

TEXT = (Path(__file__).parents[2] / "docs" / "callbacks.md").read_text()
UNITS = {"s": timedelta(seconds=1), "min": timedelta(minutes=1), "h": timedelta(hours=1)}


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_every_event_is_listed_with_its_name():
    assert dict(re.findall(r"^\| `([a-z._]+)` \| `([A-Z_]+)` \|$", TEXT, re.MULTILINE)) == {
        event_type(kind): kind.value for kind in EventKind
    }


def test_the_schedule_is_the_one_we_keep():
    told = re.search(r"after ((?:\d+ \w+,\s)+\d+ \w+ and \d+ \w+)", TEXT)[1]
    assert [int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+) (\w+)", told)] == list(DELAYS)


def shape(value):
    return {name: shape(part) for name, part in value.items()} if isinstance(value, dict) else type(value)


async def test_the_bodies_have_the_shape_that_is_shown(office, booked):
    await office.callback()
    await office.endpoint(events=(EventKind.PAYMENT_CAPTURED,))
    await office.paid(booked)
    await office.tick()
    callback, webhook = map(json.loads, blocks("json"))
    assert shape(office.posted(CALLBACK)[0]) == shape(callback)
    assert shape(office.posted()[0]) == shape(webhook)
    assert list(office.posted(CALLBACK)[0]) == list(callback)
    assert set(re.findall(r"^\| `(\w+)` \| .*(?:\n|$)", TEXT, re.MULTILINE)) >= callback.keys()


@pytest.mark.parametrize("operation", blocks("graphql"))
def test_the_operations_fit_the_schema(operation):
    assert validate(printed_schema(), parse(operation)) == []

"""Where a payer is billed passes through: it is in no row, no log and no repr. Nor are secrets of endpoints."""

import logging
from datetime import timedelta

from app.delivery.deliveries import claim
from app.delivery.schedule import DELAYS
from app.wire.messages import Response
from app.wire.transport import NoAnswer
from tests.delivery.office import CALLBACK, HOOK

PERSONAL = ("grosvenor", "krak", "sw1x")
TOKEN = "a-token-in-a-query"


def told(content):
    return [word for word in PERSONAL if word in content.lower()]


async def test_no_billing_address_stays_anywhere(office, booked, caplog):
    caplog.set_level(logging.DEBUG)
    await office.callback()
    await office.paid(booked)
    office.backends.answers[CALLBACK] = [Response(status=500, body=b"Nobody called Krak in SW1X"), NoAnswer("Error")]
    for delay in (timedelta(), *DELAYS[:2]):
        await office.later(delay)
    assert [row.state for row in await office.deliveries()] == ["DELIVERED"]
    assert told(office.backends.posts[CALLBACK][0].body.decode()) == list(PERSONAL)
    assert told(office.house.store.snapshot().decode("latin-1")) == []
    assert caplog.text and told(caplog.text) == []
    assert told(repr(office.backends.posts[CALLBACK])) == []


async def test_no_secret_of_an_endpoint_is_shown(office, booked, caplog):
    caplog.set_level(logging.DEBUG)
    url = f"{HOOK}?key={TOKEN}"
    name, secret = await office.endpoint(url)
    office.backends.answers[url] = [500, 200]
    await office.announcer.announce()
    (due, *_) = await office.house.store.read(lambda session: claim(session, name, office.clock.now(), 4))
    await office.tick()
    assert len(office.posted(url)) == 3
    key = secret.removeprefix("whsec_")
    assert key.encode() not in office.house.store.snapshot()
    for shown in (caplog.text, repr(due), repr(office.backends.posts[url])):
        assert shown and key not in shown
    for shown in (caplog.text, repr(due)):
        assert TOKEN not in shown

"""No name, birth date or number of a traveller reaches a log or an error, on any database and at any level."""

import logging
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from app.domain.travellers import LoyaltyAccount
from tests.booking.house import House, passenger
from tests.booking.scenes import instant
from tests.booking.test_correct import PASSPORT

ADA = replace(
    passenger("Augusta", "Quillfeather", date(1987, 3, 9)),
    document=PASSPORT,
    loyalty=(LoyaltyAccount(airline="VY", number="VY7788"),),
)
SECRETS = ("quillfeather", "augusta", "1987", "ada@example.org", "442080160508", "925665416", "vy7788")


def told(content):
    return [secret for secret in SECRETS if secret in content.lower()]


async def test_not_while_all_goes_well(store, caplog):
    caplog.set_level(logging.DEBUG)
    house = await House(store=store).open()
    booking_id = (await house.reserve("r1", await instant(house), passengers=(ADA,))).booking_id
    house.fault("orders.create", "error_500", effect=True)
    await house.pay(booking_id)
    await house.quiet()
    assert (await house.booking(booking_id)).state == "TICKETED"
    assert caplog.text
    assert told(caplog.text) == []


async def test_not_when_the_database_refuses_a_traveller(store, caplog):
    caplog.set_level(logging.DEBUG)
    house = await House(store=store).open()
    offer = await instant(house)
    await house.store.write(lambda session: session.connection().execute(text("DROP TABLE traveller")))
    with pytest.raises(Exception, match="traveller") as caught:
        await house.reserve("r1", offer, passengers=(ADA,))
    assert told(str(caught.value)) == []
    assert told(caplog.text) == []

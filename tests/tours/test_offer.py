"""Rooms, priced for a partner and sealed."""

from datetime import timedelta
from decimal import Decimal

import pytest

from app.domain.money import Money
from app.domain.partner import FeeKind, FeeRule
from app.domain.refusals import InvalidInput, NotBookable, Unsupported
from app.domain.tours import DepartureStatus, Room, RoomType
from app.pricing.rates import Rates
from app.tours.availability import Availabilities, Wanted
from app.tours.offer import offered
from app.tours.sellers import Sellers
from tests.search.fakes import MIDDLE_RATES
from tests.tours.fakes import SUMMER, UK, departure

FAMILY = (
    Room(type=RoomType.TWIN_SHARE, adults=1, child_ages=(9,)),
    Room(type=RoomType.SINGLE, adults=1),
)
RATES = Rates(lambda *pair: MIDDLE_RATES.get(pair[::-1]), margin_percent=Decimal(0), validity=timedelta(minutes=10))


@pytest.fixture
def looked(clock, kings):
    async def look(region=UK):
        wanted = Wanted(region=region, key=departure(SUMMER[0]).key, max_age=timedelta())
        (told,) = await Availabilities(Sellers([kings]), clock).of([wanted])
        return told

    return look


@pytest.fixture
def offering(looked, kings, clock):
    async def offer(rooms=FAMILY, fees=()):
        return offered(kings, await looked(), rooms, fees=fees, rates=RATES, now=clock.now())

    return offer


async def test_the_price_is_that_of_everybody_by_room(offering):
    found = await offering()
    assert str(found.price.total) == "7497.00 GBP"
    assert [(room, who.type, who.age) for room, who in found.passengers] == [
        (1, "ADULT", None),
        (1, "CHILD", 9),
        (2, "ADULT", None),
    ]


async def test_what_the_gateway_adds_is_part_of_price_and_deposit(offering):
    percent = FeeRule(name="Service", kind=FeeKind.PERCENT, percent=Decimal(10))
    each = FeeRule(name="Desk", kind=FeeKind.PER_PASSENGER, amount=Money.of("1.00", "GBP"), carrier="aatkings")
    other = FeeRule(name="Other", kind=FeeKind.FIXED, amount=Money.of("1.00", "GBP"), carrier="duffel")
    found = await offering(fees=(percent, each, other))
    assert str(found.price.total) == "8249.70 GBP"
    # The same part of it as 600.00 of 7497.00.
    assert str(found.deposit) == "660.24 GBP"


async def test_a_fee_of_another_currency_is_converted(offering):
    fee = FeeRule(name="Desk", kind=FeeKind.FIXED, amount=Money.of("10.00", "EUR"))
    assert str((await offering(fees=(fee,))).price.fee_total) == "11.50 GBP"


async def test_a_fee_that_cannot_be_converted_is_told(offering):
    fee = FeeRule(name="Desk", kind=FeeKind.FIXED, amount=Money.of("10.00", "CHF"))
    with pytest.raises(Unsupported, match="GBP"):
        await offering(fees=(fee,))


async def test_the_token_says_when_it_departs_and_not_who(offering):
    found = await offering()
    token = found.token()
    assert (token.carrier, token.travels_on, token.legs) == ("aatkings", departure(SUMMER[0]).key.starts_on, ())
    assert (token.price, token.passengers) == (found.price, found.offer.passengers)
    assert (token.holdable, token.expires_at) == (True, found.offer.expires_at)


@pytest.mark.parametrize("status", DepartureStatus)
async def test_any_status_has_an_offer(offering, kings, status):
    kings.statuses = {SUMMER[0]: status}
    assert (await offering()).price.total


async def test_without_prices_there_is_none(offering, kings, monkeypatch):
    monkeypatch.setattr("tests.tours.fakes.rates", lambda _region: ())
    kings.statuses = {SUMMER[0]: DepartureStatus.NO_YIELD}
    with pytest.raises(NotBookable) as refusal:
        await offering()
    assert refusal.value.status is DepartureStatus.NO_YIELD


def twin(adults=1, ages=()):
    return Room(type=RoomType.TWIN_SHARE, adults=adults, child_ages=ages)


WRONG = {
    "nobody": ((), ("rooms",)),
    "ten": ((twin(2),) * 5, ("rooms",)),
    "without an adult": ((twin(2), twin(0, (9,))), ("rooms", "1", "adults")),
    "fewer than none": ((twin(-1),), ("rooms", "0", "adults")),
    "a child of 18": ((twin(1, (18,)),), ("rooms", "0", "childAges")),
    "not born": ((twin(1, (-1,)),), ("rooms", "0", "childAges")),
    "no such price": ((twin(2), Room(type=RoomType.PERSON, adults=1)), ("rooms", "1")),
}


@pytest.mark.parametrize(("rooms", "path"), WRONG.values(), ids=WRONG)
async def test_rooms_that_cannot_be_meant(offering, rooms, path):
    with pytest.raises(InvalidInput) as refusal:
        await offering(rooms)
    assert refusal.value.path == path

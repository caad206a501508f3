"""Offers that the tests choose by what they are, in the sandbox's world."""

from datetime import time, timedelta
from decimal import Decimal

from app.domain.itinerary import CarrierOffer, ExchangeRate
from tests.booking.house import House
from tests.carriers.worlds import START

# The sandbox's three brands: nothing back, a fee, everything back.
BASIC, STANDARD, FLEX = 0, 1, 2
RATE = ExchangeRate(
    source="EUR",
    target="GBP",
    rate=Decimal("0.87"),
    margin_percent=Decimal(2),
    expires_at=START + timedelta(minutes=30),
)


async def by_airline(
    house: House,
    airline: str,
    brand: int = FLEX,
    origin: str = "LHR",
    destination: str = "CDG",
    departs: time | None = None,
) -> CarrierOffer:
    """The airline's first offer of this brand; of one flight alone where `departs` says when, which is found sooner."""
    found = await house.offers(origin, destination, departs=departs)
    return [offer for offer in found if offer.owner.code == airline][brand]


async def guaranteed(house: House, brand: int = FLEX) -> CarrierOffer:
    """Can be held at its price: British Airways, in pounds."""
    return await by_airline(house, "BA", brand, departs=time(8, 15))


async def floating(house: House, brand: int = FLEX) -> CarrierOffer:
    """Can be held, its price cannot: Air France, in euros."""
    return await by_airline(house, "AF", brand, departs=time(8, 10))


async def instant(house: House, brand: int = BASIC) -> CarrierOffer:
    """Must be paid when it is ordered: Vueling, in euros."""
    return await by_airline(house, "VY", brand, "BCN", "FCO", time(11, 20))

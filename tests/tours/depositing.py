"""A carrier that confirms on a deposit, as tour operators do: the sandbox's airline, taught to ask for one."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from app.domain.itinerary import CarrierOffer
from app.domain.tours import DepartureKey, DepartureTerms, SellingRegion, TourStay
from tests.booking.house import House
from tests.booking.scenes import FLEX, by_airline
from tests.carriers.worlds import START

DUE = START + timedelta(days=20)
# A quarter of the total.
PART = 4


def on_deposit(offer: CarrierOffer, due: Any = DUE, part: int = PART) -> CarrierOffer:
    """The offer, confirmed by a part of its total until the rest is due."""
    deposit = replace(offer.total, minor=offer.total.minor // part)
    stay = TourStay(
        key=DepartureKey(operator=offer.carrier, tour="greece", option="classic", starts_on=offer.departs_at.date()),
        region=SellingRegion.UK,
        operator_name="Insight Vacations",
        tour_name="Best of Greece",
        option_name="Classic",
        ends_on=offer.departs_at.date() + timedelta(days=9),
        zone="Europe/Athens",
        terms=DepartureTerms(balance_due_at=due),
    )
    return replace(offer, deposit=deposit, stay=stay)


@dataclass
class DepositHouse(House):
    """The gateway over a carrier whose British Airways offers ask for a deposit; `due` and `part` may be changed."""

    due: Any = DUE
    part: int = PART

    def compose(self) -> None:
        super().compose()
        check = self.carrier.check

        async def asking(ref: str) -> CarrierOffer:
            offer = await check(ref)
            tour = offer.owner is not None and offer.owner.code == "BA"
            return on_deposit(offer, self.due, self.part) if tour else offer

        self.carrier.check = asking


async def held(house: House, brand: int = FLEX, *more: CarrierOffer) -> str:
    """A held booking that a deposit confirms, with `more` that is paid in full."""
    outcome = await house.reserve("r1", await by_airline(house, "BA", brand), *more)
    assert outcome.booking_id is not None
    return outcome.booking_id

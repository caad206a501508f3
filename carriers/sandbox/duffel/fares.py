"""Fares: brands with their conditions and bags, prices, and emissions."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.domain.money import Money, total
from carriers.sandbox.chance import letters, within
from carriers.sandbox.duffel.airlines import AIRLINES, Airline
from carriers.sandbox.duffel.places import distance_km
from carriers.sandbox.duffel.timetable import Flight
from carriers.sandbox.exchange import Json

CABINS = ("economy", "premium_economy", "business", "first")
_CABIN_NAMES = {
    "economy": "Economy",
    "premium_economy": "Premium Economy",
    "business": "Business",
    "first": "First",
}
# Price and emissions of a cabin against economy's (emissions by the area a seat takes, as ICAO shares them).
_CABIN_PRICE = {"economy": 100, "premium_economy": 185, "business": 420, "first": 700}
_CABIN_SPACE = {
    "economy": Decimal(1),
    "premium_economy": Decimal("1.6"),
    "business": Decimal("2.9"),
    "first": Decimal(4),
}
_CO2_KG_PER_KM = Decimal("0.09")
_LONG_HAUL_KM = 3500
# Units of the currency for one euro: fares are made in euros and sold in the airline's currency.
_PER_EURO = {
    "EUR": Decimal(1),
    "GBP": Decimal("0.85"),
    "USD": Decimal("1.10"),
    "CHF": Decimal("0.95"),
    "SEK": Decimal("11.20"),
    "CAD": Decimal("1.50"),
    "AED": Decimal("4.04"),
    "SGD": Decimal("1.46"),
    "JPY": Decimal(165),
    "AUD": Decimal("1.66"),
}


@dataclass(frozen=True, slots=True)
class Brand:
    """A fare brand. `refund_fee` and `change_fee` are percent of the base fare; None means not allowed."""

    name: str
    price: int
    refund_fee: int | None
    change_fee: int | None
    carry_on: int
    checked: int
    letter: str


_LEISURE = (
    Brand("Basic", 100, None, None, 1, 0, "B"),
    Brand("Standard", 122, 40, 20, 1, 1, "S"),
    Brand("Flex", 165, 0, 0, 1, 2, "F"),
)
_PREMIUM = (Brand("Saver", 100, 30, 15, 2, 2, "D"), Brand("Flex", 130, 0, 0, 2, 2, "J"))


def brands(cabin: str) -> tuple[Brand, ...]:
    """The brands sold in a cabin, cheapest first."""
    return _LEISURE if cabin == "economy" else _PREMIUM


def has_cabin(flight: Flight, cabin: str) -> bool:
    """Whether the aircraft has the cabin: narrow-bodies have two, Duffel Airways has all."""
    wide = flight.aircraft in {"789", "359", "77W"}
    return flight.airline == "ZZ" or cabin in {"economy", "business"} or wide


def fare_basis(brand: Brand, flight: Flight, cabin: str) -> str:
    """The airline's code of the fare, such as `SOW7GB`."""
    return brand.letter + letters(6, "ABCDEFGHJKLMNPRSTUVWXYZ0123456789", "basis", flight.number, cabin)


@dataclass(frozen=True, slots=True)
class Price:
    """What all passengers pay together."""

    base: Money
    tax: Money

    @property
    def total(self) -> Money:
        """Base and tax."""
        return self.base + self.tax

    def times(self, factor: Decimal) -> "Price":
        """The same fare, dearer or cheaper; taxes stay."""
        return Price(self.base.times(factor), self.tax)

    def plus(self, extra: Money) -> "Price":
        """The same with something on top of the fare."""
        return Price(self.base + extra, self.tax)


# A fare brand, and what its flights cost.
Part = tuple[Brand, Price]


def price(airline: str, brand: Brand, cabin: str, flights: tuple[Flight, ...], passengers: tuple[str, ...]) -> Price:
    """The fare and taxes of the flights for passengers of these types, in the airline's currency."""
    line = AIRLINES[airline]
    adult = sum((_euro_fare(line, flight, cabin) for flight in flights), Decimal(0)) * brand.price / 100
    taxes = sum((_euro_tax(flight) for flight in flights), Decimal(0))
    return Price(
        total((in_currency(adult * _share(kind), line) for kind in passengers), line.currency),
        total((in_currency(taxes * _tax_share(kind), line) for kind in passengers), line.currency),
    )


def _euro_fare(line: Airline, flight: Flight, cabin: str) -> Decimal:
    kilometres = Decimal(round(distance_km(flight.origin, flight.destination)))
    tapering = min(kilometres, Decimal(2000)) * 7 + max(kilometres - 2000, Decimal(0)) * 4
    demand = within(80, 145, "demand", flight.key)
    return (25 + tapering / 100) * demand * line.price_level * _CABIN_PRICE[cabin] / 1_000_000


def _euro_tax(flight: Flight) -> Decimal:
    long_haul = distance_km(flight.origin, flight.destination) > _LONG_HAUL_KM
    return Decimal(within(9, 24, "tax", flight.origin) + (60 if long_haul else 0))


def _share(kind: str) -> Decimal:
    return {"child": Decimal("0.75"), "infant_without_seat": Decimal("0.10")}.get(kind, Decimal(1))


def _tax_share(kind: str) -> Decimal:
    return Decimal(0) if kind == "infant_without_seat" else Decimal(1)


def in_currency(euros: Decimal, line: Airline) -> Money:
    """Euros in the airline's currency, at the sandbox's fixed rate."""
    cents = Money(int((euros * 100).to_integral_value()), "EUR")
    return cents.converted(_PER_EURO[line.currency], line.currency)


def conditions(airline: str, parts: Sequence[Part]) -> Json:
    """Refund and change before departure, for everyone and every part; null where the airline tells nothing."""
    if not AIRLINES[airline].states_rules:
        return {"refund_before_departure": None, "change_before_departure": None}
    return {
        "refund_before_departure": _condition(refund_penalty(parts)),
        "change_before_departure": _condition(change_penalty(parts)),
    }


def _condition(penalty: Money | None) -> Json:
    if penalty is None:
        return {"allowed": False, "penalty_amount": None, "penalty_currency": None}
    return {"allowed": True, "penalty_amount": str(penalty.amount), "penalty_currency": penalty.currency}


def refund_penalty(parts: Sequence[Part]) -> Money | None:
    """What is kept of the parts when they are cancelled; None where one of them is not refunded."""
    return _penalty([(brand.refund_fee, cost.base) for brand, cost in parts])


def change_penalty(parts: Sequence[Part]) -> Money | None:
    """What changing the parts costs beside the fare; None where one of them cannot be changed."""
    return _penalty([(brand.change_fee, cost.base) for brand, cost in parts])


def _penalty(fees: Sequence[tuple[int | None, Money]]) -> Money | None:
    currency = fees[0][1].currency
    bases: dict[int, Money] = {}
    for fee, base in fees:
        if fee is None:
            return None
        bases[fee] = bases.get(fee, Money.zero(currency)) + base
    return total((base.times(Decimal(fee) / 100) for fee, base in bases.items()), currency)


def bags(brand: Brand) -> list[Json]:
    """What a passenger may take along on each segment."""
    return [{"type": "carry_on", "quantity": brand.carry_on}, {"type": "checked", "quantity": brand.checked}]


def cabin_name(brand: Brand, cabin: str) -> str:
    """How the airline calls it."""
    return f"{_CABIN_NAMES[cabin]} {brand.name}"


def emissions_kg(flights: tuple[Flight, ...], cabin: str, passengers: int) -> str:
    """Carbon dioxide of all passengers, in whole kilograms."""
    kilometres = sum(round(distance_km(flight.origin, flight.destination)) for flight in flights)
    kilograms = kilometres * _CO2_KG_PER_KM * _CABIN_SPACE[cabin] * passengers
    return str(int(kilograms.to_integral_value()))

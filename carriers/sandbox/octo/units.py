"""What an option is sold in: a person in a twin room, alone in a room, or a child in an adult's room."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from carriers.sandbox.exchange import Json
from carriers.sandbox.octo import read
from carriers.sandbox.octo.catalogue.model import Prices
from carriers.sandbox.octo.errors import bad_request, invalid_unit


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of every option."""

    id: str
    name: str
    type: str
    room: str
    accompanied_by: tuple[str, ...] = ()


TWIN = Unit("twin", "Adult in a twin room", "ADULT", "TWIN_SHARE")
SINGLE = Unit("single", "Adult in a single room", "ADULT", "SINGLE")
CHILD = Unit("child", "Child in an adult's room", "CHILD", "CHILD", (TWIN.id,))
_OLDEST = 99
UNITS: Mapping[str, Unit] = {unit.id: unit for unit in (TWIN, SINGLE, CHILD)}


def ages(unit: Unit, of_children: tuple[int, int]) -> tuple[int, int]:
    """From which age to which a unit is sold, both included."""
    return of_children if unit is CHILD else (of_children[1] + 1, _OLDEST)


def price(prices: Prices, unit_id: str, factor: Decimal) -> int:
    """What a unit costs, in minor units; `factor` is what a fault made of it."""
    amounts = {TWIN.id: prices.twin, SINGLE.id: prices.single, CHILD.id: prices.child}
    return int((amounts[unit_id] * factor).quantize(Decimal(1), ROUND_HALF_EVEN))


def known(unit_id: object) -> str:
    """The id of a unit that there is; INVALID_UNIT_ID otherwise."""
    if not isinstance(unit_id, str) or unit_id not in UNITS:
        raise invalid_unit(unit_id)
    return unit_id


def counted(data: Json) -> Counter[str]:
    """The `units` of an availability request."""
    found: Counter[str] = Counter()
    for entry in read.objects(data, "units"):
        quantity = read.whole(entry, "quantity")
        if quantity is None:
            raise bad_request("quantity is required")
        found[known(entry.get("id"))] += quantity
    return found


def alone(unit_ids: Iterable[str]) -> Unit | None:
    """The first that must be accompanied, and is not."""
    together = set(unit_ids)
    needing = (UNITS[each] for each in sorted(together) if UNITS[each].accompanied_by)
    return next((unit for unit in needing if together.isdisjoint(unit.accompanied_by)), None)

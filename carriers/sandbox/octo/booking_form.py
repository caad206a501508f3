"""Reading what is to be booked: which departure, for whom, in which units."""

from collections.abc import Sequence

from carriers.sandbox.exchange import Json
from carriers.sandbox.octo import read, units
from carriers.sandbox.octo.availability import by_id
from carriers.sandbox.octo.core import Call, Core
from carriers.sandbox.octo.departures import Standing, option_of, product
from carriers.sandbox.octo.errors import bad_request, invalid_availability, unprocessable
from carriers.sandbox.octo.facts import Item


def departure(core: Core, call: Call, wish: Json) -> Standing:
    """The departure that the wish names, sold in the call's region."""
    tour = product(core, call, wish.get("productId"))
    option = option_of(tour, wish.get("optionId"))
    found = by_id(core, call, tour, option, wish.get("availabilityId"))
    if found is None:
        raise invalid_availability(wish.get("availabilityId"))
    return found


def items(core: Core, data: Json, found: Standing, known: Sequence[Item] = ()) -> list[Item]:
    """The `unitItems`: those of a known uuid stay who they are. UNPROCESSABLE_ENTITY for nobody, or children alone."""
    before = {item.uuid: item for item in known}
    read_items = [_item(core, entry, found, before) for entry in read.objects(data, "unitItems")]
    if not read_items:
        raise unprocessable("Validation failed: Minimum tickets is 1")
    if len({item.uuid for item in read_items}) < len(read_items):
        raise bad_request("the uuids of unitItems must be different")
    alone = units.alone(item.unit for item in read_items)
    if alone:
        raise unprocessable(f"Validation failed: {alone.id} must be accompanied by {', '.join(alone.accompanied_by)}")
    return read_items


def _item(core: Core, entry: Json, found: Standing, before: dict[str, Item]) -> Item:
    unit = units.known(entry.get("unitId"))
    uuid = read.uuid(entry["uuid"]) if entry.get("uuid") is not None else core.new_uuid("item")
    known = before.get(uuid)
    reference = read.maybe_text(entry, "resellerReference")
    return Item(
        uuid=uuid,
        unit=unit,
        price=found.price(unit),
        supplier_reference=known.supplier_reference if known else core.new_reference("person", 7),
        reseller_reference=reference or (known.reseller_reference if known else None),
        contact=read.contact(entry, known.contact if known else read.NOBODY),
    )

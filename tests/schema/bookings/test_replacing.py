"""What was exchanged for what, what refunds kept, and journeys that are named: read from the rows that verbs write."""

from decimal import Decimal

import pytest
from sqlmodel import select

from app.store.tables import BookingRow, ItemRow, TicketRow

LINKS = """query ($id: ID!) { booking(id: $id) {
    id items { id state replaces { id } replacedBy { id state } tickets { id replaces { id } replacedBy { id } } }
    journeys { ref } } }"""
MONEY = """query ($id: ID!) { booking(id: $id) { kept { amount currency } items { kept { amount currency }
    price { total { amount } base { amount } services { amount } changeFees { amount } } } } }"""


def exchange(session, *states):
    """The item is exchanged for one in each of these states, and its ticket for the last one's."""
    item, ticket = session.exec(select(ItemRow)).one(), session.exec(select(TicketRow)).one()
    item.state, ticket.status = "EXCHANGED", "EXCHANGED"
    for number, state in enumerate(states, start=1):
        position = {"id": f"it_new{number}", "position": number, "state": state, "replaces": item.id}
        session.add(ItemRow(**item.model_dump() | position))
    replacing = {"id": "tk_new", "item_id": f"it_new{len(states)}", "status": "VALID", "replaces": ticket.id}
    session.add(TicketRow(**ticket.model_dump() | replacing))


async def exchanged(gateway, *states):
    booking_id = await gateway.ticketed()
    await gateway.house.store.write(lambda session: exchange(session, *states))
    return (await gateway.data(LINKS, id=booking_id))["booking"]


async def test_an_exchange_links_items_and_tickets_both_ways(gateway):
    old, new = (await exchanged(gateway, "TICKETED"))["items"]
    (before,), (after,) = old["tickets"], new["tickets"]
    assert (old["replaces"], old["replacedBy"]) == (None, {"id": new["id"], "state": "TICKETED"})
    assert (new["replaces"], new["replacedBy"]) == ({"id": old["id"]}, None)
    assert (before["replaces"], before["replacedBy"]) == (None, {"id": after["id"]})
    assert (after["replaces"], after["replacedBy"]) == ({"id": before["id"]}, None)


async def test_what_could_not_be_held_instead_replaces_nothing(gateway):
    old, _refused, _held = (await exchanged(gateway, "REJECTED", "HELD"))["items"]
    assert old["replacedBy"] == {"id": "it_new2", "state": "HELD"}


async def test_a_refused_exchange_leaves_the_item_as_it_was(gateway):
    booking_id = await gateway.ticketed()

    def refuse(session):
        item = session.exec(select(ItemRow)).one()
        refused = {"id": "it_new", "position": 1, "state": "REJECTED", "replaces": item.id}
        session.add(ItemRow(**item.model_dump() | refused))

    await gateway.house.store.write(refuse)
    old, _ = (await gateway.data(LINKS, id=booking_id))["booking"]["items"]
    assert old["replacedBy"] is None


async def test_a_booking_travels_what_was_exchanged_for_its_first_journeys_and_not_both(gateway):
    booking = await exchanged(gateway, "TICKETED")
    (row,) = await gateway.house.rows(select(ItemRow.offer).where(ItemRow.id == "it_new1"))
    assert booking["journeys"] == [{"ref": journey["ref"]} for journey in row["journeys"]]


async def test_links_are_loaded_with_what_is_loaded_anyway(gateway, statements):
    booking = await exchanged(gateway, "TICKETED")
    statements.clear()
    await gateway.data(LINKS, id=booking["id"])
    # The booking, its items and its tickets.
    assert len(statements) == 3


async def test_what_refunds_kept_is_told_for_each_part_and_for_the_booking(gateway):
    booking_id = await gateway.ticketed()

    def keep(session):
        session.exec(select(ItemRow)).one().kept_minor = 1250
        session.exec(select(BookingRow)).one().kept_minor = 1250

    nothing = {"amount": "0.00", "currency": "GBP"}
    booking = (await gateway.data(MONEY, id=booking_id))["booking"]
    assert (booking["kept"], booking["items"][0]["kept"]) == (nothing, nothing)
    await gateway.house.store.write(keep)
    booking = (await gateway.data(MONEY, id=booking_id))["booking"]
    assert booking["kept"] == booking["items"][0]["kept"] == nothing | {"amount": "12.50"}


@pytest.mark.parametrize("part", ["services", "change_fees"])
async def test_services_and_change_fees_are_apart_and_in_the_total(gateway, part):
    booking_id = await gateway.ticketed()

    def charge(session):
        item = session.exec(select(ItemRow)).one()
        item.price = item.price | {part: {"minor": 2000, "currency": "GBP"}}

    (before,) = (await gateway.data(MONEY, id=booking_id))["booking"]["items"]
    await gateway.house.store.write(charge)
    (after,) = (await gateway.data(MONEY, id=booking_id))["booking"]["items"]
    name = {"services": "services", "change_fees": "changeFees"}[part]
    assert before["price"][name] is None
    assert after["price"][name] == {"amount": "20.00"}
    totals = [Decimal(item["price"]["total"]["amount"]) for item in (before, after)]
    assert totals[1] - totals[0] == 20

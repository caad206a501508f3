"""Our items beside tour operators' bookings, also of operators that list none by time."""

import pytest

from app.domain.tours import Room, RoomType, SellingRegion
from carriers.sandbox.exchange import Request, encode
from carriers.sandbox.octo.world import OctoWorld
from tests.carriers.worlds import PlainTransport, SandboxTransport
from tests.reconcile.scenes import Office
from tests.tours.selling import OPEN, SINGLE, stay

PERSON = Room(type=RoomType.PERSON, adults=1)


@pytest.fixture(params=[(SandboxTransport, SINGLE), (PlainTransport, PERSON)], ids=["our capability", "plain OCTO"])
async def paid(request, house):
    """The office, and the item of a tour that is paid."""
    transport, room = request.param
    world = OctoWorld(house.clock)
    office = await Office(clock=house.clock, tours=world, tours_transport=transport(world)).open()
    booking_id = (await office.reserve("r1", await stay(office, OPEN, room, region=SellingRegion.ZZ))).booking_id
    await office.pay(booking_id)
    return office, (await office.items(booking_id))[0]


async def test_a_booking_that_an_operator_cancelled_behind_our_back_is_found(paid):
    office, item = paid
    assert await office.reconcile() == []
    headers = {"authorization": "Bearer octo_sandbox_aatkings"}
    path = f"/aatkings/bookings/{item.order_ref}/cancel"
    assert office.tours.handle(Request("POST", path, {}, headers, encode({"force": True}))).status == 200
    (found,) = await office.reconcile()
    assert (found.kind, found.source, found.ref) == ("ORDER_STATE", "aatkings", item.order_ref)

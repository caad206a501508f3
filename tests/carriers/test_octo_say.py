"""What operators are told: who travels in which room, how to reach the first of them, and nothing else of anybody."""

import json

import pytest

from app.domain.errors import Trouble, Unknown
from app.domain.money import Money
from app.domain.refusals import InvalidInput, PriceChanged
from app.domain.tours import Room, RoomType, SellingRegion
from app.domain.travellers import Assistance, DocumentKind, IdentityDocument, LoyaltyAccount
from carriers.contract import OrderState
from carriers.octo import say
from carriers.octo.rooms import rooms_of, sleepers
from tests.carriers.sandbox.octo.shop import OPEN, OPTION, TOUR
from tests.carriers.test_octo_bookings import FAMILY, Shop
from tests.carriers.test_octo_errors import Canned, no

TWIN = RoomType.TWIN_SHARE


@pytest.fixture
def shop():
    return Shop.opened(Canned)


def sent(shop, method, end):
    return next(r for r in reversed(shop.wire.sent) if r.method == method and r.url.endswith(end))


async def test_a_reservation_says_who_is_where_and_how_to_reach_the_first(shop):
    await shop.hold(await shop.stay(*FAMILY))
    request = sent(shop, "POST", "/bookings/")
    body = request.json
    assert request.headers["Faregate-Region"] == "UK"
    assert {name: body[name] for name in ("productId", "optionId", "availabilityId", "expirationMinutes")} == {
        "productId": TOUR,
        "optionId": OPTION,
        "availabilityId": f"{OPEN}T00:00:00+03:00",
        "expirationMinutes": 1440,
    }
    assert (body["uuid"], body["resellerReference"]) == (say.booking_uuid("key-1"), "key-1")
    assert [(item["resellerReference"], item["unitId"]) for item in body["unitItems"]] == [
        ("1.twin.1", "twin"),
        ("1.twin.2", "twin"),
        ("1.child9.3", "child"),
        ("2.single.1", "single"),
    ]
    first = {"fullName": "Ameliaa Earhart", "firstName": "Ameliaa", "lastName": "Earhart"}
    assert body["unitItems"][0]["contact"] == first
    assert body["contact"] == first | {"emailAddress": "amelia@example.com", "phoneNumber": "+442080160509"}
    assert len({item["uuid"] for item in body["unitItems"]} | {body["uuid"]}) == 5


async def test_nothing_else_of_a_traveller_leaves_the_house(shop):
    passport = IdentityDocument(kind=DocumentKind.PASSPORT, number="19KL56147", issuing_country="GB")
    facts = {"document": passport, "loyalty": (LoyaltyAccount(airline="BA", number="77001"),)}
    await shop.pay(await shop.hold(await shop.stay(), **facts, assistance=(Assistance.WCHR,)))
    written = json.dumps([request.json for request in shop.wire.sent])
    assert not [fact for fact in ("19KL56147", "77001", "WCHR", "1987", "FEMALE", "MS") if fact in written]


async def test_a_confirmation_is_for_whom_the_booking_was_made(shop):
    await shop.pay(await shop.hold(await shop.stay()))
    contact = sent(shop, "POST", "/confirm").json["contact"]
    told = ("Ameliaa", "Earhart", "amelia@example.com")
    assert (contact["firstName"], contact["lastName"], contact["emailAddress"]) == told
    assert None not in contact.values()


async def test_a_hold_at_another_price_is_given_up_before_anybody_hears_of_it(shop):
    offer = await shop.stay()
    shop.fault("bookings.create", "price_changed", percent=10)
    with pytest.raises(PriceChanged) as changed:
        await shop.hold(offer)
    assert (changed.value.old_total, changed.value.new_total) == (offer.total, Money(549780, "GBP"))
    assert [booking["status"] for booking in shop.world.ledger()["bookings"]] == ["CANCELLED"]
    with pytest.raises(PriceChanged):
        await shop.hold(offer)


@pytest.mark.parametrize(("fault", "more"), [("time_out_before", {}), ("rate_limited", {"seconds": 600})])
async def test_a_hold_at_another_price_that_cannot_be_given_up_is_unknown_and_asked_again(shop, fault, more):
    offer = await shop.stay()
    shop.fault("bookings.create", "price_changed", percent=10)
    shop.fault("bookings.cancel", fault, **more)
    with pytest.raises(Unknown):
        await shop.hold(offer)


async def test_people_come_along_to_an_option_that_calls_its_units_otherwise(shop):
    order = await shop.pay(await shop.hold(await shop.stay(*FAMILY)))
    people = [
        {"uuid": "u", "unitId": "adult", "resellerReference": "1.twin.1", "contact": {"firstName": "A", "notes": None}}
    ]
    offer = await shop.stay(*FAMILY)
    moved = say.move(offer, people)
    assert moved["unitItems"] == [
        {"uuid": "u", "unitId": "twin", "resellerReference": "1.twin.1", "contact": {"firstName": "A"}}
    ]
    assert "unitItems" not in say.move(offer, (await shop.carrier._bookings.read(order.ref)).data["unitItems"])


@pytest.mark.parametrize(
    ("room", "path"),
    [
        (Room(type=TWIN, adults=1), ("rooms", "0")),
        (Room(type=TWIN, adults=3), ("rooms", "0")),
        (Room(type=TWIN, adults=2, child_ages=(9, 9)), ("rooms", "0")),
        (Room(type=TWIN, adults=0, child_ages=(9, 9)), ("rooms", "0")),
        (Room(type=RoomType.SINGLE, adults=2), ("rooms", "0")),
        (Room(type=RoomType.SINGLE, adults=1, child_ages=(9,)), ("rooms", "0")),
        (Room(type=RoomType.PERSON, adults=1), ("rooms", "0")),
        (Room(type=TWIN, adults=1, child_ages=(4,)), ("rooms", "0", "childAges")),
        (Room(type=TWIN, adults=1, child_ages=(12,)), ("rooms", "0", "childAges")),
    ],
)
async def test_rooms_that_are_not_sold_say_which_it_is(shop, room, path):
    with pytest.raises(InvalidInput) as wrong:
        await shop.stay(room)
    assert wrong.value.path == path


@pytest.mark.parametrize("ages", [(5,), (11, 5)])
async def test_children_share_the_room_of_one_adult(shop, ages):
    offer = await shop.stay(Room(type=TWIN, adults=1, child_ages=ages))
    assert [passenger.age for passenger in offer.passengers] == [None, *ages]


def test_rooms_are_told_again_by_their_peoples_references():
    rooms = (*FAMILY, Room(type=RoomType.PERSON, adults=3, child_ages=(0, 17)))
    refs = [sleeper.ref for sleeper in sleepers(rooms)]
    assert rooms_of(reversed(refs)) == tuple(
        Room(type=room.type, adults=room.adults, child_ages=tuple(reversed(room.child_ages))) for room in rooms
    )
    assert rooms_of(["passport", "1.suite.1", "1.child9.1"]) == ()


async def test_what_somebody_else_booked_is_listed_without_a_key_and_cannot_be_moved(shop):
    await shop.hold(await shop.stay())
    body = sent(shop, "POST", "/bookings/").json
    for item in body["unitItems"]:
        item["resellerReference"] = None
    theirs = body | {"uuid": say.booking_uuid("theirs")}
    await shop.carrier._bookings._calls.ask("/bookings/", theirs, region=SellingRegion.UK)
    keys = {entry.key: entry.order for entry in await shop.carrier.orders(since=shop.clock.now())}
    assert set(keys) == {"key-1", None}
    assert (keys[None].state, keys[None].stay.rooms) == (OrderState.HELD, ())


async def test_a_list_that_gets_no_answer_is_trouble(shop):
    await shop.stay()
    shop.wire.instead["GET", "/bookings/"] = no("BAD_REQUEST")
    with pytest.raises(Trouble):
        await shop.carrier.orders(since=shop.clock.now())

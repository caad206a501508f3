"""Tours after the sale, as clients see them: quotes by scale and deposit, and other departures."""

import pytest

from tests.aftersales.selling import exchange, exchange_facts
from tests.schema.bookings.aftersales import EXCHANGE, QUOTE_EXCHANGE
from tests.schema.gateway import operation, same_as_committed
from tests.tours.changing import CHEAPER, WEEK_LATER, live_item, on_deposit, paid, quoted
from tests.tours.selling import CLOSED, OPEN, TWIN
from tests.tours.selling import departure as at_control

ITEMS = """query ($id: ID!) { booking(id: $id) { state balanceDueAt balance { amount }
    items { state stay { departureId startsOn rooms { passengers { givenName } } } journeys { ref } } } }"""


def departure(day):
    return f"aatkings:red-centre-explorer:classic:{day}"


async def wish(gateway, booking_id, **wanted):
    return {"bookingId": booking_id, "items": [{"item": (await live_item(gateway.house, booking_id)).id, **wanted}]}


async def test_another_departure_is_quoted_with_what_is_due_now_and_later(gateway):
    booking = await on_deposit(gateway.house, OPEN, TWIN)
    given = await wish(gateway, booking.id, departure=departure(CHEAPER))
    answer = await gateway.data(operation("exchange_departure"), input={"idempotencyKey": "k", **given})
    same_as_committed("exchange_departure", answer)


async def test_a_refund_of_a_deposit_is_quoted_by_the_scale(gateway):
    booking = await on_deposit(gateway.house, OPEN, TWIN)
    given = {"idempotencyKey": "k", "bookingId": booking.id}
    same_as_committed("refund_departure", await gateway.data(operation("refund_departure"), input=given))


async def test_an_exchange_moves_the_stay_and_when_its_rest_is_due(gateway):
    booking = await on_deposit(gateway.house)
    quote = await quoted(gateway.house, booking.id, CHEAPER)
    assert exchange_facts(quote).balance.minor == 4000
    payload = await gateway.act(EXCHANGE, quoteId=quote.id, method={"onAccount": {}})
    assert (payload["errors"], payload["booking"]["paymentState"]) == ([], "PART_PAID")
    found = (await gateway.data(ITEMS, id=booking.id))["booking"]
    assert found["balanceDueAt"][:10] == "2026-08-05"
    assert [(item["state"], item["stay"]["departureId"]) for item in found["items"]] == [
        ("EXCHANGED", departure(OPEN)),
        ("CONFIRMED", departure(CHEAPER)),
    ]
    assert found["items"][1]["stay"]["rooms"] == [{"passengers": [{"givenName": "Ada"}]}]


async def test_what_was_exchanged_is_a_departure_of_its_own(gateway):
    booking = await paid(gateway.house)
    await exchange(gateway.house, await quoted(gateway.house, booking.id, CHEAPER))
    given = await wish(gateway, booking.id, departure=departure(WEEK_LATER))
    (quote,) = (await gateway.act(QUOTE_EXCHANGE, **given))["quotes"]
    assert (quote["difference"]["amount"], quote["added"]) == ("215.00", [])


JOURNEY = [{"journey": "a", "date": "2026-06-03"}]
WRONG = {
    "neither": ({}, ["input", "items", "0"], "and not both"),
    "both": ({"journeys": JOURNEY, "departure": departure(CHEAPER)}, ["input", "items", "0"], "and not both"),
    "no id": ({"departure": "next-monday"}, ["input", "items", "0", "departure"], "no id of a departure"),
    "no day": ({"departure": departure("soon")}, ["input", "items", "0", "departure"], "no id of a departure"),
    "a tour": ({"departure": "aatkings:red-centre-explorer"}, ["input", "items", "0", "departure"], "no id"),
    "another tour": (
        {"departure": "aatkings:around-tasmania:classic:2026-06-01"},
        ["input", "items", "0", "departure"],
        "same tour",
    ),
    "the same departure": ({"departure": departure(OPEN)}, ["input", "items", "0", "departure"], "is booked"),
    "journeys of a tour": ({"journeys": JOURNEY}, ["input", "items", "0", "journeys", "0", "journey"], "no journey"),
}


@pytest.mark.parametrize(("wanted", "path", "sentence"), WRONG.values(), ids=WRONG)
async def test_what_cannot_be_meant_is_refused_with_its_path(gateway, wanted, path, sentence):
    booking = await paid(gateway.house)
    payload = await gateway.act(QUOTE_EXCHANGE, **await wish(gateway, booking.id, **wanted))
    (error,) = payload["errors"]
    assert error["path"] == path
    assert sentence in error["message"]


async def test_a_departure_instead_of_a_flight_is_refused(gateway):
    booking_id = await gateway.ticketed()
    payload = await gateway.act(QUOTE_EXCHANGE, **await wish(gateway, booking_id, departure=departure(CHEAPER)))
    (error,) = payload["errors"]
    assert (error["path"], error["code"]) == (["input", "items", "0", "departure"], "INVALID_INPUT")


async def test_a_departure_that_is_closed_is_no_alternative(gateway):
    booking = await paid(gateway.house)
    payload = await gateway.act(QUOTE_EXCHANGE, **await wish(gateway, booking.id, departure=departure(CLOSED)))
    (error,) = payload["errors"]
    assert (error["__typename"], error["rule"]["ground"]) == ("NotExchangeable", "NO_ALTERNATIVE")


CHANGES = """query ($id: ID!) { booking(id: $id) { changes { id state cancelled choices deadline
    removed { departsAt } replacedStay { startsOn rooms { passengers { givenName } } } stay { startsOn } } } }"""
ACCEPT = """mutation ($input: AcceptChangeInput!) { acceptChange(input: $input) { change { state item {
    stay { startsOn } } } errors { code } } }"""


async def changed(gateway, kind, **how):
    """The only change of a paid tour, whose operator has just made it."""
    house = gateway.house
    booking = await paid(house)
    house.change_departure(kind, **at_control(), **how)
    await house.later((await live_item(house, booking.id)).check_order_at - house.clock.now())
    (change,) = (await gateway.data(CHANGES, id=booking.id))["booking"]["changes"]
    return change


async def test_a_moved_departure_is_shown_with_what_was_and_what_is_and_accepted(gateway):
    change = await changed(gateway, "moved", to=WEEK_LATER.isoformat())
    assert (change["state"], change["cancelled"], change["removed"]) == ("OPEN", False, [])
    assert change["replacedStay"] == {"startsOn": "2026-06-01", "rooms": [{"passengers": [{"givenName": "Ada"}]}]}
    assert change["stay"] == {"startsOn": "2026-06-08"}
    assert set(change["choices"]) == {"ACCEPT", "REFUND", "EXCHANGE"}
    payload = await gateway.act(ACCEPT, changeId=change["id"])
    assert payload == {
        "change": {"state": "ACCEPTED", "item": {"stay": {"startsOn": "2026-06-08"}}},
        "errors": [],
    }


async def test_a_cancelled_departure_is_shown_without_another(gateway):
    change = await changed(gateway, "cancelled")
    assert (change["cancelled"], change["stay"], change["deadline"]) == (True, None, None)
    assert set(change["choices"]) == {"REFUND", "EXCHANGE"}

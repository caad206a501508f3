"""Seats and bags as a client sees them: for sale with an offer, chosen, quoted for what is paid, added and shown."""

from datetime import timedelta

import pytest

from app.domain.partner import Scope
from tests.booking.house import OTHER
from tests.booking.scenes import floating, guaranteed
from tests.booking.seating import seat_and_bag
from tests.schema.bookings.aftersales import bought
from tests.schema.gateway import ADA, operation, same_as_committed

ON_ACCOUNT = {"method": {"onAccount": {"reference": "INV-9"}}}
ERRORS = "errors { __typename code message path advice money }"
AVAILABLE = """query ($id: ID!) { booking(id: $id) { items { id
    availableServices { services { id passengerId segmentRefs price { amount } }
        errors { __typename code advice } }
    seatMaps { seatMaps { segmentRef } errors { __typename } }
    journeys { segments { ref } } passengers { id } } } }"""
QUOTE = f"""mutation ($input: QuoteServicesInput!) {{ quoteServices(input: $input) {{
    quote {{ id price {{ amount }} services {{ service {{ id segmentRefs }} }} }} booking {{ id }} {ERRORS} }} }}"""
ADD = f"""mutation ($input: AddServicesInput!) {{ addServices(input: $input) {{ quote {{ id state }}
    booking {{ state balance {{ amount }} items {{ services {{ quantity segments {{ ref }} }} }} }} {ERRORS} }} }}"""


@pytest.fixture
async def booking_id(gateway):
    """A ticketed booking that can have bags."""
    return await bought(gateway, await guaranteed(gateway.house))


async def item_of(gateway, booking_id):
    return (await gateway.data(AVAILABLE, id=booking_id))["booking"]["items"][0]


async def quoted(gateway, booking_id, **given):
    """The payload of asking for one of the item's first bag."""
    item = await item_of(gateway, booking_id)
    bag = item["availableServices"]["services"][0]
    return await gateway.act(
        QUOTE, bookingId=booking_id, itemId=item["id"], **{"services": [{"id": bag["id"]}]} | given
    )


async def test_bags_for_an_offer(gateway):
    token = gateway.house.token(await guaranteed(gateway.house))
    same_as_committed("offer_services", await gateway.data(operation("offer_services"), offer=token))


async def test_bags_from_their_quote_to_the_item(gateway, booking_id):
    item = await item_of(gateway, booking_id)
    bag = item["availableServices"]["services"][0]
    wish = {"bookingId": booking_id, "itemId": item["id"], "services": [{"id": bag["id"], "quantity": 2}]}
    asked = await gateway.data(operation("quote_services"), input={"idempotencyKey": "bags-1", **wish})
    same_as_committed("quote_services", asked)
    given = {"idempotencyKey": "bags-2", "quoteId": asked["quoteServices"]["quote"]["id"], **ON_ACCOUNT}
    same_as_committed("add_services", await gateway.data(operation("add_services"), input=given))


async def test_what_can_be_added_names_the_items_own_passengers_and_flights(gateway, booking_id):
    item = await item_of(gateway, booking_id)
    bag = item["availableServices"]["services"][0]
    assert bag["passengerId"] == item["passengers"][0]["id"]
    assert bag["segmentRefs"] == [segment["ref"] for segment in item["journeys"][0]["segments"]]
    assert item["seatMaps"] == {"seatMaps": [], "errors": []}


async def test_nothing_can_be_added_before_it_is_paid(gateway):
    payload = await gateway.reserve(await guaranteed(gateway.house))
    item = await item_of(gateway, payload["booking"]["id"])
    assert (item["availableServices"], item["seatMaps"]) == (None, None)


async def test_a_carrier_that_does_not_answer_is_told_at_its_field(gateway, booking_id):
    gateway.house.fault("orders.available_services", "error_503", times=9)
    item = await item_of(gateway, booking_id)
    (error,) = item["availableServices"]["errors"]
    assert (error["__typename"], error["advice"]) == ("CarrierUnavailable", "WAIT")
    assert item["seatMaps"]["errors"] == []


async def test_a_bag_is_added_and_then_there_is_one_less_to_have(gateway, booking_id):
    payload = await quoted(gateway, booking_id)
    assert payload["errors"] == []
    added = await gateway.act(ADD, quoteId=payload["quote"]["id"], **ON_ACCOUNT)
    assert added["errors"] == []
    (item,) = added["booking"]["items"]
    (bag,) = item["services"]
    (quoted_bag,) = payload["quote"]["services"]
    assert (bag["quantity"], added["booking"]["balance"]) == (1, {"amount": "0.00"})
    assert [segment["ref"] for segment in bag["segments"]] == quoted_bag["service"]["segmentRefs"]
    more = await quoted(gateway, booking_id, services=[{"id": quoted_bag["service"]["id"], "quantity": 2}])
    (error,) = more["errors"]
    assert (error["__typename"], error["path"]) == ("InvalidInput", ["input", "services", "0", "quantity"])


@pytest.mark.parametrize(
    ("services", "code", "path"),
    [
        ([], "InvalidInput", ["input", "services"]),
        ([{"id": "aso_none"}], "ServiceGone", ["input", "services"]),
        ([{"id": "aso_none", "quantity": 0}], "InvalidInput", ["input", "services", "0", "quantity"]),
        ([{"id": "aso_none"}, {"id": "aso_none"}], "InvalidInput", ["input", "services", "1", "id"]),
    ],
)
async def test_what_cannot_be_quoted_is_told(gateway, booking_id, services, code, path):
    payload = await quoted(gateway, booking_id, services=services)
    (error,) = payload["errors"]
    assert (error["__typename"], error["path"], payload["quote"]) == (code, path, None)


async def test_what_is_not_paid_is_told_its_state(gateway):
    held = (await gateway.reserve(await guaranteed(gateway.house)))["booking"]["id"]
    item = await item_of(gateway, held)
    payload = await gateway.act(QUOTE, bookingId=held, itemId=item["id"], services=[{"id": "aso_1"}])
    assert [error["__typename"] for error in payload["errors"]] == ["WrongState"]


async def test_another_partners_booking_does_not_exist(gateway, booking_id):
    wish = {"bookingId": booking_id, "itemId": "it_1", "services": [{"id": "aso_1"}]}
    payload = await gateway.act(QUOTE, partner=OTHER, **wish)
    assert [error["__typename"] for error in payload["errors"]] == ["NotFound"]


async def test_a_price_has_to_be_paid_somehow(gateway, booking_id):
    quote = (await quoted(gateway, booking_id))["quote"]
    (error,) = (await gateway.act(ADD, quoteId=quote["id"]))["errors"]
    assert (error["__typename"], error["path"]) == ("InvalidInput", ["input", "method"])


class TestReserving:
    """Services that are chosen with an offer."""

    @pytest.fixture
    async def offer(self, gateway):
        """It could be held; and its flight shows its seats."""
        return await floating(gateway.house)

    @pytest.fixture
    async def wanted(self, gateway, offer):
        """A seat and two bags."""
        seat, bag = await seat_and_bag(gateway.house, offer)
        return [{"id": seat.ref, "passenger": 0}, {"id": bag.ref, "passenger": 0, "quantity": 2}]

    async def test_seat_maps_are_rows_of_groups_between_aisles(self, gateway, offer):
        answer = await gateway.data(operation("offer_seat_maps"), offer=gateway.house.token(offer))
        (plan,) = answer["offerSeatMaps"]["seatMaps"]
        exits = [row for row in plan["rows"] if any(seat and seat["exitRow"] for seat in row["groups"][0])]
        assert [len(group) for group in plan["rows"][-1]["groups"]] == [2, 2]
        assert plan["segmentRef"] == offer.journeys[0].segments[0].ref
        # Two rows tell what each row is made of.
        plan["rows"] = [plan["rows"][0], exits[0]]
        same_as_committed("offer_seat_maps", answer)

    async def test_with_an_offer_that_could_be_held(self, gateway, offer, wanted):
        given = {"offers": [gateway.house.token(offer)], "passengers": [ADA], "services": wanted}
        answer = await gateway.data(operation("reserve_services"), input={"idempotencyKey": "seats-1", **given})
        same_as_committed("reserve_services", answer)

    async def test_they_are_had_once_it_is_paid(self, gateway, offer, wanted):
        payload = await gateway.reserve(offer, services=wanted)
        assert (await gateway.pay(payload["booking"]["id"]))["errors"] == []
        item = await item_of(gateway, payload["booking"]["id"])
        assert item["availableServices"] == {"services": [], "errors": []}

    async def test_what_is_gone_is_named(self, gateway, offer):
        payload = await gateway.reserve(offer, services=[{"id": "ase_none", "passenger": 0}])
        (error,) = payload["errors"]
        assert (error["code"], error["path"]) == ("SERVICE_GONE", ["input", "services"])

    async def test_where_an_input_is_wrong_is_told(self, gateway, offer, wanted):
        payload = await gateway.reserve(offer, services=[wanted[0], wanted[1] | {"passenger": 3}])
        (error,) = payload["errors"]
        assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "services", "1", "passenger"])


ASKED = f"""query ($offer: String!) {{ offerServices(offer: $offer) {{ services {{ id }} {ERRORS} }}
    offerSeatMaps(offer: $offer) {{ seatMaps {{ deck }} {ERRORS} }} }}"""


async def asked(gateway, offer, **facts):
    """The errors of asking what can be had with the offer, first bags and then seats."""
    data = await gateway.data(ASKED, offer=offer, **facts)
    return [[error["__typename"] for error in data[name]["errors"]] for name in ("offerServices", "offerSeatMaps")]


async def test_no_offer_of_the_partners_own_is_told_as_data(gateway):
    token = gateway.house.token(await floating(gateway.house))
    assert await asked(gateway, "nonsense") == [["OfferInvalid"]] * 2
    assert await asked(gateway, token, partner=OTHER) == [["OfferInvalid"]] * 2
    gateway.house.clock.advance(timedelta(days=1))
    assert await asked(gateway, token) == [["OfferExpired"]] * 2


async def test_one_that_cannot_be_told_leaves_the_other(gateway):
    token = gateway.house.token(await floating(gateway.house))
    gateway.house.fault("seat_maps.list", "error_503", times=9)
    assert await asked(gateway, token) == [[], ["CarrierUnavailable"]]


async def test_each_needs_its_scope(gateway, booking_id):
    gateway.scopes = frozenset({Scope.BOOK})
    answer = await gateway.ask(ASKED, offer="any")
    assert {error.extensions["code"] for error in answer.errors} == {"FORBIDDEN"}
    gateway.scopes = frozenset({Scope.SEARCH})
    for mutation, given in (
        (QUOTE, {"bookingId": booking_id, "itemId": "it_1", "services": []}),
        (ADD, {"quoteId": "qt"}),
    ):
        answer = await gateway.ask(mutation, input={"idempotencyKey": "k", **given})
        assert [error.extensions["code"] for error in answer.errors] == ["FORBIDDEN"]


async def test_a_quote_is_one_of_the_bookings(gateway, booking_id):
    quote = (await quoted(gateway, booking_id))["quote"]
    query = "query ($id: ID!) { booking(id: $id) { quotes { __typename id } } }"
    shown = (await gateway.data(query, id=booking_id))["booking"]["quotes"]
    assert shown == [{"__typename": "ServicesQuote", "id": quote["id"]}]

"""Exchanges from request to reissued ticket, and what refuses them."""

from datetime import timedelta
from decimal import Decimal

import pytest

from carriers.sandbox.duffel import airline_changes
from tests.carriers.sandbox.change_talk import (
    LATER,
    balance,
    cheaper,
    confirm,
    confirm_path,
    dearer,
    offers,
    payment_for,
    request,
    select,
    wish,
)
from tests.carriers.sandbox.talk import DAY, of_airline, order_form, passport

REQUESTS = "/air/order_change_requests"
TOO_DEAR = {"origin": "LGW", "destination": "STN", "departure_date": LATER, "cabin_class": "business"}


def bought(client, brand="Standard", airline="ZZ", origin="LHR", destination="CDG", **more):
    return client.order(of_airline(client.search(origin, destination, **more), airline, brand), "instant")


@pytest.fixture
def order(client):
    return bought(client)


@pytest.fixture
def return_trip(client):
    slices = [
        {"origin": "LHR", "destination": "CDG", "departure_date": DAY},
        {"origin": "CDG", "destination": "LHR", "departure_date": LATER},
    ]
    found = client.ok("POST", "/air/offer_requests", {"slices": slices, "passengers": [{"type": "adult"}] * 2})
    return client.order(of_airline(found["offers"], "ZZ", "Standard"), "instant")


def now(client, order):
    return client.ok("GET", f"/air/orders/{order['id']}")


def leaves(piece):
    return piece["segments"][0]["departing_at"]


class TestOffers:
    def test_an_offer_says_what_changes_and_what_it_costs(self, client, order):
        found = offers(client, order)
        penalty = Decimal(order["conditions"]["change_before_departure"]["penalty_amount"])
        for offer in found:
            assert [piece["id"] for piece in offer["slices"]["remove"]] == [order["slices"][0]["id"]]
            assert leaves(offer["slices"]["add"][0]).startswith(LATER)
            assert balance(offer) == Decimal(offer["new_total_amount"]) - Decimal(order["total_amount"]) + penalty
            assert Decimal(offer["penalty_total_amount"]) == penalty > 0
            assert (offer["available_payment_types"], offer["order_change_id"]) == (["balance"], None)
        assert {offer["slices"]["add"][0]["fare_brand_name"] for offer in found} == {"Basic", "Standard", "Flex"}

    def test_its_new_journeys_are_those_a_search_finds(self, client, order):
        found = client.search("LHR", "CDG", LATER)
        sold = {leaves(offer["slices"][0]) for offer in found if offer["owner"]["iata_code"] == "ZZ"}
        assert {leaves(offer["slices"]["add"][0]) for offer in offers(client, order)} == sold

    def test_they_are_listed_and_sorted(self, client, order):
        asked = request(client, order)
        listed = client.ok("GET", "/air/order_change_offers", order_change_request_id=asked["id"])
        assert (
            listed
            == asked["order_change_offers"]
            == client.ok("GET", f"{REQUESTS}/{asked['id']}")["order_change_offers"]
        )
        by_price = client.ok(
            "GET", "/air/order_change_offers", order_change_request_id=asked["id"], sort="change_total_amount"
        )
        assert [balance(offer) for offer in by_price] == sorted(balance(offer) for offer in listed)
        lengths = client.ok(
            "GET", "/air/order_change_offers", order_change_request_id=asked["id"], sort="total_duration"
        )
        durations = [offer["slices"]["add"][0]["duration"] for offer in lengths]
        assert durations == sorted(durations)

    def test_what_the_order_has_already_is_not_offered(self, client, order):
        same = offers(client, order, day=DAY)
        kinds = {(leaves(each["slices"]["add"][0]), each["slices"]["add"][0]["fare_brand_name"]) for each in same}
        assert same and (leaves(order["slices"][0]), "Standard") not in kinds

    def test_another_cabin_can_be_had(self, client, order):
        (offer, *_) = offers(client, order, cabin_class="business")
        on_board = offer["slices"]["add"][0]["segments"][0]["passengers"][0]
        assert (on_board["cabin_class"], on_board["passenger_id"]) == ("business", order["passengers"][0]["id"])

    def test_nowhere_to_go_is_no_offer(self, client, order):
        add = [{"origin": "PVD", "destination": "RAI", "departure_date": LATER, "cabin_class": "economy"}]
        assert offers(client, order, add=add) == []

    def test_only_what_fits_to_the_rest_of_the_journey_is_offered(self, client, return_trip):
        same_day = offers(client, return_trip, day=LATER)
        back = leaves(return_trip["slices"][1])
        assert all(offer["slices"]["add"][0]["segments"][-1]["arriving_at"] < back for offer in same_day)
        assert offers(client, return_trip, day="2026-04-29") == []

    def test_selecting_changes_nothing_and_twice_is_once(self, client, world, order):
        (offer, *_) = offers(client, order)
        change = select(client, offer)
        assert select(client, offer)["id"] == change["id"]
        assert client.ok("GET", f"/air/order_change_offers/{offer['id']}")["order_change_id"] == change["id"]
        assert (change["confirmed_at"], change["order_id"]) == (None, order["id"])
        assert now(client, order)["slices"] == order["slices"]
        assert (now(client, order)["changes"], len(world.ledger()["charges"])) == ([], 1)


class TestConfirming:
    def test_a_dearer_flight_is_paid_and_ticketed_anew(self, client, world, order):
        change = dearer(client, order)
        assert confirm(client, change)["confirmed_at"]
        after, ledger = now(client, order), world.ledger()
        assert [leaves(piece)[:10] for piece in after["slices"]] == [LATER]
        assert (after["total_amount"], after["offer_id"]) == (change["new_total_amount"], order["offer_id"])
        assert [each["id"] for each in after["changes"]] == [change["id"]]
        assert [each["amount"] for each in ledger["charges"]] == [order["total_amount"], change["change_total_amount"]]
        assert [each["change_id"] for each in ledger["charges"]] == [None, change["id"]]
        old, new = ledger["documents"]
        assert (old["state"], new["state"], new["replaces"]) == ("exchanged", "issued", old["number"])
        assert [document["unique_identifier"] for document in after["documents"]] == [new["number"]]

    def test_a_cheaper_flight_gives_money_back(self, client, world):
        flex = bought(client, "Flex")
        change = cheaper(client, flex)
        assert change["refund_to"] == "original_form_of_payment"
        client.ok("POST", confirm_path(change), {})
        (refund,) = world.ledger()["refunds"]
        assert Decimal(refund["amount"]) == -balance(change)
        assert (refund["change_id"], refund["cancellation_id"]) == (change["id"], None)
        assert len(world.ledger()["charges"]) == 1

    def test_from_london_to_sydney_money_comes_back_as_a_voucher(self, client, world):
        form = order_form(of_airline(client.search("LTN", "SYD"), "ZZ", "Flex"), "instant")
        form["passengers"][0]["identity_documents"] = [passport()]
        flex = client.ok("POST", "/air/orders", form)
        change = cheaper(client, flex)
        client.ok("POST", confirm_path(change), {})
        assert change["refund_to"] == world.ledger()["refunds"][0]["to"] == "voucher"

    def test_seats_move(self, client, world, order):
        change = dearer(client, order)
        (old,) = world.ledger()["changes"][0]["removed"]
        (new,) = world.ledger()["changes"][0]["added"]
        confirm(client, change)
        sold = world._core.facts.sold
        assert (sold[f"{old}/economy"], sold[f"{new}/economy"]) == (0, 1)
        assert world.ledger()["orders"][0]["flights"] == [new]

    def test_one_of_two_journeys_keeps_the_other(self, client, world, return_trip):
        change = dearer(client, return_trip, day="2026-04-26")
        out, back = return_trip["slices"]
        penalty = out["conditions"]["change_before_departure"]["penalty_amount"]
        assert change["penalty_total_amount"] == penalty
        confirm(client, change)
        after = now(client, return_trip)
        assert after["slices"][1]["id"] == back["id"]
        assert after["slices"][1]["segments"] == back["segments"]
        assert leaves(after["slices"][0]).startswith("2026-04-26")
        assert Decimal(after["base_amount"]) + Decimal(after["tax_amount"]) == Decimal(after["total_amount"])
        documents = world.ledger()["documents"]
        assert [each["state"] for each in documents] == ["exchanged"] * 2 + ["issued"] * 2
        assert {each["passenger_id"]: each["replaces"] for each in documents[2:]} == {
            each["passenger_id"]: each["number"] for each in documents[:2]
        }

    def test_the_parts_of_an_order_add_up_to_its_conditions(self, return_trip):
        for rule in ("refund_before_departure", "change_before_departure"):
            parts = [Decimal(piece["conditions"][rule]["penalty_amount"]) for piece in return_trip["slices"]]
            assert abs(sum(parts) - Decimal(return_trip["conditions"][rule]["penalty_amount"])) <= Decimal("0.01")

    def test_an_order_that_the_airline_has_changed_costs_no_penalty(self, client, world):
        basic = bought(client, "Basic")
        assert client.error("POST", REQUESTS, wish(basic)) == (422, "order_not_changeable")
        changed = world._core.facts.orders[basic["id"]]
        airline_changes.change(world._core, changed, changed.slices[0], "moved")
        assert {offer["penalty_total_amount"] for offer in offers(client, basic)} == {"0.00"}
        assert now(client, basic)["available_actions"] == ["cancel", "change", "update"]

    def test_a_change_is_refunded_by_what_the_order_is_then(self, client, world):
        flex = bought(client, "Flex")
        change = next(each for each in offers(client, flex) if each["slices"]["add"][0]["fare_brand_name"] == "Basic")
        client.ok("POST", confirm_path(select(client, change)), {})
        assert client.cancel(flex)["refund_amount"] == "0.00"
        assert [each["state"] for each in world.ledger()["documents"]] == ["exchanged", "void"]

    def test_it_is_told_by_webhook(self, client, world, order):
        client.ok("POST", "/air/webhooks", {"url": "http://127.0.0.1:1/hear", "events": ["air.order.changed"]})
        change = dearer(client, order)
        assert world.pending_webhooks() == []
        confirm(client, change)
        (delivery,) = world._core.facts.deliveries.values()
        assert delivery.event["data"]["object"] == {"id": order["id"], "order_id": order["id"]}

    def test_it_can_be_undone_by_a_snapshot(self, client, world, order):
        before, told = world.snapshot(), world.fingerprint()
        change = dearer(client, order)
        pending = world.fingerprint()
        confirm(client, change)
        assert len({told, pending, world.fingerprint()}) == 3
        world.restore(before)
        assert (world.fingerprint(), now(client, order)["slices"]) == (told, order["slices"])


class TestWhatCanBeChanged:
    @pytest.mark.parametrize(("brand", "allowed"), [("Basic", False), ("Standard", True), ("Flex", True)])
    def test_the_fare_decides(self, client, brand, allowed):
        order = bought(client, brand)
        assert order["slices"][0]["changeable"] is allowed is ("change" in order["available_actions"])
        assert order["conditions"]["change_before_departure"]["allowed"] is allowed
        assert (client.send("POST", REQUESTS, wish(order)).status == 201) is allowed

    def test_an_airline_that_tells_no_rules_changes_nothing(self, client):
        order = bought(client, "Flex", "TK", "LHR", "IST")
        assert order["conditions"]["change_before_departure"] is None
        assert client.error("POST", REQUESTS, wish(order)) == (422, "order_not_changeable")

    def test_unpaid_orders_are_not_changed(self, client):
        held = client.order(of_airline(client.search("LHR", "CDG"), "ZZ", "Flex"))
        assert held["slices"][0]["changeable"] is False
        assert client.error("POST", REQUESTS, wish(held)) == (422, "order_not_changeable")

    def test_cancelled_orders_are_not_changed(self, client, order):
        change = dearer(client, order)
        client.cancel(order)
        assert client.error("POST", REQUESTS, wish(order)) == (422, "already_cancelled")
        assert client.error("POST", confirm_path(change), payment_for(change)) == (422, "already_cancelled")

    def test_a_journey_that_has_begun_stays(self, client, clock, return_trip):
        clock.advance(timedelta(days=56))
        out, back = now(client, return_trip)["slices"]
        assert (out["changeable"], back["changeable"]) == (False, True)
        assert client.error("POST", REQUESTS, wish(return_trip)) == (422, "order_not_changeable")
        assert offers(client, return_trip, remove=(1,), day="2026-04-30")


class TestRefusing:
    def test_confirming_twice(self, client, world, order):
        change = dearer(client, order)
        confirm(client, change)
        again = client.error("POST", confirm_path(change), payment_for(change))
        assert again == (422, "order_change_already_confirmed")
        assert len(world.ledger()["charges"]) == 2

    def test_after_its_time(self, client, clock, order):
        (offer, *_) = offers(client, order)
        change = dearer(client, order)
        clock.advance(timedelta(minutes=30))
        assert client.error("POST", confirm_path(change), payment_for(change)) == (422, "offer_expired")
        selecting = {"selected_order_change_offer": offer["id"]}
        assert client.error("POST", "/air/order_changes", selecting) == (422, "offer_expired")
        assert client.error("GET", f"/air/order_change_offers/{offer['id']}") == (422, "offer_expired")

    def test_after_another_change(self, client, order):
        first, second = (select(client, each) for each in [o for o in offers(client, order) if balance(o) > 0][:2])
        confirm(client, first)
        assert client.error("POST", confirm_path(second), payment_for(second)) == (422, "offer_no_longer_available")

    def test_sold_out_flights(self, client, world, order):
        change = dearer(client, order)
        (flight,) = world.ledger()["changes"][0]["added"]
        world._core.facts.sold[f"{flight}/economy"] = 1000
        assert client.error("POST", confirm_path(change), payment_for(change)) == (422, "offer_no_longer_available")
        assert now(client, order)["slices"] == order["slices"]

    @pytest.mark.parametrize(
        ("payment", "code"),
        [
            ({"amount": "1.00"}, "payment_amount_does_not_match_order_amount"),
            ({"currency": "EUR"}, "payment_currency_does_not_match_order_currency"),
            ({"type": "cash"}, "validation_inclusion"),
            ({"amount": "one"}, "validation_format"),
        ],
    )
    def test_a_wrong_payment(self, client, world, order, payment, code):
        change = dearer(client, order)
        wrong = {"payment": payment_for(change)["payment"] | payment}
        assert client.error("POST", confirm_path(change), wrong) == (422, code)
        assert world.ledger()["changes"][0]["state"] == "pending"

    def test_no_payment_where_one_is_due(self, client, order):
        assert client.error("POST", confirm_path(dearer(client, order)), {}) == (422, "validation_required")

    def test_too_low_a_balance(self, client, order):
        change = dearer(client, order, add=[TOO_DEAR])
        assert client.error("POST", confirm_path(change), payment_for(change)) == (422, "insufficient_balance")

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"slices": None}, "validation_required"),
            ({"slices": {"add": [TOO_DEAR], "remove": []}}, "validation_required"),
            ({"slices": {"add": [TOO_DEAR], "remove": [{"slice_id": "sli_1"}]}}, "validation_inclusion"),
            ({"order_id": "ord_1"}, "not_found"),
        ],
    )
    def test_a_request_that_makes_no_sense(self, client, order, change, code):
        assert client.error("POST", REQUESTS, wish(order) | change)[1] == code

    @pytest.mark.parametrize(
        ("added", "code"),
        [
            ([], "validation_required"),
            ([TOO_DEAR | {"cabin_class": "cargo"}], "validation_inclusion"),
            ([TOO_DEAR, TOO_DEAR | {"cabin_class": "economy"}], "validation_format"),
            ([TOO_DEAR | {"origin": "XXX"}], "validation_format"),  # a code that no airport has
        ],
    )
    def test_new_journeys_that_make_no_sense(self, client, order, added, code):
        asked = wish(order)
        asked["slices"]["add"] = added
        assert client.error("POST", REQUESTS, asked) == (422, code)

    def test_what_nobody_knows(self, client):
        for path in ("order_change_requests/ocr_1", "order_change_offers/oco_1", "order_changes/oce_1"):
            assert client.error("GET", f"/air/{path}") == (404, "not_found")
        assert client.error("GET", "/air/order_change_offers") == (422, "validation_required")
        assert client.error("GET", "/air/order_change_offers", order_change_request_id="ocr_1") == (404, "not_found")

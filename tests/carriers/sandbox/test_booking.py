"""Orders from hold to ticket to refund, and what refuses them."""

import copy
import string
from datetime import timedelta
from decimal import Decimal

import pytest

from carriers.sandbox.duffel.airlines import AIRLINES
from carriers.sandbox.duffel.world import DuffelWorld
from carriers.sandbox.exchange import Request
from tests.carriers.sandbox.talk import (
    HEADERS,
    Client,
    flight_of,
    last_seat,
    of_airline,
    order_form,
    passport,
    payment_form,
    person,
)


@pytest.fixture
def offer(client):
    return of_airline(client.search("LHR", "CDG"), "ZZ", "Standard")


def fields(value, path=()):
    """The path of every field inside a document."""
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in inside:
        yield from fields(inner, (*path, step))


def order_error(client, offer, **change):
    return client.error("POST", "/air/orders", order_form(offer) | change)


class TestHolding:
    @pytest.mark.parametrize("kind", ["hold", "pay_later"])
    def test_a_hold_keeps_seats_and_waits_for_payment(self, client, world, offer, kind):
        order = client.order(offer, kind, metadata={"reference": "FG-1"})
        assert order["payment_status"] == {
            "awaiting_payment": True,
            "payment_required_by": offer["payment_requirements"]["payment_required_by"],
            "price_guarantee_expires_at": offer["payment_requirements"]["price_guarantee_expires_at"],
            "paid_at": None,
        }
        assert (order["total_amount"], order["documents"]) == (offer["total_amount"], [])
        assert order["available_actions"] == ["cancel", "update"]
        assert set(order["booking_reference"]) <= set(string.ascii_uppercase + string.digits)
        (held,) = world.ledger()["holds"]
        assert (held["state"], held["metadata"]) == ("held", {"reference": "FG-1"})
        assert world.ledger()["charges"] == []

    def test_an_unpaid_hold_runs_out_and_frees_its_seats(self, client, world, clock, offer):
        order = client.order(offer)
        clock.advance(timedelta(hours=72))
        after = client.ok("GET", f"/air/orders/{order['id']}")
        assert after["cancelled_at"] == order["payment_status"]["payment_required_by"]
        assert after["payment_status"]["awaiting_payment"] is False
        assert after["payment_status"]["paid_at"] is None
        refused = client.error("POST", "/air/payments", payment_form(order))
        assert refused == (422, "past_payment_required_by_date")
        assert world.ledger()["holds"][0]["state"] == "expired"
        assert set(world._core.facts.sold.values()) == {0}

    def test_an_offer_that_needs_instant_payment_cannot_be_held(self, client):
        offer = of_airline(client.search("BCN", "FCO"), "VY")
        assert order_error(client, offer) == (422, "not_valid_with_selected_offer")

    def test_a_hold_takes_no_payments(self, client, offer):
        payments = order_form(offer, "instant")["payments"]
        assert order_error(client, offer, payments=payments) == (422, "payments_not_allowed_for_order_type")


class TestPaying:
    def test_paying_charges_once_and_tickets_everyone(self, client, world):
        passengers = [{"type": "adult"}, {"type": "adult"}, {"type": "child"}]
        offer = of_airline(client.search("LHR", "CDG", passengers=passengers), "BA", "Flex")
        form = order_form(offer)
        form["passengers"][2]["born_on"] = "2018-05-01"
        order = client.ok("POST", "/air/orders", form)
        payment = client.pay(order)
        assert (payment["amount"], payment["currency"]) == (offer["total_amount"], "GBP")
        paid = client.ok("GET", f"/air/orders/{order['id']}")
        assert paid["payment_status"]["paid_at"] is not None
        numbers = [document["unique_identifier"] for document in paid["documents"]]
        assert len(set(numbers)) == 3
        assert all(len(n) == 13 and n.isdecimal() and n.startswith(AIRLINES["BA"].prefix) for n in numbers)
        assert [p for d in paid["documents"] for p in d["passenger_ids"]] == [p["id"] for p in offer["passengers"]]
        (charge,) = world.ledger()["charges"]
        assert (charge["id"], charge["order_id"]) == (payment["id"], order["id"])
        assert client.error("POST", "/air/payments", payment_form(order)) == (422, "already_paid")
        assert len(world.ledger()["charges"]) == 1

    def test_ticket_numbers_are_unique_over_orders(self, client, world):
        offers = client.search("LHR", "CDG")
        for code in ("ZZ", "BA", "AF", "ZZ"):
            client.pay(client.order(of_airline(offers, code)))
        numbers = [document["number"] for document in world.ledger()["documents"]]
        assert len(set(numbers)) == len(numbers) == 4

    def test_an_instant_order_is_charged_and_ticketed_at_once(self, client, world):
        offer = of_airline(client.search("BCN", "FCO"), "VY")
        order = client.order(offer, "instant")
        assert len(order["documents"]) == 1
        assert world.ledger()["charges"][0]["amount"] == offer["total_amount"]
        assert client.error("POST", "/air/payments", payment_form(order)) == (
            422,
            "order_type_not_eligible_for_payment",
        )

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"amount": "1.00"}, "payment_amount_does_not_match_order_amount"),
            ({"currency": "USD"}, "payment_currency_does_not_match_order_currency"),
            ({"amount": "many"}, "validation_format"),
            ({"type": "beans"}, "validation_inclusion"),
        ],
    )
    def test_a_wrong_payment_is_refused_and_charges_nothing(self, client, world, offer, change, code):
        form = payment_form(client.order(offer))
        form["payment"] |= change
        assert client.error("POST", "/air/payments", form) == (422, code)
        assert world.ledger()["charges"] == []

    def test_a_floating_price_may_change_and_the_old_amount_is_refused(self, client, world, clock):
        order = client.order(of_airline(client.search("LHR", "CDG"), "AF", "Flex"))
        assert order["payment_status"]["price_guarantee_expires_at"] is None
        assert client.ok("GET", f"/air/orders/{order['id']}")["total_amount"] == order["total_amount"]
        for _ in range(7):
            clock.advance(timedelta(hours=6))
            now = client.ok("GET", f"/air/orders/{order['id']}")
            if now["total_amount"] != order["total_amount"]:
                break
        assert now["total_amount"] != order["total_amount"]
        assert Decimal(now["base_amount"]) + Decimal(now["tax_amount"]) == Decimal(now["total_amount"])
        assert client.error("POST", "/air/payments", payment_form(order)) == (422, "price_changed")
        client.pay(now)
        assert world.ledger()["charges"][0]["amount"] == now["total_amount"]
        clock.advance(timedelta(days=3))
        assert client.ok("GET", f"/air/orders/{order['id']}")["total_amount"] == now["total_amount"]

    def test_a_guarantee_that_ran_out_reads_null(self, client, clock):
        order = client.order(of_airline(client.search("LHR", "CDG"), "BA"))
        clock.advance(timedelta(hours=25))
        status = client.ok("GET", f"/air/orders/{order['id']}")["payment_status"]
        assert status["awaiting_payment"] is True
        assert status["price_guarantee_expires_at"] is None

    def test_a_payment_can_be_read_and_listed(self, client, offer):
        order = client.order(offer)
        payment = client.pay(order)
        assert client.ok("GET", f"/air/payments/{payment['id']}") == payment
        assert client.ok("GET", "/air/payments", order_id=order["id"]) == [payment]
        assert client.ok("GET", "/air/payments", order_id="ord_other") == []


class TestCancelling:
    def test_an_unpaid_hold_is_released_for_nothing(self, client, world, offer):
        order = client.order(offer)
        done = client.cancel(order)
        assert (done["refund_to"], done["refund_amount"]) == ("awaiting_payment", "0.00")
        after = client.ok("GET", f"/air/orders/{order['id']}")
        assert after["cancelled_at"] and after["cancellation"]["id"] == done["id"]
        assert after["available_actions"] == []
        ledger = world.ledger()
        assert (ledger["holds"][0]["state"], ledger["refunds"]) == ("cancelled", [])
        assert client.error("POST", "/air/payments", payment_form(order)) == (422, "already_cancelled")

    @pytest.mark.parametrize(
        ("airline", "brand"), [("BA", "Flex"), ("BA", "Standard"), ("BA", "Basic"), ("TK", "Standard")]
    )
    def test_a_paid_order_gives_back_what_its_conditions_say(self, client, world, clock, airline, brand):
        route = ("LHR", "IST") if airline == "TK" else ("LHR", "CDG")
        order = client.order(of_airline(client.search(*route), airline, brand))
        client.pay(order)
        done = client.cancel(order)
        rule = order["conditions"]["refund_before_departure"]
        refunds = world.ledger()["refunds"]
        if rule is None:
            assert (done["refund_amount"], refunds) == (None, [])
            clock.advance(timedelta(hours=6))
            told = client.ok("GET", f"/air/order_cancellations/{done['id']}")
            assert told["refund_amount"] == order["tax_amount"] == world.ledger()["refunds"][0]["amount"]
        elif rule["allowed"]:
            back = Decimal(order["total_amount"]) - Decimal(rule["penalty_amount"])
            assert Decimal(done["refund_amount"]) == back == Decimal(refunds[0]["amount"])
        else:
            assert (done["refund_amount"], refunds) == ("0.00", [])
        assert {document["state"] for document in world.ledger()["documents"]} <= {"refunded", "void"}

    def test_within_the_void_window_everything_comes_back(self, client, clock):
        offer = of_airline(client.search("JFK", "SEA"), "DL", "Basic")
        paid = []
        for name in ("Earhart", "Coleman"):
            paid.append(client.order(offer, names=(name,)))
            client.pay(paid[-1])
        assert client.cancel(paid[0])["refund_amount"] == offer["total_amount"]
        clock.advance(timedelta(hours=24))
        assert client.cancel(paid[1])["refund_amount"] == "0.00"

    def test_only_the_latest_quote_that_has_not_expired_is_confirmed(self, client, clock, offer):
        order = client.order(offer)
        old, new = (client.ok("POST", "/air/order_cancellations", {"order_id": order["id"]}) for _ in range(2))
        stale = (422, "order_cancellation_stale")
        assert client.error("POST", f"/air/order_cancellations/{old['id']}/actions/confirm") == stale
        clock.advance(timedelta(minutes=30))
        assert client.error("POST", f"/air/order_cancellations/{new['id']}/actions/confirm") == stale
        client.cancel(order)
        again = client.error("POST", f"/air/order_cancellations/{new['id']}/actions/confirm")
        assert again == client.error("POST", "/air/order_cancellations", {"order_id": order["id"]})
        assert again == (422, "already_cancelled")

    def test_a_quote_made_before_the_payment_is_stale_after_it(self, client, world, offer):
        order = client.order(offer)
        quote = client.ok("POST", "/air/order_cancellations", {"order_id": order["id"]})
        client.pay(order)
        stale = client.error("POST", f"/air/order_cancellations/{quote['id']}/actions/confirm")
        assert stale == (422, "order_cancellation_stale")
        assert world.ledger()["orders"][0]["state"] == "paid"

    def test_a_departed_flight_is_not_cancelled(self, client, clock, offer):
        order = client.order(offer)
        client.pay(order)
        clock.advance(timedelta(days=60))
        assert client.ok("GET", f"/air/orders/{order['id']}")["available_actions"] == ["update"]
        refused = client.error("POST", "/air/order_cancellations", {"order_id": order["id"]})
        assert refused == (422, "unsupported_action")

    def test_airline_credits_come_on_the_magic_route(self, client, world):
        offer = of_airline(client.search("LTN", "SYD"), "ZZ", "Flex")
        form = order_form(offer)
        document = passport()
        form["passengers"][0]["identity_documents"] = [document]
        order = client.ok("POST", "/air/orders", form)
        client.pay(order)
        done = client.cancel(order)
        assert done["refund_to"] == "airline_credits"
        assert done["airline_credits"][0]["credit_amount"] == done["refund_amount"]
        assert done["airline_credits"][0]["credit_code"]
        assert world.ledger()["refunds"][0]["to"] == "airline_credits"


class TestRefusing:
    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"given_name": ""}, "validation_required"),
            ({"given_name": "Æthelred"}, "invalid_passenger_name"),
            ({"family_name": "A" * 21}, "invalid_passenger_name"),
            ({"title": "king"}, "validation_inclusion"),
            ({"gender": None}, "validation_required"),
            ({"email": "nobody"}, "invalid_email_address"),
            ({"phone_number": "020 8016"}, "invalid_phone_number"),
            ({"born_on": "yesterday"}, "validation_format"),
            ({"born_on": "2020-01-01"}, "validation_inclusion"),
            ({"id": "pas_other"}, "validation_inclusion"),
        ],
    )
    def test_a_wrong_passenger(self, client, world, offer, change, code):
        people = [person(offer["passengers"][0]["id"]) | change]
        assert order_error(client, offer, passengers=people) == (422, code)
        assert world.ledger()["orders"] == []

    def test_the_same_name_twice(self, client):
        offer = client.search("LHR", "CDG", passengers=[{"type": "adult"}] * 2)[0]
        people = [person(entry["id"]) for entry in offer["passengers"]]
        assert order_error(client, offer, passengers=people) == (422, "duplicate_passenger_name")

    def test_an_infant_nobody_carries(self, client):
        offer = client.search("LHR", "CDG", passengers=[{"type": "adult"}, {"age": 1}])[0]
        form = order_form(offer)
        form["passengers"][1]["born_on"] = "2025-06-01"
        assert client.error("POST", "/air/orders", form) == (422, "validation_inclusion")
        form["passengers"][0]["infant_passenger_id"] = offer["passengers"][1]["id"]
        client.ok("POST", "/air/orders", form)

    def test_a_missing_passport(self, client):
        offer = of_airline(client.search("LHR", "JFK"), "ZZ")
        assert order_error(client, offer) == (422, "validation_required")

    def test_offers_that_are_not_there(self, client, clock, offer):
        assert order_error(client, offer, selected_offers=[]) == (422, "validation_required")
        assert order_error(client, offer, selected_offers=[offer["id"]] * 2) == (422, "validation_length")
        assert order_error(client, offer, selected_offers=["off_nothing"]) == (404, "not_found")
        clock.advance(timedelta(minutes=30))
        assert order_error(client, offer) == (422, "offer_expired")

    @pytest.mark.parametrize("metadata", [{"a b": "x"}, {"a": "x" * 501}, {"a": 1}, {str(n): "x" for n in range(51)}])
    def test_metadata_that_is_too_much(self, client, offer, metadata):
        assert order_error(client, offer, metadata=metadata) == (422, "validation_format")

    @pytest.mark.parametrize(
        ("headers", "status", "code"),
        [
            ({}, 401, "missing_authorization_header"),
            ({"authorization": "Basic eA=="}, 401, "invalid_authorization_header"),
            ({"authorization": "Bearer duffel_live_x"}, 401, "access_token_not_found"),
            ({"authorization": "Bearer t"}, 400, "missing_version_header"),
            ({"authorization": "Bearer t", "duffel-version": "v1"}, 400, "unsupported_version"),
            ({"authorization": "Bearer t", "duffel-version": "x"}, 400, "invalid_version_header"),
        ],
    )
    def test_access_and_version_are_required(self, world, headers, status, code):
        reply = world.handle(Request("GET", "/air/airlines", {}, headers))
        document = reply.json()
        assert (reply.status, document["errors"][0]["code"]) == (status, code)
        assert document["meta"] == {"status": status, "request_id": reply.headers["x-request-id"]}
        assert set(document["errors"][0]) == {"type", "code", "title", "message", "documentation_url"}

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"{", "malformed_data_param"),
            (b"{}", "missing_data_param"),
            (b'{"data": 1}', "invalid_data_param"),
        ],
    )
    def test_bodies_that_cannot_be_read(self, world, body, code):
        reply = world.handle(Request("POST", "/air/orders", {}, HEADERS, body))
        assert (reply.status, reply.json()["errors"][0]["code"]) == (400, code)

    @pytest.mark.parametrize(
        "junk", [None, -1, 3.5, True, "", "é" * 600, [], [1], [[]], {}, {"a": 1}, ["x", "x"], 10**30]
    )
    def test_junk_in_any_field_is_answered_and_never_breaks_the_world(self, client, world, offer, junk):
        form = order_form(offer, "instant", {"a": "b"})
        form["passengers"][0] |= {"identity_documents": [passport()], "loyalty_programme_accounts": [{}]}
        saved = world.snapshot()
        for path in list(fields(form)):
            spoiled = copy.deepcopy(form)
            inner = spoiled
            for step in path[:-1]:
                inner = inner[step]
            inner[path[-1]] = junk
            reply = client.send("POST", "/air/orders", spoiled)
            assert reply.status in {201, 404, 422}
            assert len(world.ledger()["orders"]) == (reply.status == 201)
            world.restore(saved)

    @pytest.mark.parametrize(
        "path", ["/air/nothing", "/air/orders/ord_1", "/air/payments/pay_1", "/air/order_cancellations/ore_1"]
    )
    def test_what_is_not_there(self, client, path):
        assert client.error("GET", path) == (404, "not_found")


class TestListing:
    def test_orders_newest_first_in_pages_without_metadata_filter(self, client, offer):
        made = [client.order(offer, metadata={"n": str(n)})["id"] for n in range(5)]
        first = client.send("GET", "/air/orders", limit=2).json()
        assert [order["id"] for order in first["data"]] == made[:-3:-1]
        client.order(offer)
        second = client.send("GET", "/air/orders", limit=2, after=first["meta"]["after"]).json()
        assert [order["id"] for order in second["data"]] == made[2:0:-1]
        assert len(client.ok("GET", "/air/orders", **{"metadata[n]": "1"})) == 6

    def test_the_documented_filters(self, client, offer):
        held, paid = client.order(offer, names=("Earhart",)), client.order(offer, names=("Coleman",))
        client.pay(paid)

        def ids(**query):
            return [order["id"] for order in client.ok("GET", "/air/orders", **query)]

        assert ids(awaiting_payment="true") == [held["id"]]
        assert ids(awaiting_payment="false") == [paid["id"]]
        assert ids(booking_reference=paid["booking_reference"]) == [paid["id"]]
        assert ids(**{"passenger_name[]": "colem"}) == [paid["id"]]
        assert ids(offer_id="off_other") == []
        assert ids(sort="created_at") == [paid["id"], held["id"]]
        assert client.error("GET", "/air/orders", sort="colour") == (422, "validation_inclusion")

    def test_metadata_can_be_changed(self, client, offer):
        order = client.order(offer, metadata={"a": "1"})
        path = f"/air/orders/{order['id']}"
        assert client.ok("PATCH", path, {"metadata": {"b": "2"}})["metadata"] == {"b": "2"}
        assert client.ok("PATCH", path, {"options": {"metadata": {"c": "3"}}})["metadata"] == {"c": "3"}


class TestSeats:
    def test_the_last_seat_is_sold_once(self, client, world):
        offer = last_seat(client)
        client.order(offer)
        assert order_error(client, offer) == (422, "offer_no_longer_available")
        assert len(world.ledger()["orders"]) == 1

    def test_a_sold_out_flight_is_not_offered_until_a_seat_is_freed(self, client):
        offer = last_seat(client)
        day = offer["slices"][0]["segments"][0]["departing_at"][:10]

        def offered():
            found = client.search("LHR", "EDI", day, max_connections=0)
            return flight_of(offer) in {flight_of(other) for other in found}

        order = client.order(offer)
        assert not offered()
        client.cancel(order)
        assert offered()


class TestState:
    def test_a_snapshot_holds_everything_that_changes(self, client, world, clock, offer):
        order = client.order(offer, metadata={"n": "1"})
        world.faults.add(world.endpoints, {"endpoint": "*", "kind": "slow", "times": 3})
        world.advance(timedelta(minutes=3))
        saved, ledger, print_ = world.snapshot(), world.ledger(), world.fingerprint()
        client.pay(order)
        client.order(offer)
        world.advance(timedelta(days=9))
        assert world.fingerprint() != print_
        other = DuffelWorld(clock)
        for restored in (world, other):
            restored.restore(saved)
            assert restored.ledger() == ledger
            assert restored.fingerprint() == print_
        mine, theirs = (Client(restored).pay(order) for restored in (world, other))
        assert mine == theirs

    def test_worlds_of_one_seed_give_the_same_ids(self, clock):
        def story():
            client = Client(DuffelWorld(clock))
            order = client.order(client.search("LHR", "CDG")[0])
            return order["id"], order["booking_reference"], client.pay(order)["id"]

        assert story() == story()

    def test_a_fingerprint_ignores_ids_and_times_but_no_effect(self, clock):
        def world_after(searches, orders):
            client = Client(DuffelWorld(clock))
            for _ in range(searches):
                offer = of_airline(client.search("LHR", "CDG"), "ZZ", "Basic")
            for _ in range(orders):
                client.order(offer)
            return client.world.fingerprint()

        assert world_after(1, 1) == world_after(3, 1)
        assert world_after(1, 1) != world_after(1, 2)

    def test_time_never_runs_back(self, world):
        with pytest.raises(ValueError, match="never"):
            world.advance(timedelta(seconds=-1))

"""Exchanges from request to reissued ticket, and what refuses them."""

from decimal import Decimal

import pytest

from tests.carriers.sandbox.talk import Client, of_airline

LATER = "2026-04-28"


@pytest.fixture
def order(client):
    return client.order(of_airline(client.search("LHR", "CDG"), "ZZ", "Standard"), "instant")


def wish(order, day=LATER, remove=(0,), add=None, **more):
    pieces = [order["slices"][index] for index in remove]
    added = add or [
        {
            "origin": piece["origin"]["iata_code"],
            "destination": piece["destination"]["iata_code"],
            "departure_date": day,
            "cabin_class": "economy",
        }
        | more
        for piece in pieces
    ]
    removed = [{"slice_id": piece["id"]} for piece in pieces]
    return {"order_id": order["id"], "slices": {"add": added, "remove": removed}}


def ask(client: Client, order, **more):
    return client.ok("POST", "/air/order_change_requests", wish(order, **more))["order_change_offers"]


def select(client, offer):
    return client.ok("POST", "/air/order_changes", {"selected_order_change_offer": offer["id"]})


def payment_for(change):
    amount, currency = change["change_total_amount"], change["change_total_currency"]
    return {"payment": {"type": "balance", "amount": amount, "currency": currency}}


def confirm_path(change):
    return f"/air/order_changes/{change['id']}/actions/confirm"


def confirm(client, change):
    return client.ok("POST", confirm_path(change), payment_for(change))


def dearer(offers):
    return next(offer for offer in offers if Decimal(offer["change_total_amount"]) > 0)


def cheaper(offers):
    return next(offer for offer in offers if Decimal(offer["change_total_amount"]) < 0)


class TestOffers:
    def test_an_offer_says_what_changes_and_what_it_costs(self, client, order):
        offers = ask(client, order)
        penalty = Decimal(order["conditions"]["change_before_departure"]["penalty_amount"])
        for offer in offers:
            assert [piece["id"] for piece in offer["slices"]["remove"]] == [order["slices"][0]["id"]]
            assert offer["slices"]["add"][0]["segments"][0]["departing_at"].startswith(LATER)
            difference = Decimal(offer["new_total_amount"]) - Decimal(order["total_amount"])
            assert Decimal(offer["change_total_amount"]) == difference + penalty
            assert Decimal(offer["penalty_total_amount"]) == penalty > 0
        assert {offer["slices"]["add"][0]["fare_brand_name"] for offer in offers} == {"Basic", "Standard", "Flex"}

    def test_selecting_changes_nothing_and_twice_is_once(self, client, world, order):
        offer = dearer(ask(client, order))
        change = select(client, offer)
        assert select(client, offer)["id"] == change["id"]
        assert client.ok("GET", f"/air/order_change_offers/{offer['id']}")["order_change_id"] == change["id"]
        assert (change["confirmed_at"], change["order_id"]) == (None, order["id"])
        assert client.ok("GET", f"/air/orders/{order['id']}")["slices"] == order["slices"]
        assert len(world.ledger()["charges"]) == 1


class TestConfirming:
    def test_a_dearer_flight_is_paid_and_ticketed_anew(self, client, world, order):
        change = select(client, dearer(ask(client, order)))
        assert confirm(client, change)["confirmed_at"]
        after = client.ok("GET", f"/air/orders/{order['id']}")
        assert after["slices"][0]["segments"][0]["departing_at"].startswith(LATER)
        assert after["total_amount"] == change["new_total_amount"]
        assert [each["id"] for each in after["changes"]] == [change["id"]]
        ledger = world.ledger()
        assert [charge["amount"] for charge in ledger["charges"]] == [
            order["total_amount"],
            change["change_total_amount"],
        ]
        old, new = ledger["documents"]
        assert (old["state"], new["state"], new["replaces"]) == ("exchanged", "issued", old["number"])
        assert [document["unique_identifier"] for document in after["documents"]] == [new["number"]]

    def test_a_cheaper_flight_gives_money_back(self, client, world):
        flex = client.order(of_airline(client.search("LHR", "CDG"), "ZZ", "Flex"), "instant")
        change = select(client, cheaper(ask(client, flex)))
        assert change["refund_to"] == "original_form_of_payment"
        client.ok("POST", confirm_path(change), {})
        (refund,) = world.ledger()["refunds"]
        assert Decimal(refund["amount"]) == -Decimal(change["change_total_amount"])
        assert (refund["change_id"], refund["cancellation_id"]) == (change["id"], None)
        assert len(world.ledger()["charges"]) == 1

"""What goes wrong when an exchange is confirmed, and what is true afterwards."""

from datetime import timedelta
from decimal import Decimal

import pytest

from carriers.sandbox.exchange import Delivery
from tests.carriers.sandbox.change_talk import balance, cheaper, confirm, confirm_path, dearer, payment_for
from tests.carriers.sandbox.talk import of_airline

CONFIRM = "order_changes.confirm"


@pytest.fixture
def fault(world):
    def set_fault(kind, endpoint=CONFIRM, **more):
        return world.faults.add(world.endpoints, {"endpoint": endpoint, "kind": kind, **more})

    return set_fault


def bought(client, brand="Standard", name="Earhart"):
    return client.order(of_airline(client.search("LHR", "CDG"), "ZZ", brand), "instant", names=(name,))


def attempt(client, change):
    return client.send("POST", confirm_path(change), payment_for(change))


def state(world):
    ledger = world.ledger()
    tickets = [document["state"] for document in ledger["documents"]]
    return ledger["changes"][0]["state"], len(ledger["charges"]), tickets


PENDING = ("pending", 1, ["issued"])
CONFIRMED = ("confirmed", 2, ["exchanged", "issued"])


class TestFaults:
    @pytest.mark.parametrize(
        ("kind", "more", "status", "after"),
        [
            ("time_out_before", {}, 0, PENDING),
            ("lost_reply", {}, 0, CONFIRMED),
            ("late_effect", {"seconds": 20}, 0, PENDING),
            ("error_500", {}, 500, PENDING),
            ("error_500", {"effect": True}, 500, CONFIRMED),
            ("unclear_502", {}, 502, PENDING),
            ("unclear_502", {"effect": True}, 502, CONFIRMED),
            ("accepted_202_created", {}, 202, PENDING),
            ("error_503", {}, 503, PENDING),
            ("rate_limited", {}, 429, PENDING),
            ("sold_out", {}, 422, PENDING),
            ("price_changed", {}, 422, PENDING),
            ("slow", {}, 200, CONFIRMED),
        ],
    )
    def test_a_fault_and_what_is_true_after_it(self, client, world, fault, kind, more, status, after):
        change = dearer(client, bought(client))
        fault(kind, **more)
        assert attempt(client, change).status == status
        assert state(world) == after

    @pytest.mark.parametrize("kind", ["late_effect", "accepted_202_created"])
    def test_what_comes_later_comes_once(self, client, world, fault, kind):
        change = dearer(client, bought(client))
        fault(kind, seconds=20)
        attempt(client, change)
        world.advance(timedelta(seconds=20))
        assert state(world) == CONFIRMED
        assert client.error("POST", confirm_path(change), payment_for(change))[1] == "order_change_already_confirmed"
        world.advance(timedelta(hours=1))
        assert state(world) == CONFIRMED

    def test_a_late_change_of_a_cancelled_order_does_not_happen(self, client, world, fault):
        order = bought(client)
        change = dearer(client, order)
        fault("late_effect", seconds=20)
        assert attempt(client, change).delivery is Delivery.NO_REPLY
        client.cancel(order)
        world.advance(timedelta(minutes=1))
        assert state(world) == ("pending", 1, ["refunded"])

    def test_a_moved_price_is_read_and_then_confirmed(self, client, world, fault):
        change = dearer(client, bought(client))
        fault("price_changed", percent=20)
        assert client.error("POST", confirm_path(change), payment_for(change)) == (422, "price_changed")
        fresh = client.ok("GET", f"/air/order_changes/{change['id']}")
        assert balance(fresh) > balance(change)
        assert confirm(client, fresh)["new_total_amount"] == fresh["new_total_amount"]
        assert world.ledger()["charges"][1]["amount"] == fresh["change_total_amount"]

    def test_less_comes_back_only_after_that_was_told(self, client, world, fault):
        change = cheaper(client, bought(client, "Flex"))
        fault("price_changed", percent=1)
        assert client.error("POST", confirm_path(change), {}) == (422, "price_changed")
        assert client.error("POST", confirm_path(change), {}) == (422, "price_changed")
        fresh = client.ok("GET", f"/air/order_changes/{change['id']}")
        client.ok("POST", confirm_path(change), {})
        assert Decimal(world.ledger()["refunds"][0]["amount"]) == -balance(fresh) < -balance(change)

    def test_new_tickets_come_hours_later(self, client, world, fault):
        order = bought(client)
        change = dearer(client, order)
        fault("documents_later", hours=3)
        confirm(client, change)
        assert client.ok("GET", f"/air/orders/{order['id']}")["documents"] == []
        world.advance(timedelta(hours=3))
        assert state(world) == CONFIRMED
        old, new = world.ledger()["documents"]
        assert new["replaces"] == old["number"]


class TestMagic:
    @pytest.mark.parametrize(
        ("name", "status", "after"),
        [
            ("Changetimeout", 0, "pending"),
            ("Changelost", 0, "confirmed"),
            ("Changelate", 0, "pending"),
            ("Changeerror", 500, "pending"),
            ("Changeunclear", 502, "confirmed"),
            ("Changeaccepted", 202, "pending"),
            ("Changeunavailable", 503, "pending"),
            ("Changesoldout", 422, "pending"),
            ("Changeprice", 422, "pending"),
        ],
    )
    def test_a_family_name_brings_a_fault_once(self, client, world, name, status, after):
        change = dearer(client, bought(client, name=name))
        assert attempt(client, change).status == status
        assert world.ledger()["changes"][0]["state"] == after
        again = attempt(client, client.ok("GET", f"/air/order_changes/{change['id']}"))
        refused = after == "confirmed" or name == "Changesoldout"
        assert again.status == (422 if refused else 200)

    def test_new_tickets_come_later_for_whose_tickets_always_do(self, client, world):
        change = dearer(client, bought(client, name="Ticketlater"))
        confirm(client, change)
        assert world.ledger()["documents"] == []
        world.advance(timedelta(hours=2))
        assert len(world.ledger()["documents"]) == 1

"""What goes wrong on demand, and what is true afterwards."""

from datetime import timedelta

import pytest

from carriers.sandbox.exchange import Delivery
from carriers.sandbox.faults import FaultError
from tests.carriers.sandbox.talk import of_airline, order_form, payment_form


@pytest.fixture
def offer(client):
    return of_airline(client.search("LHR", "CDG"), "ZZ", "Standard")


@pytest.fixture
def fault(world):
    def set_fault(endpoint, kind, **more):
        return world.faults.add(world.endpoints, {"endpoint": endpoint, "kind": kind, **more})

    return set_fault


def listen(client, *events):
    client.ok("POST", "/air/webhooks", {"url": "http://127.0.0.1:1/hear", "events": list(events)})


def heard(world):
    found = []
    for message in world.pending_webhooks():
        event = next(d.event for d in world._core.facts.deliveries.values() if d.id == message.delivery_id)
        world.webhook_delivered(message.delivery_id, 200)
        found.append((event["type"], event["data"]["object"]))
    return found


class TestSilence:
    def test_a_time_out_before_the_effect_does_nothing(self, client, world, fault, offer):
        fault("orders.create", "time_out_before")
        assert client.send("POST", "/air/orders", order_form(offer)).delivery is Delivery.NO_REPLY
        assert world.ledger()["orders"] == []
        client.order(offer)

    def test_a_lost_reply_hides_an_order(self, client, world, fault, offer):
        fault("orders.create", "lost_reply")
        assert client.send("POST", "/air/orders", order_form(offer)).delivery is Delivery.NO_REPLY
        assert [order["id"] for order in client.ok("GET", "/air/orders")] == [world.ledger()["orders"][0]["order_id"]]

    def test_asking_again_blindly_doubles_the_order(self, client, world, fault, offer):
        fault("orders.create", "lost_reply")
        client.send("POST", "/air/orders", order_form(offer))
        client.order(offer)
        assert len(world.ledger()["orders"]) == 2

    def test_a_lost_payment_was_charged(self, client, world, fault, offer):
        order = client.order(offer)
        fault("payments.create", "lost_reply")
        assert client.send("POST", "/air/payments", payment_form(order)).delivery is Delivery.NO_REPLY
        assert len(world.ledger()["charges"]) == len(world.ledger()["documents"]) == 1
        assert client.error("POST", "/air/payments", payment_form(order)) == (422, "already_paid")

    def test_a_late_effect_comes_later_and_not_twice(self, client, world, clock, fault, offer):
        fault("orders.create", "late_effect", seconds=20)
        assert client.send("POST", "/air/orders", order_form(offer)).delivery is Delivery.NO_REPLY
        clock.advance(timedelta(seconds=19))
        assert client.ok("GET", "/air/orders") == []
        clock.advance(timedelta(seconds=5))
        (order,) = client.ok("GET", "/air/orders")
        assert order["created_at"] == "2026-03-01T09:00:20.000Z"
        clock.advance(timedelta(hours=1))
        assert len(world.ledger()["orders"]) == 1

    def test_a_late_payment_of_a_cancelled_hold_does_not_happen(self, client, world, fault, offer):
        order = client.order(offer)
        fault("payments.create", "late_effect", seconds=20)
        client.send("POST", "/air/payments", payment_form(order))
        client.cancel(order)
        world.advance(timedelta(minutes=1))
        assert world.ledger()["charges"] == []

    def test_a_lost_refusal_is_silent_too(self, client, world, fault, offer):
        fault("payments.create", "lost_reply")
        form = payment_form(client.order(offer))
        form["payment"]["amount"] = "1.00"
        assert client.send("POST", "/air/payments", form).delivery is Delivery.NO_REPLY
        assert world.ledger()["charges"] == []

    @pytest.mark.parametrize("after", [False, True])
    def test_a_confirmation_may_be_lost_on_either_side(self, client, world, fault, offer, after):
        order = client.order(offer)
        quote = client.ok("POST", "/air/order_cancellations", {"order_id": order["id"]})
        fault("cancellations.confirm", "lost_reply" if after else "time_out_before")
        client.send("POST", f"/air/order_cancellations/{quote['id']}/actions/confirm")
        confirmed = client.ok("GET", f"/air/order_cancellations/{quote['id']}")["confirmed_at"]
        assert (confirmed is not None) is after


class TestErrors:
    @pytest.mark.parametrize(
        ("kind", "effect", "status", "code", "orders"),
        [
            ("error_500", False, 500, "internal_server_error", 0),
            ("error_500", True, 500, "internal_server_error", 1),
            ("unclear_502", False, 502, "airline_internal", 0),
            ("unclear_502", True, 502, "airline_internal", 1),
            ("order_not_created", False, 502, "order_not_created", 0),
            ("error_503", False, 503, "service_unavailable", 0),
            ("rate_limited", False, 429, "rate_limit_exceeded", 0),
            ("sold_out", False, 422, "offer_no_longer_available", 0),
            ("price_changed", False, 422, "price_changed", 0),
        ],
    )
    def test_an_error_and_what_is_true_after_it(self, client, world, fault, offer, kind, effect, status, code, orders):
        fault("orders.create", kind, effect=effect)
        assert client.error("POST", "/air/orders", order_form(offer)) == (status, code)
        assert len(world.ledger()["orders"]) == orders

    def test_a_rate_limit_says_how_long_to_wait(self, client, fault):
        fault("*", "rate_limited", seconds=7)
        headers = client.send("GET", "/air/airlines").headers
        assert headers["retry-after"] == "7"
        assert headers["ratelimit-reset"] == "Sun, 01 Mar 2026 09:00:07 GMT"

    def test_what_sold_out_stays_sold_out(self, client, fault, offer):
        fault("offers.get", "sold_out")
        path = f"/air/offers/{offer['id']}"
        assert client.error("GET", path) == client.error("GET", path) == (422, "offer_no_longer_available")
        assert offer["id"][-4:] not in {found["id"][-4:] for found in client.search("LHR", "CDG")}

    def test_a_changed_price_is_read_and_then_booked(self, client, world, fault, offer):
        fault("orders.create", "price_changed", percent=20)
        form = order_form(offer, "instant")
        assert client.error("POST", "/air/orders", form) == (422, "price_changed")
        fresh = client.ok("GET", f"/air/offers/{offer['id']}")
        assert float(fresh["base_amount"]) == pytest.approx(float(offer["base_amount"]) * 1.2, abs=0.01)
        assert client.error("POST", "/air/orders", form) == (422, "price_changed")
        client.order(fresh, "instant")
        assert world.ledger()["charges"][0]["amount"] == fresh["total_amount"]

    def test_a_price_may_change_when_it_is_paid(self, client, world, fault, offer):
        order = client.order(offer)
        fault("payments.create", "price_changed", percent=5)
        assert client.error("POST", "/air/payments", payment_form(order)) == (422, "price_changed")
        client.pay(client.ok("GET", f"/air/orders/{order['id']}"))
        assert len(world.ledger()["charges"]) == 1


class TestLater:
    @pytest.mark.parametrize("kind", ["hold", "instant"])
    def test_202_then_created(self, client, world, fault, offer, kind):
        listen(client, "order.created", "order.creation_failed")
        fault("orders.create", "accepted_202_created", seconds=40)
        reply = client.send("POST", "/air/orders", order_form(offer, kind))
        assert reply.status == 202 and "id" not in reply.json()["data"]
        assert (heard(world), world.ledger()["orders"]) == ([], [])
        world.advance(timedelta(seconds=40))
        (order,) = world.ledger()["orders"]
        assert heard(world) == [
            (
                "order.created",
                {"id": order["order_id"], "order_id": order["order_id"], "offer_id": offer["id"]},
            )
        ]

    def test_202_then_failed(self, client, world, fault, offer):
        listen(client, "order.created", "order.creation_failed")
        fault("orders.create", "accepted_202_failed")
        assert client.send("POST", "/air/orders", order_form(offer, metadata={"n": "1"})).status == 202
        world.advance(timedelta(minutes=1))
        assert heard(world) == [("order.creation_failed", {"offer_id": offer["id"], "metadata": {"n": "1"}})]
        assert world.ledger()["orders"] == []

    def test_202_payment(self, client, world, fault, offer):
        order = client.order(offer)
        fault("payments.create", "accepted_202_created")
        assert client.send("POST", "/air/payments", payment_form(order)).status == 202
        assert world.ledger()["charges"] == []
        world.advance(timedelta(minutes=1))
        assert world.ledger()["charges"][0]["order_id"] == order["id"]

    @pytest.mark.parametrize("kind", ["hold", "instant"])
    def test_documents_come_hours_later(self, client, world, clock, fault, offer, kind):
        fault("payments.create" if kind == "hold" else "orders.create", "documents_later", hours=3)
        order = client.order(offer, kind)
        if kind == "hold":
            client.pay(order)
        path = f"/air/orders/{order['id']}"
        assert client.ok("GET", path)["documents"] == []
        assert client.ok("GET", path)["payment_status"]["paid_at"]
        clock.advance(timedelta(hours=3))
        assert len(client.ok("GET", path)["documents"]) == len(world.ledger()["documents"]) == 1

    def test_a_cancelled_order_gets_no_late_documents(self, client, world, fault, offer):
        fault("payments.create", "documents_later", hours=3)
        order = client.order(offer)
        client.pay(order)
        client.cancel(order)
        world.advance(timedelta(hours=4))
        assert world.ledger()["documents"] == []

    def test_slow(self, client, fault, offer):
        fault("offers.get", "slow", seconds=2.5)
        path = f"/air/offers/{offer['id']}"
        assert [client.send("GET", path).delay_seconds for _ in range(2)] == [2.5, 0]


class TestSetting:
    def test_once_several_times_or_always(self, client, world, fault):
        fault("airlines.list", "error_503", times=2)
        assert [client.send("GET", "/air/airlines").status for _ in range(3)] == [503, 503, 200]
        forever = fault("*", "error_503", times=None)
        assert [client.send("GET", path).status for path in ("/air/airlines", "/air/orders")] == [503, 503]
        assert world.faults.remove(forever.id) == 1
        assert client.send("GET", "/air/orders").status == 200

    def test_a_star_strikes_only_where_the_kind_has_a_meaning(self, client, fault, offer):
        fault("*", "order_not_created")
        client.ok("GET", "/air/orders")
        assert client.error("POST", "/air/orders", order_form(offer)) == (502, "order_not_created")

    @pytest.mark.parametrize(
        ("wish", "text"),
        [
            ({"kind": "slow"}, "endpoint is required"),
            ({"endpoint": "orders.create"}, "kind is required"),
            ({"endpoint": "orders.burn", "kind": "slow"}, "no endpoint"),
            ({"endpoint": "orders.create", "kind": "flood"}, "no kind"),
            ({"endpoint": "airlines.list", "kind": "sold_out"}, "possible at"),
            ({"endpoint": "*", "kind": "slow", "times": 0}, "times is 1"),
            ({"endpoint": "*", "kind": "slow", "seconds": "3"}, "cannot be"),
            ({"endpoint": "*", "kind": "slow", "colour": 1}, "unknown field"),
        ],
    )
    def test_a_fault_that_makes_no_sense_is_refused(self, world, wish, text):
        with pytest.raises(FaultError, match=text):
            world.faults.add(world.endpoints, wish)


class TestMagic:
    @pytest.mark.parametrize(
        ("name", "status", "orders"),
        [
            ("Timeout", 0, 0),
            ("Lostreply", 0, 1),
            ("Lateeffect", 0, 0),
            ("Servererror", 500, 0),
            ("Notcreated", 502, 0),
            ("Unclear", 502, 1),
            ("Accepted", 202, 0),
            ("Acceptedfailed", 202, 0),
            ("Unavailable", 503, 0),
            ("Ratelimited", 429, 0),
            ("Soldout", 422, 0),
            ("Pricechanged", 422, 0),
            ("Slow", 201, 1),
            ("Ticketlater", 201, 1),
        ],
    )
    def test_a_family_name_brings_a_fault_once(self, client, world, offer, name, status, orders):
        form = order_form(offer, names=(name,))
        assert client.send("POST", "/air/orders", form).status == status
        assert len(world.ledger()["orders"]) == orders
        again = client.send("POST", "/air/orders", form)
        assert again.status == (422 if name == "Soldout" else 201)
        assert again.delay_seconds == 0

    @pytest.mark.parametrize(
        ("name", "status", "charges"),
        [
            ("Paytimeout", 0, 0),
            ("Paylost", 0, 1),
            ("Paylate", 0, 0),
            ("Payerror", 500, 0),
            ("Payunavailable", 503, 0),
            ("Payprice", 422, 0),
            ("Ticketlater", 201, 1),
        ],
    )
    def test_a_family_name_brings_a_fault_when_it_is_paid(self, client, world, offer, name, status, charges):
        form = order_form(offer, names=(name,))
        client.send("POST", "/air/orders", form)
        order = client.ok("GET", "/air/orders")[0]
        assert client.send("POST", "/air/payments", payment_form(order)).status == status
        assert len(world.ledger()["charges"]) == charges
        if name == "Ticketlater":
            assert world.ledger()["documents"] == []

    @pytest.mark.parametrize(
        ("route", "status", "code"),
        [
            (("LHR", "LGW"), 502, "order_not_created"),
            (("LGW", "STN"), 422, "insufficient_balance"),
            (("LHR", "STN"), 422, "offer_no_longer_available"),
            (("LGW", "LHR"), 422, "offer_no_longer_available"),
        ],
    )
    def test_a_route_refuses_the_order(self, client, world, route, status, code):
        offer = of_airline(client.search(*route), "ZZ")
        assert client.error("POST", "/air/orders", order_form(offer, "instant")) == (status, code)
        assert world.ledger()["charges"] == []

    @pytest.mark.parametrize(
        ("route", "status", "event"),
        [
            (("LTN", "STN"), 200, "order.created"),
            (("SEN", "STN"), 202, "order.created"),
            (("LCY", "STN"), 202, "order.creation_failed"),
        ],
    )
    def test_a_route_answers_before_it_is_known(self, client, world, route, status, event):
        listen(client, "order.created", "order.creation_failed")
        offer = of_airline(client.search(*route), "ZZ")
        assert client.send("POST", "/air/orders", order_form(offer, "instant")).status == status
        assert world.ledger()["documents"] == []
        world.advance(timedelta(seconds=30))
        assert [kind for kind, _ in heard(world)] == [event]
        assert len(world.ledger()["documents"]) == (event == "order.created")


class TestWebhooks:
    def test_a_refusing_receiver_is_asked_ever_more_rarely(self, client, world, clock, offer):
        listen(client, "order.created")
        client.order(offer)
        waits = []
        while message := next(iter(world.pending_webhooks()), None):
            world.webhook_delivered(message.delivery_id, 500 if len(waits) % 2 else None)
            start = clock.now()
            while not world.pending_webhooks() and clock.now() - start < timedelta(hours=5):
                clock.advance(timedelta(seconds=5))
            waits.append(clock.now() - start)
        assert waits[:3] == [timedelta(seconds=seconds) for seconds in (5, 10, 20)]
        assert max(waits[:-1]) == timedelta(hours=4)
        assert timedelta(hours=60) < sum(waits[:-1], timedelta()) <= timedelta(hours=72)

    def test_only_wanted_events_reach_active_receivers(self, client, world, offer):
        listen(client, "order_cancellation.confirmed")
        (webhook,) = client.ok("GET", "/air/webhooks")
        client.cancel(client.order(offer))
        assert [kind for kind, _ in heard(world)] == ["order_cancellation.confirmed"]
        client.ok("PATCH", f"/air/webhooks/{webhook['id']}", {"active": False})
        client.cancel(client.order(offer))
        assert heard(world) == []
        assert [item["delivery_success"] for item in client.ok("GET", "/air/webhooks/deliveries")] == [True]
        assert client.send("DELETE", f"/air/webhooks/{webhook['id']}").status == 204
        assert client.error("POST", f"/air/webhooks/{webhook['id']}/actions/ping") == (404, "not_found")

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"url": "ftp://x"}, "validation_format"),
            ({"events": ["order.exploded"]}, "validation_inclusion"),
            ({"events": []}, "validation_required"),
        ],
    )
    def test_a_wrong_receiver_is_refused(self, client, change, code):
        form = {"url": "http://127.0.0.1:1/hear", "events": ["order.created"]} | change
        assert client.error("POST", "/air/webhooks", form) == (422, code)

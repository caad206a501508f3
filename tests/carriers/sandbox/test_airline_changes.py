"""Flights that the airline moves or cancels after they were booked."""

from datetime import datetime, timedelta

import pytest

from carriers.sandbox.exchange import Request, encode
from tests.carriers.sandbox.change_talk import confirm, confirm_path, dearer, offers, payment_for
from tests.carriers.sandbox.talk import of_airline

DETECTED = "order.airline_initiated_change_detected"


@pytest.fixture
def offer(client):
    return of_airline(client.search("LHR", "CDG"), "ZZ", "Standard")


@pytest.fixture
def order(client, offer):
    return client.order(offer, "instant")


def control(client, **wish):
    """The sandbox's own control: no token, no envelope."""
    return client.world.handle(Request("POST", "/_sandbox/airline_changes", {}, {}, encode(wish)))


def change(client, order, kind="moved", **more):
    reply = control(client, booking_reference=order["booking_reference"], kind=kind, **more)
    assert reply.status == 201, reply.body
    return reply.json()["data"][0]


def accept(client, made):
    return client.ok("POST", f"/air/airline_initiated_changes/{made['id']}/actions/accept")


def listed(client, order):
    return client.ok("GET", "/air/airline_initiated_changes", order_id=order["id"])


def read(client, order):
    return client.ok("GET", f"/air/orders/{order['id']}")


def departs(slices):
    return datetime.fromisoformat(slices[0]["segments"][0]["departing_at"])


def there_and_back(client):
    slices = [("LHR", "CDG", "2026-04-24"), ("CDG", "LHR", "2026-04-28")]
    wish = [{"origin": a, "destination": b, "departure_date": day} for a, b, day in slices]
    return client.ok("POST", "/air/offer_requests", {"slices": wish, "passengers": [{"type": "adult"}]})["offers"]


def quote(client, order):
    return client.ok("POST", "/air/order_cancellations", {"order_id": order["id"]})["refund_amount"]


class TestAMove:
    @pytest.mark.parametrize("minutes", [90, -30])
    def test_is_told_with_what_was_and_what_is(self, client, order, minutes):
        made = change(client, order, minutes=minutes)
        assert departs(made["added"]) - departs(made["removed"]) == timedelta(minutes=minutes)
        assert departs(made["removed"]) == departs(order["slices"])
        assert (made["action_taken"], made["available_actions"]) == (None, ["accept", "cancel", "change"])
        now = read(client, order)
        assert listed(client, order) == now["airline_initiated_changes"] == [made]
        assert departs(now["slices"]) == departs(made["added"])

    def test_of_a_flight_reaches_every_live_order_that_has_it(self, client, offer, order, world):
        held, gone = client.order(offer), client.order(offer)
        client.cancel(gone)
        flight = world.ledger()["orders"][0]["flights"][0]
        made = control(client, flight=flight, kind="moved").json()["data"]
        assert [each["order_id"] for each in made] == [order["id"], held["id"]]

    def test_is_accepted_once(self, client, order, world):
        made = change(client, order)
        done = accept(client, made)
        assert (done["action_taken"], done["available_actions"]) == ("accepted", [])
        path = f"/air/airline_initiated_changes/{made['id']}/actions/accept"
        assert client.error("POST", path) == (422, "unsupported_action")
        assert [each["action_taken"] for each in world.ledger()["airline_changes"]] == ["accepted"]

    def test_gives_all_back_until_it_is_accepted(self, client, order):
        assert quote(client, order) != order["total_amount"]
        made = change(client, order)
        assert quote(client, order) == order["total_amount"]
        accept(client, made)
        assert quote(client, order) != order["total_amount"]

    def test_counts_as_accepted_once_it_leaves(self, client, clock, order):
        made = change(client, order, minutes=120)
        clock.advance(departs(made["removed"]) - clock.now().replace(tzinfo=None) + timedelta(minutes=1))
        assert listed(client, order)[0]["available_actions"] == ["accept", "cancel", "change"]
        clock.advance(timedelta(minutes=120))
        assert listed(client, order)[0]["available_actions"] == []
        assert departs(read(client, order)["slices"]) == departs(made["added"])
        assert client.error("POST", "/air/order_cancellations", {"order_id": order["id"]})[1] == "unsupported_action"

    def test_that_another_followed_is_stale(self, client, order):
        first, second = change(client, order), change(client, order, minutes=15)
        path = f"/air/airline_initiated_changes/{first['id']}/actions/accept"
        assert client.error("POST", path) == (422, "stale_airline_initiated_change_accept")
        assert [each["id"] for each in listed(client, order)] == [second["id"], first["id"]]
        assert departs(accept(client, second)["added"]) - departs(order["slices"]) == timedelta(minutes=75)

    def test_keeps_as_many_seats_taken(self, client, order, world):
        change(client, order, minutes=24 * 60)
        client.cancel(order)
        assert not any(world._core.facts.sold.values())

    def test_of_a_hold_makes_it_unpayable(self, client, offer):
        held = client.order(offer)
        assert change(client, held)["available_actions"] == ["cancel"]
        payment = {"type": "balance", "amount": held["total_amount"], "currency": held["total_currency"]}
        form = {"order_id": held["id"], "payment": payment}
        assert client.error("POST", "/air/payments", form) == (422, "schedule_changed")


class TestAnExchange:
    @pytest.mark.parametrize("kind", ["moved", "cancelled"])
    def test_costs_no_penalty_and_answers_the_change(self, client, world, order, kind):
        change(client, order, kind)
        assert {offer["penalty_total_amount"] for offer in offers(client, order)} == {"0.00"}
        confirm(client, dearer(client, order))
        assert listed(client, order)[0]["action_taken"] == "changed"
        assert quote(client, order) != order["total_amount"]

    def test_offered_before_the_change_is_gone(self, client, order):
        selected = dearer(client, order)
        change(client, order)
        assert client.error("POST", confirm_path(selected), payment_for(selected)) == (422, "offer_no_longer_available")

    def test_of_another_journey_leaves_the_change_open(self, client):
        order = client.order(of_airline(there_and_back(client), "ZZ", "Standard"), "instant")
        made = change(client, order)
        confirm(client, dearer(client, read(client, order), day="2026-05-02", remove=(1,)))
        assert listed(client, order)[0]["action_taken"] is None
        assert accept(client, made)["action_taken"] == "accepted"


class TestACancelledFlight:
    def test_cannot_be_accepted_and_gives_all_back_also_later(self, client, clock, order):
        made = change(client, order, "cancelled")
        assert (made["added"], made["available_actions"]) == ([], ["cancel", "change"])
        path = f"/air/airline_initiated_changes/{made['id']}/actions/accept"
        assert client.error("POST", path) == (422, "unsupported_action")
        clock.advance(timedelta(days=90))
        assert client.cancel(order)["refund_amount"] == order["total_amount"]
        assert listed(client, order)[0]["action_taken"] == "cancelled"

    def test_is_not_mended_by_moving_another(self, client):
        order = client.order(of_airline(there_and_back(client), "ZZ", "Standard"), "instant")
        back = client.world.ledger()["orders"][0]["flights"][-1]
        assert control(client, flight=back, kind="cancelled").status == 201
        assert change(client, order)["available_actions"] == ["cancel", "change"]


class TestOnlyTold:
    """An airline that states no rules settles its changes itself; Duffel takes note of how."""

    @pytest.fixture
    def order(self, client):
        return client.order(of_airline(client.search("IST", "LHR"), "TK"), "instant")

    def test_is_noted_not_accepted(self, client, order):
        made = change(client, order)
        assert made["available_actions"] == ["update", "cancel", "change"]
        path = f"/air/airline_initiated_changes/{made['id']}"
        assert client.error("POST", f"{path}/actions/accept") == (422, "unsupported_action")
        assert client.error("PATCH", path, {"action_taken": "ignored"}) == (422, "validation_inclusion")
        assert client.ok("PATCH", path, {"action_taken": "changed"})["action_taken"] == "changed"


class TestMakingOne:
    @pytest.mark.parametrize(
        ("wish", "status"),
        [
            ({"kind": "moved"}, 422),
            ({"kind": "late", "booking_reference": "X"}, 422),
            ({"kind": "moved", "booking_reference": "X", "minutes": 0}, 422),
            ({"kind": "moved", "booking_reference": "X", "minutes": "60"}, 422),
            ({"kind": "moved", "booking_reference": "X"}, 404),
        ],
    )
    def test_without_sense_is_refused(self, client, order, wish, status):
        assert control(client, **wish).status == status
        assert client.world.ledger()["airline_changes"] == []

    def test_without_an_object_is_refused(self, client):
        assert client.world.handle(Request("POST", "/_sandbox/airline_changes", {}, {}, b"[]")).status == 400

    def test_is_no_call_that_a_fault_strikes(self, client, order, world):
        world.faults.add(world.endpoints, {"endpoint": "*", "kind": "error_503", "times": None})
        change(client, order)
        assert not any("make" in name for name in world.endpoints)

    @pytest.mark.parametrize(("name", "kind"), [("Flightmoved", "moved"), ("Flightcancelled", "cancelled")])
    def test_happens_by_a_name_a_minute_after_payment(self, client, clock, offer, world, name, kind):
        order = client.order(offer, names=(name,))
        clock.advance(timedelta(minutes=5))
        client.pay(order)
        assert listed(client, order) == []
        clock.advance(timedelta(minutes=1))
        assert len(listed(client, order)) == 1
        assert [each["kind"] for each in world.ledger()["airline_changes"]] == [kind]

    def test_by_name_spares_what_is_cancelled_by_then(self, client, clock, offer):
        order = client.order(offer, "instant", names=("Flightmoved",))
        client.cancel(order)
        clock.advance(timedelta(minutes=1))
        assert listed(client, order) == []

    def test_happens_on_duffels_test_route_when_its_changes_are_read(self, client):
        order = client.order(client.search("LHR", "LTN")[0], "instant")
        assert read(client, order)["airline_initiated_changes"] == []
        (made,) = listed(client, order)
        assert departs(made["added"]) - departs(made["removed"]) == timedelta(hours=1)
        assert listed(client, order) == [made]


def test_a_change_is_told_by_webhook(client, order, world):
    client.ok("POST", "/air/webhooks", {"url": "http://gateway.test/hooks", "events": [DETECTED]})
    made = change(client, order)
    (message,) = world.pending_webhooks()
    event = Request("POST", "/", {}, {}, message.body)
    assert b'"type":"order.airline_initiated_change_detected"' in event.body
    assert f'"object":{{"id":"{order["id"]}","aic_id":"{made["id"]}"}}'.encode() in event.body


def test_worlds_that_changed_differently_differ(client, order, world):
    before = world.snapshot()
    prints = []
    for minutes in (60, 61):
        world.restore(before)
        change(client, order, minutes=minutes)
        prints.append(world.fingerprint())
        accept(client, listed(client, order)[0])
        prints.append(world.fingerprint())
    assert len(set(prints)) == 4


def test_another_orders_change_and_no_change_are_not_found(client):
    assert client.error("POST", "/air/airline_initiated_changes/aic_1/actions/accept") == (404, "not_found")
    assert client.error("GET", "/air/airline_initiated_changes", order_id="ord_1") == (404, "not_found")

"""What the airlines give back: coupon by coupon, as what, when they tell it, and what goes wrong on the way."""

from datetime import timedelta

import pytest

from app.domain.money import Money, total
from carriers.sandbox.exchange import Delivery
from tests.carriers.sandbox.talk import of_airline, order_form, passport

MINUTE = timedelta(minutes=1)


def buy(client, offer, names=("Earhart",)):
    form = order_form(offer, "instant", names=names)
    for person in form["passengers"]:
        person["identity_documents"] = [passport()]
    return client.ok("POST", "/air/orders", form)


def one_way(client, *names, brand="Standard", ends=("LHR", "CDG"), airline="ZZ"):
    return buy(client, of_airline(client.search(*ends), airline, brand), names or ("Earhart",))


def there_and_back(client, brand, airline="ZZ", ends=("LHR", "CDG")):
    """A journey and its return a week later."""
    return two_journeys(client, brand, airline, ends, ends[::-1])


def two_journeys(client, brand, airline, *journeys):
    days = zip(journeys, ("2026-04-24", "2026-05-01"), strict=True)
    slices = [{"origin": origin, "destination": to, "departure_date": day} for (origin, to), day in days]
    wish = {"slices": slices, "passengers": [{"type": "adult"}]}
    return buy(client, of_airline(client.ok("POST", "/air/offer_requests", wish)["offers"], airline, brand))


def connecting(client, brand, airline="LH"):
    """One journey of two flights."""
    return one_way(client, brand=brand, ends=("LHR", "DXB"), airline=airline)


def of(world, order):
    """The airline's own record of the order."""
    return world._core.facts.orders[order["id"]]


def leave(world, clock, order, flight=0):
    """Let this flight of the order leave."""
    clock.advance(of(world, order).flights[flight].departs - world.now())


def ask(client, order):
    return client.send("POST", "/air/order_cancellations", {"order_id": order["id"]})


def quote(client, order):
    return client.ok("POST", "/air/order_cancellations", {"order_id": order["id"]})


def refused(client, order):
    return client.error("POST", "/air/order_cancellations", {"order_id": order["id"]})


def confirmation(found):
    return f"/air/order_cancellations/{found['id']}/actions/confirm"


def back(found):
    return Money.of(found["refund_amount"], found["refund_currency"])


def given(world):
    return [Money.of(refund["amount"], refund["currency"]) for refund in world.ledger()["refunds"]]


def price(order):
    return Money.of(order["total_amount"], order["total_currency"])


def penalty(order):
    rule = order["conditions"]["refund_before_departure"]
    return Money.of(rule["penalty_amount"], rule["penalty_currency"])


class TestCouponByCoupon:
    @pytest.mark.parametrize("brand", ["Flex", "Standard"])
    def test_the_journey_not_flown_comes_back_less_the_whole_penalty(self, client, world, clock, brand):
        order = there_and_back(client, brand)
        assert back(quote(client, order)) == price(order) - penalty(order)
        leave(world, clock, order)
        assert "cancel" in client.ok("GET", f"/air/orders/{order['id']}")["available_actions"]
        left = of(world, order).slices[1].price
        told = back(client.ok("POST", confirmation(quote(client, order))))
        assert told == left.base - penalty(order) + left.tax
        assert given(world) == [told]

    def test_a_penalty_beyond_the_fare_that_is_left_leaves_the_taxes(self, client, world, clock):
        order = two_journeys(client, "Standard", "ZZ", ("LHR", "JFK"), ("JFK", "BOS"))
        assert of(world, order).slices[1].price.base < penalty(order)
        leave(world, clock, order)
        assert back(quote(client, order)) == of(world, order).slices[1].price.tax

    def test_a_journey_half_flown_gives_back_the_taxes_of_its_other_flight(self, client, world, clock):
        order = connecting(client, "Flex")
        leave(world, clock, order)
        told = back(quote(client, order))
        assert Money.zero(told.currency) < told < Money.of(order["tax_amount"], order["tax_currency"])

    def test_a_fare_that_gives_nothing_back_cannot_be_cancelled_after_the_first_departure(self, client, world, clock):
        order = there_and_back(client, "Basic")
        assert quote(client, order)["refund_amount"] == "0.00"
        leave(world, clock, order)
        assert refused(client, order) == (422, "unsupported_action")
        assert client.ok("GET", f"/air/orders/{order['id']}")["available_actions"] == ["update"]

    @pytest.mark.parametrize("brand", ["Flex", "Standard", "Basic"])
    def test_nothing_comes_back_once_all_has_left(self, client, world, clock, brand):
        order = there_and_back(client, brand)
        leave(world, clock, order, flight=1)
        assert refused(client, order) == (422, "unsupported_action")

    def test_an_airline_without_rules_decides_after_the_first_departure_too(self, client, world, clock):
        order = there_and_back(client, "Basic", "TK", ("LHR", "IST"))
        leave(world, clock, order)
        done = client.ok("POST", confirmation(quote(client, order)))
        clock.advance(timedelta(hours=6))
        told = back(client.ok("GET", f"/air/order_cancellations/{done['id']}"))
        assert told == of(world, order).slices[1].price.tax
        assert given(world) == [told]


class TestBags:
    def test_those_of_flights_that_left_are_used(self, client, world, clock):
        order = there_and_back(client, "Flex")
        path = f"/air/orders/{order['id']}"
        there, again = client.ok("GET", f"{path}/available_services")
        chosen = [{"id": bag["id"], "quantity": 1} for bag in (there, again)]
        price = total((Money.of(bag["total_amount"], bag["total_currency"]) for bag in (there, again)), "GBP")
        paid = {"type": "balance", "amount": str(price.amount), "currency": price.currency}
        client.ok("POST", f"{path}/services", {"add_services": chosen, "payment": paid})
        leave(world, clock, order)
        left = of(world, order).slices[1].price
        assert back(quote(client, order)) == left.total + Money.of(again["total_amount"], again["total_currency"])

    def test_none_is_added_after_the_first_departure(self, client, world, clock):
        order = there_and_back(client, "Flex")
        leave(world, clock, order)
        assert client.ok("GET", f"/air/orders/{order['id']}/available_services") == []


class TestTheQuote:
    def test_it_holds_half_an_hour(self, client, world):
        order = one_way(client)
        assert quote(client, order)["expires_at"] == "2026-03-01T09:30:00.000Z"

    def test_it_does_not_outlive_the_next_departure(self, client, world, clock):
        order = there_and_back(client, "Flex")
        clock.advance(of(world, order).departs - world.now() - MINUTE)
        found = quote(client, order)
        clock.advance(MINUTE)
        assert client.error("POST", confirmation(found)) == (422, "order_cancellation_stale")
        assert given(world) == []

    def test_it_does_not_outlive_the_void_window(self, client, world, clock):
        order = one_way(client, ends=("JFK", "SEA"), airline="DL")
        assert client.ok("GET", f"/air/orders/{order['id']}")["void_window_ends_at"] == "2026-03-02T09:00:00.000Z"
        clock.advance(timedelta(hours=24) - MINUTE)
        found = quote(client, order)
        assert back(found) == price(order)
        assert found["expires_at"] == "2026-03-02T09:00:00.000Z"
        clock.advance(MINUTE)
        assert client.error("POST", confirmation(found)) == (422, "order_cancellation_stale")

    def test_the_void_window_ends_with_the_first_departure(self, client, clock):
        offers = client.search("JFK", "SEA", "2026-03-02")
        order = buy(client, of_airline(offers, "DL"))
        leaves = order["slices"][0]["segments"][0]["departing_at"]
        # New York is five hours behind.
        ends = client.ok("GET", f"/air/orders/{order['id']}")["void_window_ends_at"]
        assert ends == min("2026-03-02T09:00:00.000Z", f"2026-03-02T{int(leaves[11:13]) + 5:02}{leaves[13:]}.000Z")


class TestWhatItComesAs:
    def test_a_voucher_on_the_route_for_it(self, client, world):
        done = client.cancel(one_way(client, brand="Flex", ends=("SEN", "FAO")))
        assert (done["refund_to"], done["airline_credits"]) == ("voucher", [])
        (refund,) = world.ledger()["refunds"]
        assert (refund["to"], refund["amount"]) == ("voucher", done["refund_amount"])

    def test_credits_for_each_passenger_on_the_route_for_them(self, client, world):
        done = client.cancel(one_way(client, brand="Flex", ends=("LTN", "SYD")))
        assert done["refund_to"] == world.ledger()["refunds"][0]["to"] == "airline_credits"
        assert [credit["credit_amount"] for credit in done["airline_credits"]] == [done["refund_amount"]]


class TestToldLater:
    def test_the_amount_is_known_and_given_hours_after_the_confirmation(self, client, world, clock):
        order = one_way(client, ends=("LHR", "IST"), airline="TK")
        found = quote(client, order)
        done = client.ok("POST", confirmation(found))
        assert found["refund_amount"] is done["refund_amount"] is done["refund_currency"] is None
        (before,) = world.ledger()["cancellations"]
        assert (before["told"], given(world)) == (False, [])
        fingerprint = world.fingerprint()
        clock.advance(timedelta(hours=6))
        told = client.ok("GET", f"/air/order_cancellations/{found['id']}")
        assert back(told) == Money.of(order["tax_amount"], order["tax_currency"])
        assert given(world) == [back(told)]
        assert world.ledger()["cancellations"][0]["told"] is True
        assert world.fingerprint() != fingerprint
        assert client.ok("GET", f"/air/orders/{order['id']}")["cancellation"] == told

    def test_an_unconfirmed_quote_is_never_filled_in(self, client, clock):
        found = quote(client, one_way(client, ends=("LHR", "IST"), airline="TK"))
        clock.advance(timedelta(days=2))
        assert client.ok("GET", f"/air/order_cancellations/{found['id']}")["refund_amount"] is None


class TestFaults:
    @pytest.fixture
    def fault(self, world):
        return lambda endpoint, kind, **more: world.faults.add(
            world.endpoints, {"endpoint": endpoint, "kind": kind, **more}
        )

    def test_a_quote_may_come_later(self, client, world, clock, fault):
        order, other = one_way(client), one_way(client)
        fault("cancellations.create", "quote_later", seconds=600)
        waiting = world.fingerprint()
        assert ask(client, order).status == 202
        assert world.fingerprint() != waiting
        clock.advance(timedelta(minutes=9))
        assert ask(client, order).status == 202
        assert ask(client, other).status == 201
        clock.advance(MINUTE)
        assert client.ok("POST", confirmation(quote(client, order)))["confirmed_at"]

    def test_somebody_else_may_make_a_quote_stale(self, client, world, fault):
        order = one_way(client)
        found = quote(client, order)
        fault("cancellations.confirm", "stale_quote")
        assert client.error("POST", confirmation(found)) == (422, "order_cancellation_stale")
        assert given(world) == []
        assert client.cancel(order)["confirmed_at"]

    @pytest.mark.parametrize(
        ("name", "status"),
        [
            ("Quotetimeout", None),
            ("Quotelost", None),
            ("Quoteerror", 500),
            ("Quoteunavailable", 503),
            ("Quotelater", 202),
        ],
    )
    def test_a_name_lets_the_first_quote_go_wrong(self, client, clock, name, status):
        order = one_way(client, name)
        reply = ask(client, order)
        assert (reply.delivery is Delivery.NO_REPLY) if status is None else (reply.status == status)
        clock.advance(timedelta(minutes=10))
        assert client.cancel(order)["confirmed_at"]

    @pytest.mark.parametrize(
        ("name", "status", "then", "refunds"),
        [
            ("Refundtimeout", None, 200, 1),
            ("Refundlost", None, 422, 1),
            ("Refundlate", None, 422, 1),
            ("Refunderror", 500, 200, 1),
            ("Refundunavailable", 503, 200, 1),
            ("Refundstale", 422, 422, 0),
        ],
    )
    def test_a_name_lets_the_first_confirmation_go_wrong(self, client, world, clock, name, status, then, refunds):
        found = quote(client, one_way(client, name))
        reply = client.send("POST", confirmation(found))
        assert (reply.delivery is Delivery.NO_REPLY) if status is None else (reply.status == status)
        clock.advance(MINUTE)
        assert client.send("POST", confirmation(found)).status == then
        assert len(given(world)) == refunds

    def test_a_quote_of_an_order_that_was_changed_is_stale(self, client, world):
        order = there_and_back(client, "Flex")
        found = quote(client, order)
        asked = {
            "order_id": order["id"],
            "slices": {
                "remove": [{"slice_id": order["slices"][0]["id"]}],
                "add": [
                    {"origin": "LHR", "destination": "CDG", "departure_date": "2026-04-22", "cabin_class": "economy"}
                ],
            },
        }
        offers = client.ok("POST", "/air/order_change_requests", asked)["order_change_offers"]
        dearer = next(each for each in offers if each["change_total_amount"] > "0.00")
        change = client.ok("POST", "/air/order_changes", {"selected_order_change_offer": dearer["id"]})
        paid = {"type": "balance", "amount": change["change_total_amount"], "currency": change["change_total_currency"]}
        client.ok("POST", f"/air/order_changes/{change['id']}/actions/confirm", {"payment": paid})
        assert client.error("POST", confirmation(found)) == (422, "order_cancellation_stale")
        assert back(quote(client, order)) == price(client.ok("GET", f"/air/orders/{order['id']}"))

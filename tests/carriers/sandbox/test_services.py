"""Seats and bags: what is for sale, buying and adding it, and what becomes of it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from app.domain.clock import ManualClock
from carriers.sandbox.duffel.world import DuffelWorld
from carriers.sandbox.exchange import Delivery
from tests.carriers.sandbox.talk import START, Client, of_airline, order_form, passport

FAMILY = ({"type": "adult"}, {"age": 8}, {"type": "infant_without_seat"})


@pytest.fixture
def offer(client):
    return of_airline(client.search("LHR", "MAD"), "ZZ", "Flex")


def bags(client, offer):
    return client.ok("GET", f"/air/offers/{offer['id']}", return_available_services="true")["available_services"]


def seat_maps(client, offer):
    return client.ok("GET", "/air/seat_maps", offer_id=offer["id"])


def elements(seat_map):
    rows = (row for cabin in seat_map["cabins"] for row in cabin["rows"])
    return [element for row in rows for section in row["sections"] for element in section["elements"]]


def seats(client, offer):
    return [element for plan in seat_maps(client, offer) for element in elements(plan) if element["type"] == "seat"]


def free_seats(client, offer):
    return [seat for seat in seats(client, offer) if seat["available_services"]]


def price(of):
    return Decimal(of["total_amount"])


def form(offer, *wishes, **more):
    """An instant order with these services, each with its quantity, at their price."""
    total = price(offer) + sum(price(service) * quantity for service, quantity in wishes)
    payment = {"type": "balance", "amount": str(total), "currency": offer["total_currency"]}
    wanted = [{"id": service["id"], "quantity": quantity} for service, quantity in wishes]
    return order_form(offer, "instant", **more) | {"services": wanted, "payments": [payment]}


def buy(client, offer, *wishes):
    return client.ok("POST", "/air/orders", form(offer, *wishes))


def a_seat(client, offer):
    """The first free seat that costs something."""
    free = (seat["available_services"][0] for seat in free_seats(client, offer))
    return next(service for service in free if price(service))


def available(client, order):
    return client.ok("GET", f"/air/orders/{order['id']}/available_services")


def addition(service, quantity=1):
    amount = str(price(service) * quantity)
    payment = {"type": "balance", "amount": amount, "currency": service["total_currency"]}
    return {"add_services": [{"id": service["id"], "quantity": quantity}], "payment": payment}


def add(client, order, service, quantity=1):
    return client.ok("POST", f"/air/orders/{order['id']}/services", addition(service, quantity))


def add_error(client, order, data):
    return client.error("POST", f"/air/orders/{order['id']}/services", data)


class TestBagsForSale:
    def test_each_passenger_with_a_seat_can_have_two_on_each_journey(self, client):
        slices = [
            {"origin": "LHR", "destination": "MAD", "departure_date": "2026-04-24"},
            {"origin": "MAD", "destination": "LHR", "departure_date": "2026-04-28"},
        ]
        found = client.ok("POST", "/air/offer_requests", {"slices": slices, "passengers": list(FAMILY)})["offers"]
        offer = of_airline(found, "ZZ")
        for_sale = bags(client, offer)
        adult, child, _ = (passenger["id"] for passenger in offer["passengers"])
        assert [service["passenger_ids"] for service in for_sale] == [[adult], [child]] * 2
        assert {service["maximum_quantity"] for service in for_sale} == {2}
        assert {service["metadata"]["maximum_weight_kg"] for service in for_sale} == {23}
        assert [service["id"][:4] for service in for_sale] == ["ase_"] * 4

    def test_a_bag_goes_all_the_way(self, client):
        offer = client.search("LHR", "DXB")[0]
        segments = [segment["id"] for segment in offer["slices"][0]["segments"]]
        assert len(segments) == 2
        assert bags(client, offer)[0]["segment_ids"] == segments

    def test_they_are_shown_where_asked_for(self, client, offer):
        assert bags(client, offer)
        assert client.ok("GET", f"/air/offers/{offer['id']}")["available_services"] == []

    def test_some_routes_and_airlines_have_none(self, client):
        assert bags(client, client.search("BTS", "MRU")[0]) == []
        ethiopian = of_airline(client.search("LHR", "ADD"), "ET")
        assert (bags(client, ethiopian), seat_maps(client, ethiopian)) == ([], [])

    def test_long_flights_ask_more(self, client, offer):
        far = of_airline(client.search("LHR", "JFK"), "ZZ")
        assert price(bags(client, far)[0]) > price(bags(client, offer)[0]) > 0


class TestSeatMaps:
    @pytest.mark.parametrize(
        ("route", "cabin", "layout"),
        [
            (("LHR", "MAD"), "economy", [3, 3]),
            (("LHR", "MAD"), "business", [3, 3]),
            (("LHR", "JFK"), "economy", [3, 3, 3]),
            (("LHR", "JFK"), "business", [1, 2, 1]),
        ],
    )
    def test_they_look_like_the_aircraft(self, client, route, cabin, layout):
        offer = of_airline(client.search(*route, cabin_class=cabin), "ZZ")
        (plan,) = seat_maps(client, offer)
        (segment,) = offer["slices"][0]["segments"]
        assert (plan["segment_id"], plan["slice_id"]) == (segment["id"], offer["slices"][0]["id"])
        (drawn,) = plan["cabins"]
        assert (drawn["cabin_class"], drawn["deck"], drawn["aisles"]) == (cabin, 0, len(layout) - 1)
        with_seats = [
            row for row in drawn["rows"] if any(it["type"] == "seat" for it in row["sections"][0]["elements"])
        ]
        widths = {tuple(len(section["elements"]) for section in row["sections"]) for row in with_seats}
        expected = (3, 4, 3) if segment["aircraft"]["iata_code"] == "77W" and cabin == "economy" else tuple(layout)
        assert widths == {expected}
        designators = [it["designator"] for it in elements(plan) if it["type"] == "seat"]
        assert len(set(designators)) == len(designators) > 0

    def test_wings_exits_and_bassinets_are_on_them(self, client):
        (plan,) = seat_maps(client, of_airline(client.search("LHR", "JFK"), "ZZ"))
        (cabin,) = plan["cabins"]
        assert 0 < cabin["wings"]["first_row_index"] < cabin["wings"]["last_row_index"] < len(cabin["rows"])
        assert {"bassinet", "exit_row", "lavatory", "galley"} <= {it["type"] for it in elements(plan)}

    def test_some_seats_are_taken_and_a_few_are_free_of_charge(self, client, offer):
        every, free = seats(client, offer), free_seats(client, offer)
        assert 0.4 < len(free) / len(every) < 0.9
        gratis = [seat for seat in free if price(seat["available_services"][0]) == 0]
        assert 0 < len(gratis) < len(free) / 4

    def test_exits_are_dearest_and_say_who_may_not_sit_there(self, client, offer):
        dearest = max(free_seats(client, offer), key=lambda seat: price(seat["available_services"][0]))
        assert dearest["name"] == "Exit row seat"
        assert "children" in dearest["disclosures"][0]

    def test_children_do_not_sit_at_exits_and_infants_nowhere(self, client):
        offer = of_airline(client.search("LHR", "MAD", passengers=FAMILY), "ZZ")
        adult, child, _ = (passenger["id"] for passenger in offer["passengers"])
        for seat in free_seats(client, offer):
            allowed = [adult] if seat["disclosures"] else [adult, child]
            assert [service["passenger_id"] for service in seat["available_services"]] == allowed

    def test_the_same_flight_looks_the_same_to_everybody(self, client):
        def look(asked):
            offer = of_airline(asked.search("LHR", "MAD"), "BA")
            return [(seat["designator"], bool(seat["available_services"])) for seat in seats(asked, offer)]

        assert look(client) == look(client) == look(Client(DuffelWorld(ManualClock(START), "another")))

    def test_some_aircraft_have_none(self, client):
        offer = of_airline(client.search("LHR", "CDG"), "ZZ")
        assert offer["slices"][0]["segments"][0]["aircraft"]["iata_code"] == "AT7"
        assert seat_maps(client, offer) == []
        assert bags(client, offer)

    def test_they_are_of_an_offer(self, client, offer, world):
        assert client.error("GET", "/air/seat_maps") == (422, "validation_required")
        assert client.error("GET", "/air/seat_maps", offer_id="off_nothing") == (404, "not_found")
        world.advance(timedelta(minutes=30))
        assert client.error("GET", "/air/seat_maps", offer_id=offer["id"]) == (422, "offer_no_longer_available")


class TestBuying:
    def test_an_order_has_them_and_they_are_part_of_its_price(self, client, world, offer):
        seat, bag = a_seat(client, offer), bags(client, offer)[0]
        order = buy(client, offer, (seat, 1), (bag, 2))
        assert price(order) == price(offer) + price(seat) + 2 * price(bag)
        assert Decimal(order["base_amount"]) + Decimal(order["tax_amount"]) == price(order)
        assert [(line["type"], line["quantity"]) for line in order["services"]] == [("seat", 1), ("baggage", 2)]
        assert price(order["services"][1]) == 2 * price(bag)
        (segment,) = order["slices"][0]["segments"]
        assert [line["segment_ids"] for line in order["services"]] == [[segment["id"]]] * 2
        assert segment["passengers"][0]["seat"] == order["services"][0]["metadata"]
        assert order["conditions"] == offer["conditions"]
        (charge,) = world.ledger()["charges"]
        assert charge["amount"] == world.ledger()["orders"][0]["amount"] == order["total_amount"]

    def test_a_seat_is_taken_for_everybody_until_its_order_is_cancelled(self, client, world, offer):
        before = seats(client, offer)
        seat = a_seat(client, offer)
        again = of_airline(client.search("LHR", "MAD"), "ZZ", "Basic")
        order = buy(client, offer, (seat, 1))
        assert client.error("POST", "/air/orders", form(offer, (seat, 1))) == (422, "ancillary_service_not_available")
        assert (
            len(free_seats(client, again))
            == len(free_seats(client, offer))
            < len([each for each in before if each["available_services"]])
        )
        client.cancel(order)
        assert seats(client, offer) == before

    def test_a_hold_can_have_none(self, client, world, offer):
        wanted = [{"id": bags(client, offer)[0]["id"], "quantity": 1}]
        refused = client.error("POST", "/air/orders", order_form(offer) | {"services": wanted})
        assert refused == (422, "services_not_allowed_for_order_type")
        assert world.ledger()["orders"] == []

    def test_the_payment_covers_them(self, client, world, offer):
        bag = bags(client, offer)[0]
        unpaid = form(offer, (bag, 1)) | {"payments": order_form(offer, "instant")["payments"]}
        assert client.error("POST", "/air/orders", unpaid) == (422, "payment_amount_does_not_match_order_amount")
        assert world.ledger()["orders"] == []

    def test_what_is_not_for_sale_is_refused(self, client, offer):
        bag, unknown = bags(client, offer)[0], {"id": "ase_1", "total_amount": "1"}
        other = bags(client, of_airline(client.search("LHR", "MAD"), "ZZ"))[0]
        for wish in ((unknown, 1), (bag, 3), (other, 1)):
            refused = client.error("POST", "/air/orders", form(offer, wish))
            assert refused == (422, "ancillary_service_not_available")
        assert client.error("POST", "/air/orders", form(offer, (bag, 0))) == (422, "validation_format")

    def test_one_seat_each(self, client):
        offer = of_airline(client.search("LHR", "MAD", passengers=[{"type": "adult"}] * 2), "ZZ")
        first, second = free_seats(client, offer)[:2]
        twice = [(service, 1) for service in first["available_services"]]
        both = [(seat["available_services"][0], 1) for seat in (first, second)]
        for wishes in (twice, both):
            assert client.error("POST", "/air/orders", form(offer, *wishes)) == (422, "validation_unique")
        apart = buy(client, offer, (first["available_services"][0], 1), (second["available_services"][1], 1))
        seated = apart["slices"][0]["segments"][0]["passengers"]
        assert [it["seat"]["designator"] for it in seated] == [first["designator"], second["designator"]]

    def test_their_price_is_told_with_the_way_to_pay(self, client, offer):
        bag = bags(client, offer)[0]
        intended = {"intended_services": [{"id": bag["id"], "quantity": 2}]}
        methods = {"intended_payment_methods": [{"type": "balance"}]}
        priced = client.ok("POST", f"/air/offers/{offer['id']}/actions/price", intended | methods)
        assert priced["intended_services"] == intended["intended_services"]
        assert Decimal(priced["intended_payment_methods"][0]["charge_amount"]) == price(offer) + 2 * price(bag)


@pytest.fixture
def paid(client, offer):
    order = client.order(offer)
    client.pay(order)
    return client.ok("GET", f"/air/orders/{order['id']}")


class TestAdding:
    def test_bags_are_added_and_charged(self, client, world, paid):
        (bag,) = available(client, paid)
        assert (bag["type"], bag["maximum_quantity"], bag["id"][:4]) == ("baggage", 2, "aso_")
        after = add(client, paid, bag)
        assert price(after) == price(paid) + price(bag)
        assert after == client.ok("GET", f"/air/orders/{paid['id']}")
        assert [Decimal(charge["amount"]) for charge in world.ledger()["charges"]] == [price(paid), price(bag)]
        assert after["documents"] == paid["documents"]

    def test_only_as_many_as_there_is_room_for(self, client, paid):
        (bag,) = available(client, paid)
        add(client, paid, bag)
        assert available(client, paid)[0]["maximum_quantity"] == 1
        assert add_error(client, paid, addition(bag, 2)) == (422, "ancillary_service_not_available")
        add(client, paid, bag)
        assert available(client, paid) == []
        assert add_error(client, paid, addition(bag)) == (422, "ancillary_service_not_available")

    def test_seats_cannot_be(self, client, offer, paid):
        assert {service["type"] for service in available(client, paid)} == {"baggage"}
        refused = add_error(client, paid, addition(a_seat(client, offer)))
        assert refused == (422, "ancillary_service_not_available")

    def test_the_payment_is_exactly_their_price(self, client, world, paid):
        (bag,) = available(client, paid)
        wrong = addition(bag) | {"payment": {"type": "balance", "amount": "1.00", "currency": "GBP"}}
        assert add_error(client, paid, wrong) == (422, "payment_amount_does_not_match_order_amount")
        assert add_error(client, paid, {"payment": wrong["payment"]}) == (422, "validation_required")
        assert (len(world.ledger()["charges"]), world.ledger()["orders"][0]["services"]) == (1, [])

    def test_not_before_it_is_paid_nor_after_its_end(self, client, clock, offer, paid):
        (bag,) = available(client, paid)
        held = client.order(offer)
        assert available(client, held) == []
        assert add_error(client, held, addition(bag)) == (422, "unsupported_action")
        client.cancel(held)
        assert add_error(client, held, addition(bag)) == (422, "already_cancelled")
        clock.advance(timedelta(days=60))
        assert available(client, paid) == []
        assert add_error(client, paid, addition(bag)) == (422, "unsupported_action")


def extra_refund(client, offer):
    """What comes back more when an order with a seat and a bag is cancelled, and the prices of both."""
    seat, bag = a_seat(client, offer), bags(client, offer)[0]
    form_with, form_without = form(offer, (seat, 1), (bag, 1)), form(offer)
    for each in (form_with, form_without):
        each["passengers"][0]["identity_documents"] = [passport()]
    refunds = [
        Decimal(client.cancel(client.ok("POST", "/air/orders", each))["refund_amount"])
        for each in (form_with, form_without)
    ]
    return refunds[0] - refunds[1], price(seat), price(bag)


class TestGivingBack:
    @pytest.mark.parametrize(("brand", "share"), [("Flex", 1), ("Standard", 1), ("Basic", 0)])
    def test_bags_come_back_with_a_fare_that_does_and_seats_never(self, client, brand, share):
        more, _, bag = extra_refund(client, of_airline(client.search("LHR", "MAD"), "ZZ", brand))
        assert more == bag * share

    def test_all_comes_back_while_an_order_can_be_voided(self, client):
        more, seat, bag = extra_refund(client, of_airline(client.search("JFK", "MIA"), "AA", "Basic"))
        assert more == seat + bag


def test_an_exchange_leaves_them_behind(client, world, offer):
    seat = a_seat(client, offer)
    order = buy(client, offer, (seat, 1), (bags(client, offer)[0], 1))
    removed = [{"slice_id": order["slices"][0]["id"]}]
    added = [{"origin": "LHR", "destination": "MAD", "departure_date": "2026-04-26", "cabin_class": "economy"}]
    wish = {"order_id": order["id"], "slices": {"remove": removed, "add": added}}
    asked = client.ok("POST", "/air/order_change_requests", wish)
    chosen = asked["order_change_offers"][0]
    change = client.ok("POST", "/air/order_changes", {"selected_order_change_offer": chosen["id"]})
    payment = {"type": "balance", "amount": chosen["change_total_amount"], "currency": order["total_currency"]}
    client.ok("POST", f"/air/order_changes/{change['id']}/actions/confirm", {"payment": payment})
    after = client.ok("GET", f"/air/orders/{order['id']}")
    assert (after["services"], price(after)) == ([], Decimal(chosen["new_total_amount"]))
    assert price(after) == price(order) + Decimal(chosen["change_total_amount"]) - Decimal(
        chosen["penalty_total_amount"]
    )
    assert a_seat(client, offer)["id"] == seat["id"]
    assert available(client, after)


class TestMisbehaving:
    def test_asking_again_blindly_adds_again(self, client, world, paid):
        (bag,) = available(client, paid)
        world.faults.add(world.endpoints, {"endpoint": "orders.add_services", "kind": "lost_reply"})
        sent = client.send("POST", f"/air/orders/{paid['id']}/services", addition(bag))
        assert sent.delivery is Delivery.NO_REPLY
        assert len(add(client, paid, bag)["services"]) == 2
        assert len(world.ledger()["charges"]) == 3

    def test_what_others_took_is_gone_for_good(self, client, world, offer):
        seat = a_seat(client, offer)
        world.faults.add(world.endpoints, {"endpoint": "orders.create", "kind": "service_gone"})
        assert client.error("POST", "/air/orders", form(offer, (seat, 1))) == (422, "ancillary_service_not_available")
        assert world.ledger()["orders"] == []
        assert a_seat(client, offer)["id"] != seat["id"]
        buy(client, offer, (a_seat(client, offer), 1))

    @pytest.mark.parametrize(
        ("name", "at_once", "later"),
        [
            ("Servicetimeout", 0, 0),
            ("Servicelost", 1, 1),
            ("Servicelate", 0, 1),
            ("Serviceerror", 0, 0),
            ("Serviceunavailable", 0, 0),
            ("Servicegone", 0, 0),
        ],
    )
    def test_names_bring_faults_once(self, client, world, offer, name, at_once, later):
        order = client.order(offer, names=(name,))
        client.pay(order)
        (bag,) = available(client, order)
        reply = client.send("POST", f"/air/orders/{order['id']}/services", addition(bag))
        assert reply.delivery is Delivery.NO_REPLY or reply.status >= 400
        assert len(client.ok("GET", f"/air/orders/{order['id']}")["services"]) == at_once
        world.advance(timedelta(minutes=1))
        assert len(client.ok("GET", f"/air/orders/{order['id']}")["services"]) == later
        if name != "Servicegone":
            assert len(add(client, order, bag)["services"]) == later + 1


def test_ledger_and_fingerprint_tell_them(client, world, paid):
    (bag,) = available(client, paid)
    before = world.fingerprint()
    add(client, paid, bag)
    assert world.fingerprint() != before
    (told,) = world.ledger()["orders"][0]["services"]
    assert (told["type"], told["what"], told["quantity"], told["amount"]) == (
        "baggage",
        "checked",
        1,
        bag["total_amount"],
    )
    again = DuffelWorld(ManualClock(START))
    again.restore(world.snapshot())
    assert again.ledger() == world.ledger()

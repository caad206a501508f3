"""Over a real port: the official Python client unchanged, the controls, webhooks, silence."""

import contextlib
import hmac
import json
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256

import pytest
import requests
import uvicorn
from duffel_api import Duffel
from duffel_api.http_client import ApiError
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from app.domain.clock import ManualClock
from carriers.sandbox.duffel.world import DuffelWorld
from carriers.sandbox.server import create_app
from tests.carriers.sandbox.talk import DAY, HEADERS, START, Client, last_seat, order_form, person


@contextlib.contextmanager
def serving(app):
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.002)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def url(world):
    with serving(create_app(world, hang_seconds=0.3)) as address:
        yield address


@pytest.fixture
def duffel(url):
    return Duffel(access_token="duffel_test_token", api_url=url, api_version="v2")


def find(duffel, origin="LHR", destination="CDG", brand="Flex"):
    slices = [{"origin": origin, "destination": destination, "departure_date": DAY}]
    asked = duffel.offer_requests.create().return_offers().passengers([{"type": "adult"}]).slices(slices).execute()
    return next(
        offer for offer in asked.offers if offer.owner.iata_code == "ZZ" and offer.slices[0].fare_brand_name == brand
    )


def hold(duffel, offer, **more):
    people = [person(offer.passengers[0].id, **more)]
    return duffel.orders.create().hold().selected_offers([offer.id]).passengers(people).execute()


class TestTheOfficialClient:
    def test_from_search_to_refund(self, duffel, world):
        offer = duffel.offers.get(find(duffel).id, return_available_services=True)
        assert not offer.payment_requirements.requires_instant_payment
        order = hold(duffel, offer)
        assert order.payment_status.awaiting_payment
        assert order.total_amount == offer.total_amount
        payment = {"type": "balance", "amount": order.total_amount, "currency": order.total_currency}
        assert duffel.payments.create().order(order.id).payment(payment).execute().amount == order.total_amount
        paid = duffel.orders.get(order.id)
        assert paid.documents[0].unique_identifier.isdecimal()
        quote = duffel.order_cancellations.create(order.id)
        assert (quote.refund_amount, quote.confirmed_at) == (order.total_amount, None)
        assert duffel.order_cancellations.confirm(quote.id).confirmed_at is not None
        assert duffel.orders.get(order.id).cancelled_at is not None
        ledger = world.ledger()
        assert ledger["charges"][0]["amount"] == ledger["refunds"][0]["amount"] == order.total_amount

    def test_from_request_to_exchanged_ticket(self, duffel, world):
        offer = find(duffel)
        payment = {"type": "balance", "amount": offer.total_amount, "currency": offer.total_currency}
        people = [person(offer.passengers[0].id)]
        order = duffel.orders.create().selected_offers([offer.id]).passengers(people).payments([payment]).execute()
        add = {"origin": "LHR", "destination": "AMS", "departure_date": DAY, "cabin_class": "economy"}
        slices = {"add": [add], "remove": [{"slice_id": order.slices[0].id}]}
        asked = duffel.order_change_requests.create(order.id).slices(slices).execute()
        assert duffel.order_change_requests.get(asked.id).slices.add[0].destination == "AMS"
        by_price = list(duffel.order_change_offers.list(asked.id, sort="change_total_amount"))
        dearest = duffel.order_change_offers.get(by_price[-1].id)
        change = duffel.order_changes.create(dearest.id)
        assert (change.confirmed_at, change.change_total_amount) == (None, dearest.change_total_amount)
        due = {"type": "balance", "amount": change.change_total_amount, "currency": change.change_total_currency}
        assert duffel.order_changes.confirm(change.id, due).confirmed_at is not None
        assert duffel.order_changes.get(change.id).confirmed_at is not None
        after = duffel.orders.get(order.id)
        assert after.slices[0].segments[-1].destination.iata_code == "AMS"
        assert (after.total_amount, len(after.documents)) == (change.new_total_amount, 1)
        assert after.documents[0].unique_identifier != order.documents[0].unique_identifier
        assert world.ledger()["charges"][1]["amount"] == change.change_total_amount
        with pytest.raises(ApiError, match="already been confirmed"):
            duffel.order_changes.confirm(change.id, due)

    def test_an_instant_order_and_its_metadata(self, duffel):
        offer = find(duffel)
        payment = {"type": "balance", "amount": offer.total_amount, "currency": offer.total_currency}
        people = [person(offer.passengers[0].id)]
        creating = duffel.orders.create().selected_offers([offer.id]).passengers(people)
        order = creating.payments([payment]).execute()
        assert duffel.orders.update(order.id).metadata({"a": "b"}).execute().metadata == {"a": "b"}

    def test_seats_and_bags_with_an_instant_order(self, duffel):
        offer = duffel.offers.get(find(duffel, destination="MAD").id, return_available_services=True)
        bag, (plan,) = offer.available_services[0], duffel.seat_maps.get(offer.id)
        assert (bag.type, bag.metadata.maximum_weight_kg, plan.segment_id) == (
            "baggage",
            23,
            offer.slices[0].segments[0].id,
        )
        rows = (row for cabin in plan.cabins for row in cabin.rows)
        elements = (element for row in rows for section in row.sections for element in section.elements)
        seat = next(each for each in elements if each.type == "seat" and each.available_services)
        chosen = [{"id": bag.id, "quantity": 2}, {"id": seat.available_services[0].id, "quantity": 1}]
        total = Decimal(offer.total_amount) + 2 * Decimal(bag.total_amount)
        total += Decimal(seat.available_services[0].total_amount)
        payment = {"type": "balance", "amount": str(total), "currency": offer.total_currency}
        creating = duffel.orders.create().selected_offers([offer.id]).passengers([person(offer.passengers[0].id)])
        order = creating.services(chosen).payments([payment]).execute()
        assert (order.total_amount, [service.quantity for service in order.services]) == (str(total), [2, 1])
        assert order.services[1].metadata.designator == seat.designator
        assert order.slices[0].segments[0].passengers[0].seat.designator == seat.designator

    def test_lists_are_paged(self, duffel):
        offer = find(duffel)
        made = {hold(duffel, offer, family_name=f"Earhart{letter}").id for letter in "abc"}
        assert {order.id for order in duffel.orders.list(limit=1)} == made
        assert {order.id for order in duffel.orders.list(awaiting_payment=True, sort="pay_by")} == made
        assert "LHR" in {airport.iata_code for airport in duffel.airports.list(limit=200)}
        assert "Duffel Airways" in {airline.name for airline in duffel.airlines.list()}
        assert len(list(duffel.aircraft.list())) >= 5
        assert len(list(duffel.offer_requests.list())) == 1

    def test_offers_are_listed(self, duffel):
        slices = [{"origin": "DXB", "destination": "AMS", "departure_date": DAY}]
        asked = duffel.offer_requests.create().passengers([{"age": 30}]).slices(slices).execute()
        assert asked.offers == []
        prices = [float(offer.total_amount) for offer in duffel.offers.list(asked.id, sort="total_amount", limit=2)]
        assert prices == sorted(prices) and len(prices) > 2
        assert duffel.offer_requests.get(asked.id).offers

    def test_a_typed_error(self, duffel):
        offer = find(duffel)
        with pytest.raises(ApiError) as caught:
            hold(duffel, offer, born_on="2025-01-01")
        (error,) = caught.value.errors
        assert (error["type"], error["code"]) == ("validation_error", "validation_inclusion")
        assert caught.value.meta["status"] == 422
        assert caught.value.headers["x-request-id"] == caught.value.meta["request_id"]

    def test_webhooks(self, duffel):
        hook = duffel.webhooks.create().url("http://127.0.0.1:1/").events(["order.created"]).execute()
        assert hook.secret
        assert duffel.webhooks.ping(hook.id) is None
        assert duffel.webhooks.update(hook.id).active(False).execute().active is False


def test_the_forms_of_the_javascript_client(url):
    """It posts with a trailing slash, calls a hold `pay_later`, and sends lists as repeated parameters."""
    slices = [{"origin": "LHR", "destination": "CDG", "departure_date": DAY}]
    data = {"slices": slices, "passengers": [{"type": "adult"}], "cabin_class": "economy"}
    asked = requests.post(f"{url}/air/offer_requests/?return_offers=true", json={"data": data}, headers=HEADERS)
    form = order_form(asked.json()["data"]["offers"][0], "pay_later")
    made = requests.post(f"{url}/air/orders", json={"data": form}, headers=HEADERS)
    assert (made.status_code, made.json()["data"]["payment_status"]["awaiting_payment"]) == (201, True)
    names = [("passenger_name[]", "nobody"), ("passenger_name[]", "earhart")]
    found = requests.get(f"{url}/air/orders", params=names, headers=HEADERS).json()
    assert [order["id"] for order in found["data"]] == [made.json()["data"]["id"]]


def test_the_last_seat_is_sold_once_however_many_ask_at_once(url, world):
    offer = last_seat(Client(world))
    form = {"data": order_form(offer)}

    def ask(_number):
        return requests.post(f"{url}/air/orders", json=form, headers=HEADERS)

    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(ask, range(8)))
    assert sorted(reply.status_code for reply in replies) == [201] + [422] * 7
    assert len(world.ledger()["orders"]) == 1


class TestControls:
    def test_faults(self, url):
        made = requests.post(f"{url}/_sandbox/faults", json={"endpoint": "airlines.list", "kind": "error_503"})
        assert made.status_code == 201
        assert requests.get(f"{url}/_sandbox/faults").json()["faults"] == made.json()["faults"]
        assert requests.get(f"{url}/air/airlines", headers=HEADERS).status_code == 503
        assert requests.get(f"{url}/_sandbox/faults").json()["faults"] == []
        requests.post(f"{url}/_sandbox/faults", json={"endpoint": "*", "kind": "error_503", "times": None})
        assert requests.delete(f"{url}/_sandbox/faults").json() == {"removed": 1}
        wrong = requests.post(f"{url}/_sandbox/faults", json={"endpoint": "*", "kind": "flood"})
        assert wrong.status_code == 422 and "no kind" in wrong.json()["error"]

    @pytest.mark.parametrize("body", ["{", "[]", '{"advance_seconds": "1"}', '{"advance_seconds": -1}', "{}"])
    def test_the_clock_refuses_nonsense(self, url, body):
        assert requests.post(f"{url}/_sandbox/clock", data=body).status_code == 422

    def test_the_clock_and_the_ledger(self, url, duffel):
        order = hold(duffel, find(duffel))
        assert requests.get(f"{url}/_sandbox/ledger").json()["holds"][0]["state"] == "held"
        moved = requests.post(f"{url}/_sandbox/clock", json={"advance_seconds": 72 * 3600}).json()
        assert datetime.fromisoformat(moved["now"]) == datetime(2026, 3, 4, 9, tzinfo=UTC)
        assert requests.get(f"{url}/_sandbox/clock").json() == moved
        assert requests.get(f"{url}/_sandbox/ledger").json()["holds"][0]["state"] == "expired"
        assert duffel.orders.get(order.id).cancelled_at is not None

    def test_a_state_file_outlives_the_process(self, tmp_path):
        state = tmp_path / "duffel.state"
        ledgers = []
        for _ in range(2):
            with serving(create_app(DuffelWorld(ManualClock(START)), state_file=state)) as url:
                if not ledgers:
                    duffel = Duffel(access_token="t", api_url=url, api_version="v2")
                    hold(duffel, find(duffel))
                ledgers.append(requests.get(f"{url}/_sandbox/ledger").json())
        assert ledgers[0] == ledgers[1] and ledgers[0]["orders"]


class TestSilence:
    def test_a_client_that_gives_up_hears_nothing_and_the_world_goes_on(self, url, world):
        world.faults.add(world.endpoints, {"endpoint": "orders.list", "kind": "lost_reply"})
        with pytest.raises(requests.Timeout):
            requests.get(f"{url}/air/orders", headers=HEADERS, timeout=0.1)
        assert requests.get(f"{url}/air/orders", headers=HEADERS).status_code == 200

    def test_a_client_that_waits_is_cut_off(self, url, world):
        world.faults.add(world.endpoints, {"endpoint": "orders.list", "kind": "lost_reply"})
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            requests.get(f"{url}/air/orders", headers=HEADERS, timeout=5)

    def test_slow_is_slow(self, url, world):
        world.faults.add(world.endpoints, {"endpoint": "orders.list", "kind": "slow", "seconds": 0.2})
        started = time.monotonic()
        assert requests.get(f"{url}/air/orders", headers=HEADERS).status_code == 200
        assert time.monotonic() - started >= 0.2


def test_an_event_arrives_signed_and_again_after_a_refusal(url, duffel):
    inbox, answers = queue.Queue(), [500, 200]

    async def hear(request):
        inbox.put((request.headers["x-duffel-signature"], await request.body()))
        return Response(status_code=answers.pop(0))

    with serving(Starlette(routes=[Route("/hear", hear, methods=["POST"])])) as receiver:
        hook = duffel.webhooks.create().url(f"{receiver}/hear").events(["order.created"]).execute()
        order = hold(duffel, find(duffel))
        signature, body = inbox.get(timeout=5)
        # The sandbox may not have heard the refusal yet, from which the next try is counted.
        until = time.monotonic() + 30
        while inbox.empty() and time.monotonic() < until:
            requests.post(f"{url}/_sandbox/clock", json={"advance_seconds": 6})
            time.sleep(0.01)
        _, again = inbox.get_nowait()
    stamped = dict(part.split("=", 1) for part in signature.split(","))
    expected = hmac.new(hook.secret.encode(), f"{stamped['t']}.".encode() + body, sha256).hexdigest()
    assert stamped["v1"] == expected
    event = json.loads(body)
    assert (event["type"], event["data"]["object"]["id"], event["idempotency_key"]) == (
        "order.created",
        order.id,
        order.id,
    )
    assert again == body

"""Duffel's codes and statuses, one by one: only what is documented becomes a Refusal, and nothing personal leaks."""

import json
import logging
from contextlib import suppress
from datetime import timedelta

import pytest

from app.domain.clock import ManualClock
from app.domain.errors import Refusal, Trouble, Unknown
from app.domain.refusals import CarrierRefused, InvalidInput, NotFound, OfferExpired, SoldOut
from app.domain.travellers import DocumentKind, IdentityDocument
from app.wire.messages import Response
from app.wire.transport import AiohttpTransport
from app.wire.wire import Wire
from carriers.contract import OrderState
from carriers.duffel.errors import MEANINGS
from carriers.duffel.profile import ACCEPTED_SETTLE_DELAY
from carriers.registry import carriers
from carriers.sandbox.duffel.world import DuffelWorld
from tests.carriers.contract import Desk
from tests.carriers.test_duffel import QUERY
from tests.carriers.worlds import READ_DEADLINE, START, TOKEN, SandboxTransport, in_process, settings

PASSPORT = IdentityDocument(kind=DocumentKind.PASSPORT, number="19KL56147", issuing_country="GB")


class Canned(SandboxTransport):
    """Gives one endpoint's answer itself; with `effect` the world acts all the same."""

    def __init__(self, world, endpoint, answer, *, effect):
        super().__init__(world)
        self.endpoint = endpoint
        self.answer = answer
        self.effect = effect

    async def send(self, request, timeout):
        if not request.url.endswith(self.endpoint) or request.method != "POST":
            return await super().send(request, timeout)
        if self.effect:
            await super().send(request, timeout)
        return self.answer


def no(status, code="", kind="invalid_state_error", pointer=None, message="Amelia Earhart may not"):
    source = {} if pointer is None else {"source": {"pointer": pointer, "field": pointer.rsplit("/", 1)[-1]}}
    error = {"type": kind, "code": code, "title": message, "message": message} | source
    return Response(status=status, body=json.dumps({"errors": [error], "meta": {"status": status}}).encode())


def desk(endpoint, answer, *, effect=False):
    clock = ManualClock(START)
    world = DuffelWorld(clock)
    return Desk(in_process(world, clock, Canned(world, endpoint, answer, effect=effect)), clock)


def honest():
    """A desk at the sandbox as it is."""
    clock = ManualClock(START)
    return Desk(in_process(DuffelWorld(clock), clock), clock)


async def holding(answer, **facts):
    """What holding raises when Duffel answers this."""
    at = desk("/air/orders", answer)
    offer = await at.offer(QUERY)
    with pytest.raises((Refusal, Trouble, Unknown)) as raised:
        await at.hold(offer, **facts)
    return raised.value


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (no(422, "offer_no_longer_available", "airline_error"), SoldOut),
        (no(422, "offer_expired"), OfferExpired),
        (no(404, "not_found", "invalid_request_error"), OfferExpired),
        (no(422, "price_changed", "airline_error"), OfferExpired),
        (no(422, "insufficient_balance"), CarrierRefused),
        (no(502, "order_not_created", "airline_error"), CarrierRefused),
        (no(422, "a_code_of_tomorrow", "airline_error"), Trouble),
        (no(422, "validation_required", "validation_error", "/data/selected_offers"), Trouble),
        (no(400, "missing_version_header", "invalid_request_error"), Trouble),
        (no(401, "access_token_not_found", "authentication_error"), Trouble),
        (no(403, "insufficient_permissions", "authentication_error"), Trouble),
        (no(503, "service_unavailable", "api_error"), Trouble),
        (Response(status=302), Trouble),
        (Response(status=404, body=b"<html>"), Trouble),
        (no(500, "internal_server_error", "api_error"), Unknown),
        (no(500, "offer_expired"), Unknown),
        (no(502, "airline_internal", "airline_error"), Unknown),
        (no(504, "gateway_timeout", "api_error"), Unknown),
        (Response(status=502, body=b"<html>Bad Gateway</html>"), Unknown),
        (Response(status=201, body=b"{"), Unknown),
        (Response(status=201, body=b"[]"), Unknown),
        (Response(status=201, body=b'{"data": {}}'), Unknown),
        (Response(status=200, body=b""), Unknown),
        (Response(status=202, body=b"{}"), Unknown),
        (Response(status=500, body=b"[" * 100_000), Unknown),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else f"{value.status} {value.body[:60]!r}",
)
async def test_what_an_answer_to_an_order_means(answer, kind):
    assert type(await holding(answer)) is kind


@pytest.mark.parametrize("status", [200, 201, 202])
async def test_an_order_that_is_not_all_there_yet_is_looked_up_late(status):
    assert (await holding(Response(status=status, body=b'{"data": {"id": "ord_1"}}'))).settle_delay == (
        ACCEPTED_SETTLE_DELAY
    )


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ("/data/passengers/0/phone_number", ("passengers", "0", "phone")),
        ("/data/passengers/1/identity_documents/0/expires_on", ("passengers", "1", "document")),
        ("/data/passengers/0/user_id", ("passengers", "0")),
        ("/data/passengers", ("passengers",)),
    ],
)
async def test_a_travellers_fault_names_the_field_in_our_words(pointer, path):
    refused = await holding(no(422, "validation_format", "validation_error", pointer))
    assert (type(refused), refused.path) == (InvalidInput, path)


async def test_the_real_sandbox_names_the_field_too():
    at = honest()
    offer = await at.offer(QUERY)
    with pytest.raises(InvalidInput) as refused:
        await at.hold(offer, phone="not a number")
    assert refused.value.path == ("passengers", "0", "phone")


async def test_a_refused_token_is_our_misconfiguration_and_is_not_shown():
    trouble = await holding(no(401, "access_token_not_found", "authentication_error", message=f"{TOKEN} is unknown"))
    assert "settings" in str(trouble)
    assert TOKEN not in repr(trouble)


BOOKED = no(422, "offer_request_already_booked", "validation_error")


class TestOrderedAlready:
    """Duffel says an order was made from this search: mostly ours, whose answer was lost."""

    async def test_ours_is_answered(self):
        at = desk("/air/orders", BOOKED, effect=True)
        order = await at.hold(await at.offer(QUERY))
        assert order.state is OrderState.HELD
        assert order == await at.carrier.find("key-1", since=START)

    async def test_another_bookings_is_a_refusal(self):
        at = desk("/air/orders", BOOKED, effect=True)
        offer = await at.offer(QUERY)
        await at.hold(offer, "key-of-another")
        at.carrier._calls._account._wire._transport.effect = False
        with pytest.raises(OfferExpired):
            await at.hold(offer)

    async def test_one_that_cannot_be_seen_is_unknown_for_long(self):
        unknown = await holding(BOOKED)
        assert (type(unknown), unknown.settle_delay) == (Unknown, ACCEPTED_SETTLE_DELAY)


@pytest.mark.parametrize("reason", ["insufficient_balance", None])
async def test_a_payment_that_failed_is_a_refusal(reason):
    failed = {"data": {"id": "pay_1", "status": "failed", "failure_reason": reason}}
    at = desk("/air/payments", Response(status=201, body=json.dumps(failed).encode()))
    order = await at.hold(await at.offer(QUERY))
    with pytest.raises(CarrierRefused) as refused:
        await at.pay(order)
    assert refused.value.reason == (reason or "payment_failed")


async def test_a_payment_under_way_is_unknown_for_long():
    at = desk("/air/payments", Response(status=201, body=b'{"data": {"status": "pending"}}'))
    order = await at.hold(await at.offer(QUERY))
    with pytest.raises(Unknown) as unknown:
        await at.pay(order)
    assert unknown.value.settle_delay == ACCEPTED_SETTLE_DELAY


async def test_a_paid_order_that_duffel_still_shows_unpaid_is_confirmed():
    at = desk("/air/payments", Response(status=201, body=b'{"data": {"status": "succeeded"}}'))
    order = await at.hold(await at.offer(QUERY))
    assert (await at.carrier.order(order.ref)).state is OrderState.HELD
    assert (await at.pay(order)).state is OrderState.CONFIRMED


async def test_a_cancellation_confirmed_without_its_facts_is_still_one():
    at = desk("/actions/confirm", Response(status=200, body=b'{"data": {}}'))
    order = await at.hold(await at.offer(QUERY))
    cancelled = await at.cancel(order)
    assert (cancelled.ref, cancelled.refund) == (order.ref, None)


async def test_a_quote_that_stays_stale_is_trouble():
    at = desk("/actions/confirm", no(422, "order_cancellation_stale"))
    order = await at.hold(await at.offer(QUERY))
    with pytest.raises(Trouble):
        await at.cancel(order)


async def test_what_cannot_be_cancelled_is_a_refusal():
    at = desk("/air/order_cancellations", no(422, "order_not_cancellable"))
    order = await at.hold(await at.offer(QUERY))
    with pytest.raises(CarrierRefused) as refused:
        await at.cancel(order)
    assert refused.value.reason == "order_not_cancellable"


async def test_an_order_nobody_knows_is_not_found_when_cancelling():
    at = honest()
    with pytest.raises(NotFound):
        await at.carrier.cancel("ord_of_nobody", at.call("key-3"))


@pytest.mark.parametrize("endpoint", ["/air/orders", "/air/payments", "/air/order_cancellations", "/actions/confirm"])
@pytest.mark.parametrize("code", MEANINGS)
async def test_no_documented_code_leaves_the_client_as_anything_but_our_errors(code, endpoint):
    at = desk(endpoint, no(422, code))
    with suppress(Refusal, Trouble, Unknown):
        order = await at.hold(await at.offer(QUERY))
        await at.pay(order)
        await at.cancel(order)


SECRETS = (TOKEN, "Amelia", "Earhart", "amelia@example.com", "+442080160509", "19KL56147", "1987-07-24")


@pytest.mark.parametrize("status", [201, 401, 422, 500, 502, 503])
async def test_nothing_secret_or_personal_is_logged_or_raised(status, caplog):
    caplog.set_level(logging.DEBUG)
    raised = await holding(no(status, message=" ".join(SECRETS)), document=PASSPORT)
    told = caplog.text + repr(raised) + str(raised) + repr(raised.__cause__) + repr(vars(raised))
    assert "/air/orders" in caplog.text
    assert not [secret for secret in SECRETS if secret in told]


async def test_nothing_personal_is_raised_for_a_traveller_duffel_does_not_take(caplog):
    caplog.set_level(logging.DEBUG)
    pointer = "/data/passengers/0/phone_number"
    refused = await holding(no(422, "invalid_phone_number", "validation_error", pointer, message=" ".join(SECRETS)))
    assert not [secret for secret in SECRETS if secret in caplog.text + repr(refused) + str(refused)]


async def test_an_address_where_nobody_answers_is_trouble():
    clock = ManualClock(START)
    async with AiohttpTransport() as transport:
        account = settings("http://127.0.0.1:1", {"write_deadline_seconds": 1})
        carrier = carriers([account], Wire(transport, clock), clock, read_deadline=READ_DEADLINE).get("duffel")
        with pytest.raises(Trouble):
            await carrier.search(QUERY, deadline=timedelta(seconds=0.2))
        offer = await honest().offer(QUERY)
        with pytest.raises(Trouble):
            await Desk(carrier, clock).hold(offer)

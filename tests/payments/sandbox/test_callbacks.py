"""Callbacks: signed for their body, repeated until taken, and everything that can happen to them on their way."""

import json
from datetime import timedelta

import jwt
import pytest

from app.domain.errors import Access
from carriers.sandbox.exchange import Request
from carriers.sandbox.faults import FaultError
from carriers.sandbox.payments.world import ORIGIN
from tests.payments.sandbox.talk import act, events, kinds, opened, seen
from tests.payments.worlds import CALLBACK_URL, CHALLENGED, ask, callbacks, in_process_provider, listen


def fault(world, endpoint, kind, **more):
    world.faults.add(world.endpoints, {"endpoint": endpoint, "kind": kind, **more})


def paid(world, payer, key="open", number="4242424242424242"):
    charge = opened(world, key)
    payer.submit(charge["form_url"], number)
    return charge


def published(world, method="GET", path="/.well-known/jwks.json"):
    return [key["kid"] for key in world.handle(Request(method, path)).json()["keys"]]


def claims_of(headers):
    return jwt.decode(headers["Payment-Signature"], options={"verify_signature": False})


class TestSignatures:
    def test_the_token_says_who_for_whom_when_and_what(self, world, payer, clock):
        charge = paid(world, payer)
        ((headers, body),) = callbacks(world)
        claims, now = claims_of(headers), int(clock.now().timestamp())
        header = jwt.get_unverified_header(headers["Payment-Signature"])
        assert (header["alg"], header["typ"], [header["kid"]]) == ("ES256", "payment-callback+jwt", published(world))
        assert (claims["iss"], claims["aud"], claims["iat"], claims["exp"]) == (ORIGIN, CALLBACK_URL, now, now + 300)
        event = json.loads(body)
        assert claims["event"] == event["event"]
        assert (event["kind"], event["charge"], event["payment"]) == ("payment.authorised", charge["id"], "pm_000001")

    async def test_each_delivery_is_signed_anew_for_the_same_event(self, world, payer, clock):
        paid(world, payer)
        provider = in_process_provider(world, clock)
        (first,) = world.pending_webhooks()
        world.webhook_delivered(first.delivery_id, 503)
        clock.advance(timedelta(minutes=6))
        (second,) = world.pending_webhooks()
        early, late = claims_of(first.headers), claims_of(second.headers)
        assert early["jti"] != late["jti"] and early["event"] == late["event"]
        assert (await provider.hear(second.headers, second.body))[0].event == early["event"]
        with pytest.raises(Access):
            await provider.hear(first.headers, first.body)

    async def test_keys_are_replaced_without_a_gap(self, world, payer, clock):
        provider = in_process_provider(world, clock)
        paid(world, payer, "1")
        (before,) = callbacks(world)
        assert await provider.hear(*before)
        (old,) = published(world)
        clock.advance(timedelta(minutes=2))
        assert published(world, "POST", "/_sandbox/keys")[1:] == [old]
        paid(world, payer, "2")
        (after,) = callbacks(world)
        assert await provider.hear(*before) and await provider.hear(*after)
        assert old not in published(world, "DELETE", "/_sandbox/keys")
        fresh = in_process_provider(world, clock)
        assert await fresh.hear(*after)
        with pytest.raises(Access):
            await fresh.hear(*before)

    async def test_what_was_signed_for_another_address_is_turned_away(self, world, payer, clock):
        paid(world, payer)
        ((headers, body),) = callbacks(world)
        elsewhere = in_process_provider(world, clock, callback_url="https://other.example/callbacks")
        with pytest.raises(Access):
            await elsewhere.hear(headers, body)
        with pytest.raises(Access, match="not set up"):
            await in_process_provider(world, clock, callback_url=None).hear(headers, body)


class TestDelivery:
    def test_it_is_repeated_ever_more_rarely_for_three_days(self, world, payer, clock):
        paid(world, payer)
        posted = 0
        for _ in range(80):
            for message in world.pending_webhooks():
                world.webhook_delivered(message.delivery_id, None)
                posted += 1
            clock.advance(timedelta(hours=1))
        assert 20 < posted < 40

    def test_what_was_taken_is_not_sent_again(self, world, payer, clock):
        paid(world, payer)
        assert kinds(world) == ["authorised"]
        clock.advance(timedelta(days=1))
        assert kinds(world) == []

    def test_an_address_registers_once(self, world, payer):
        listen(world)
        told = ask(world, "POST", "/v1/callbacks", {"url": CALLBACK_URL}).json()
        assert (told["issuer"], told["audience"]) == (ORIGIN, CALLBACK_URL)
        paid(world, payer)
        assert kinds(world) == ["authorised"]

    def test_every_address_gets_its_own(self, world, payer):
        other = "https://other.example/callbacks"
        ask(world, "POST", "/v1/callbacks", {"url": other})
        paid(world, payer)
        assert {message.url for message in world.pending_webhooks()} == {CALLBACK_URL, other}


class TestMischief:
    def test_a_card_can_ask_for_a_late_callback(self, world, payer, clock):
        charge = paid(world, payer, number="4000000000010035")
        assert (seen(world, charge)["state"], kinds(world)) == ("authorised", [])
        clock.advance(timedelta(minutes=10))
        assert kinds(world) == ["authorised"]

    def test_for_two_of_the_same_event(self, world, payer):
        paid(world, payer, number="4000000000010043")
        first, second = events(world)
        assert first == second

    def test_or_for_none(self, world, payer, clock):
        paid(world, payer, number="4000000000010068")
        clock.advance(timedelta(days=3))
        assert kinds(world) == []

    def test_a_fault_makes_the_next_one_late_so_that_it_is_overtaken(self, world, payer, clock):
        fault(world, "callbacks.send", "callback_late", seconds=60)
        charge = paid(world, payer)
        act(world, charge, "capture", amount_minor=1)
        assert kinds(world) == ["captured"]
        clock.advance(timedelta(minutes=1))
        assert kinds(world) == ["authorised"]

    def test_a_fault_doubles_the_next_one(self, world, payer):
        fault(world, "callbacks.send", "callback_twice")
        paid(world, payer)
        assert kinds(world) == ["authorised"] * 2

    def test_a_fault_loses_all_of_them(self, world, payer, clock):
        fault(world, "*", "callback_lost", times=None)
        paid(world, payer)
        clock.advance(timedelta(hours=1))
        assert kinds(world) == []

    @pytest.mark.parametrize(("number", "state"), [("4242424242424242", "authorised"), ("4000000000000002", "open")])
    def test_an_early_one_hints_at_what_cannot_be_seen_yet(self, world, payer, clock, number, state):
        fault(world, "forms.card", "callback_early", seconds=20)
        charge = opened(world)
        assert payer.submit(charge["form_url"], number) == {}
        assert (kinds(world), seen(world, charge)["state"]) == (["authorised"], "open")
        clock.advance(timedelta(seconds=20))
        assert (seen(world, charge)["state"], seen(world, charge)["attempts"]) == (state, 1)
        assert kinds(world) == []

    def test_a_challenge_and_a_kept_card_can_hint_early_too(self, world, payer, clock):
        first, second = opened(world, "1"), opened(world, "2")
        asked = payer.submit(first["form_url"], CHALLENGED)
        fault(world, "forms.challenge", "callback_early", seconds=20)
        fault(world, "charges.authorise", "callback_early", seconds=20)
        assert payer.answer(asked["challenge_url"], passed=True) == {}
        ask(world, "POST", f"/v1/charges/{second['id']}/authorise", {"card": "tok_approved"}, "k")
        assert {event["charge"] for event in events(world)} == {first["id"], second["id"]}
        clock.advance(timedelta(seconds=20))
        assert {seen(world, charge)["state"] for charge in (first, second)} == {"authorised"}
        assert kinds(world) == []

    def test_calls_and_callbacks_have_faults_of_their_own(self, world, payer):
        with pytest.raises(FaultError, match="calls only"):
            fault(world, "callbacks.send", "slow")
        with pytest.raises(FaultError, match=r"callbacks\.send"):
            fault(world, "charges.open", "callback_lost")
        fault(world, "*", "slow", times=3)
        act(world, opened(world), "close")
        assert kinds(world) == ["closed"]
        assert world.faults.as_json()[0]["times"] == 1

"""The merchants' API: keys, states, amounts and times."""

from datetime import timedelta

import pytest

from carriers.sandbox.exchange import Request
from tests.payments.sandbox.talk import WISH, act, error, kinds, opened, seen
from tests.payments.worlds import KEY, ask


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer sk_live_1", "Basic sandbox_key", "sandbox_key"])
def test_without_a_key_nobody_is_let_in(world, authorization):
    reply = world.handle(Request("GET", "/v1/charges/ch_1", {}, {"authorization": authorization}))
    assert (reply.status, reply.json()["error"]["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("path", ["/v1/nothing", "/", "/v1/charges/ch_1/explode"])
def test_there_is_nothing_else(world, path):
    assert ask(world, "POST", path).status == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount_minor": 0},
        {"amount_minor": -1},
        {"amount_minor": True},
        {"amount_minor": "100"},
        {"amount_minor": 10.5},
        {"amount_minor": 10**13},
        {"currency": "GBX"},
        {"currency": None},
        {"payment": " "},
        {"origins": "https://shop.example"},
        {"origins": [1]},
        {"outcome_url": "ftp://gateway.example"},
        {"expires_at": "tomorrow"},
        {"expires_at": "2026-03-01T09:30:00"},
        {"expires_at": 1},
    ],
)
def test_a_wish_that_makes_no_sense_is_invalid_and_may_be_corrected_under_its_key(world, wrong):
    reply = ask(world, "POST", "/v1/charges", WISH | wrong, "open")
    assert (reply.status, reply.json()["error"]["code"]) == (422, "invalid")
    assert opened(world)["state"] == "open"


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b'{"payment": "\\ud800"}', b"\xff"])
def test_an_unreadable_body_is_invalid(world, body):
    headers = {"authorization": f"Bearer {KEY}", "idempotency-key": "k"}
    assert world.handle(Request("POST", "/v1/charges", {}, headers, body)).status == 422


def test_a_write_needs_an_idempotency_key(world):
    assert ask(world, "POST", "/v1/charges", WISH).json()["error"]["code"] == "invalid"
    assert world.ledger()["charges"] == []


@pytest.mark.parametrize(
    "query",
    [{}, {"since": "yesterday"}, {"since": "2026-03-01T09:00:00"}, {"since": "2026-03-01T09:00:00Z", "after": "ch_1"}],
)
def test_a_list_is_asked_by_key_or_by_time(world, query):
    reply = ask(world, "GET", "/v1/charges", **query)
    assert (reply.status, reply.json()["error"]["code"]) == (422, "invalid")


class TestIdempotencyKeys:
    def test_the_same_input_gets_the_same_answer_and_has_one_effect(self, world):
        first = ask(world, "POST", "/v1/charges", WISH, "k")
        again = ask(world, "POST", "/v1/charges", dict(reversed(WISH.items())), "k")
        assert (again.status, again.body) == (first.status, first.body)
        assert again.headers["idempotent-replayed"] == "true"
        assert len(world.ledger()["charges"]) == 1

    def test_another_input_is_refused(self, world):
        charge = opened(world, "k")
        assert error(act(world, charge, "close", "k")) == (409, "key_reused")
        assert ask(world, "POST", "/v1/charges", WISH | {"reference": "OTHER1"}, "k").status == 409
        assert seen(world, charge)["state"] == "open"

    def test_a_no_stays_a_no(self, world, payer):
        charge = opened(world)
        assert error(act(world, charge, "capture", "k", amount_minor=1)) == (409, "wrong_state")
        payer.submit(charge["form_url"])
        assert error(act(world, charge, "capture", "k", amount_minor=1)) == (409, "wrong_state")
        assert act(world, charge, "capture", "k2", amount_minor=1)[0] == 200

    def test_an_unknown_charge_is_not_remembered(self, world):
        nobody = {"id": "ch_nobody"}
        assert error(act(world, nobody, "close", "k")) == (404, "charge_not_found")
        assert act(world, opened(world, "open"), "close", "k")[0] == 200


class TestTimes:
    def test_a_form_that_expires_closes_the_charge(self, world, clock, payer):
        charge = opened(world)
        clock.advance(timedelta(minutes=30))
        assert payer.submit(charge["form_url"]) == {"state": "expired"}
        assert (seen(world, charge)["state"], kinds(world)) == ("closed", ["closed"])
        assert world.ledger()["charges"][0]["ending"] == "expired"

    def test_a_challenge_is_too_late_then(self, world, clock, payer):
        charge = opened(world)
        asked = payer.submit(charge["form_url"], "4000002760003184")
        clock.advance(timedelta(minutes=30))
        assert payer.answer(asked["challenge_url"], passed=True) == {"state": "expired"}

    def test_a_charge_that_is_expired_from_the_start_takes_nothing(self, world, payer):
        charge = opened(world, expires_at="2026-03-01T08:00:00Z")
        assert payer.submit(charge["form_url"]) == {"state": "expired"}

    def test_what_is_authorised_outlives_its_form_and_lapses_after_seven_days(self, world, clock, payer):
        charge = opened(world)
        payer.submit(charge["form_url"])
        assert seen(world, charge)["authorised_until"] == "2026-03-08T09:00:00Z"
        clock.advance(timedelta(days=7) - timedelta(seconds=1))
        assert seen(world, charge)["state"] == "authorised"
        clock.advance(timedelta(seconds=1))
        assert error(act(world, charge, "capture", amount_minor=1)) == (409, "wrong_state")
        assert (world.ledger()["charges"][0]["ending"], kinds(world)) == ("lapsed", ["authorised", "closed"])

    def test_what_was_captured_in_time_stays(self, world, clock, payer):
        charge = opened(world)
        payer.submit(charge["form_url"])
        act(world, charge, "capture", amount_minor=10_000)
        clock.advance(timedelta(days=30))
        assert seen(world, charge)["state"] == "captured"


def test_the_ledger_adds_up_in_each_currency(world, payer):
    pounds, more, euros = opened(world, "1"), opened(world, "2"), opened(world, "3", currency="EUR")
    for charge in (pounds, more, euros):
        payer.submit(charge["form_url"])
    act(world, pounds, "capture", amount_minor=9_000)
    act(world, pounds, "refunds", "r1", amount_minor=2_000)
    act(world, pounds, "refunds", "r2", amount_minor=500)
    act(world, euros, "capture", amount_minor=10_000)
    ledger = world.ledger()
    assert ledger["totals"] == {
        "GBP": {"authorised_minor": 10_000, "captured_minor": 9_000, "refunded_minor": 2_500, "net_minor": 6_500},
        "EUR": {"authorised_minor": 0, "captured_minor": 10_000, "refunded_minor": 0, "net_minor": 10_000},
    }
    first = ledger["charges"][0]
    assert (first["payment"], first["reference"], first["key"]) == ("pm_000001", "B7K2Q9", "1")
    assert [refund["key"] for refund in first["refunds"]] == ["r1", "r2"]


def test_each_change_is_announced_once(world, payer):
    charge = opened(world)
    payer.submit(charge["form_url"], "4000000000000002")
    payer.submit(charge["form_url"])
    act(world, charge, "capture", amount_minor=10_000)
    act(world, charge, "refunds", amount_minor=1)
    act(world, charge, "close")
    act(world, opened(world, "other"), "close")
    assert kinds(world) == ["declined", "authorised", "captured", "refunded", "closed"]

"""What can be wrong with a mutation is an answer, with a path and a sentence; what is not known yet is an operation."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from app.booking.desk import Desk
from app.store.engine import MemoryStore
from app.store.tables import BookingRow, OperationRow, OperationState
from app.verbs import verbs
from schema.operation import OperationVerb
from tests.schema.gateway import ADA, CANCEL, ERASE, PAY, RESERVE, UPDATE, impatient, open_gateway

PASSENGERS = "query ($id: ID!) { booking(id: $id) { passengers { id } } }"
OPERATION = """query ($id: ID!) { operation(id: $id) {
    verb state endedAt nextAttemptAt error { code } booking { id state } steps { name state attempts } } }"""
CHILD = ADA | {"givenName": "Byron", "bornOn": "2020-05-12"}
BABY = ADA | {"givenName": "Ralph", "bornOn": "2025-07-02"}

WRONG = {
    "no passengers": ({"passengers": []}, ["input", "passengers"], "priced for: 1; named here: 0"),
    "two for one": ({"passengers": [ADA, ADA]}, ["input", "passengers"], "priced for: 1; named here: 2"),
    "a baby alone": ({"passengers": [BABY]}, ["input", "passengers"], "nobody is named who fits"),
    "a child for an adult": ({"passengers": [CHILD]}, ["input", "passengers"], "a place for an adult"),
    "no name": ({"passengers": [ADA | {"givenName": " "}]}, ["input", "passengers", "0", "givenName"], "1 to 40"),
    "long name": ({"passengers": [ADA | {"familyName": "x" * 41}]}, ["input", "passengers", "0", "familyName"], "40"),
    "tab in a name": (
        {"passengers": [ADA | {"familyName": "Love\tlace"}]},
        ["input", "passengers", "0", "familyName"],
        "cannot be written",
    ),
    "not born yet": (
        {"passengers": [ADA | {"bornOn": "2026-12-10"}]},
        ["input", "passengers", "0", "bornOn"],
        "future",
    ),
    "born long ago": ({"passengers": [ADA | {"bornOn": "1815-12-10"}]}, ["input", "passengers", "0", "bornOn"], "120"),
    "no e-mail": ({"passengers": [ADA | {"email": "ada"}]}, ["input", "passengers", "0", "email"], "e-mail"),
    "local phone": (
        {"passengers": [ADA | {"phone": "020 8016"}]},
        ["input", "passengers", "0", "phone"],
        "+442080160508",
    ),
    "untold gender": ({"passengers": [ADA | {"title": "DR"}]}, ["input", "passengers", "0", "gender"], "gender"),
    "expired passport": (
        {
            "passengers": [
                ADA
                | {
                    "document": {
                        "kind": "PASSPORT",
                        "number": "5123",
                        "issuingCountry": "GB",
                        "expiresOn": "2020-01-01",
                    }
                }
            ]
        },
        ["input", "passengers", "0", "document"],
        "expired",
    ),
    "no document number": (
        {"passengers": [ADA | {"document": {"kind": "PASSPORT", "number": " ", "issuingCountry": "GB"}}]},
        ["input", "passengers", "0", "document"],
        "document number",
    ),
    "an airline by its name": (
        {"passengers": [ADA | {"loyalty": [{"airline": "Air France", "number": "1"}]}]},
        ["input", "passengers", "0", "loyalty"],
        "IATA code",
    ),
    "no account number": (
        {"passengers": [ADA | {"loyalty": [{"airline": "af", "number": ""}]}]},
        ["input", "passengers", "0", "loyalty"],
        "account number",
    ),
    "no offers": ({"offers": []}, ["input", "offers"], "1 to 4 offers"),
    "five offers": ({"offers": ["x"] * 5}, ["input", "offers"], "1 to 4 offers"),
    "endless offer": ({"offers": ["x" * 2049]}, ["input", "offers", "0"], "2048 characters at most"),
    "another currency": (
        {"acceptUpTo": {"amount": "100", "currency": "EUR"}},
        ["input", "acceptUpTo"],
        "the offers' currency, GBP",
    ),
    "half a penny": (
        {"acceptUpTo": {"amount": "100.005", "currency": "GBP"}},
        ["input", "acceptUpTo", "amount"],
        "more decimals than GBP allows",
    ),
    "endless reference": ({"partnerReference": "x" * 256}, ["input", "partnerReference"], "255 characters at most"),
    "no key": ({"idempotencyKey": ""}, ["input", "idempotencyKey"], "1 to 255 characters"),
    "our own key": ({"idempotencyKey": "faregate:expire"}, ["input", "idempotencyKey"], "cannot begin with"),
}


@pytest.mark.parametrize(("given", "path", "words"), WRONG.values(), ids=WRONG)
async def test_what_cannot_be_reserved_as_written(gateway, given, path, words):
    payload = await gateway.reserve(**given)
    (error,) = payload["errors"]
    assert words in error["message"]
    assert error["path"] == path
    assert (error["code"], error["advice"]) == ("INVALID_INPUT", "CORRECT_INPUT")
    assert payload["booking"] is payload["operation"] is None
    assert payload["warnings"] == []


WRONG_TYPES = {
    "unknown title": ({"passengers": [ADA | {"title": "SIR"}]}, ["input", "passengers", "0", "title"], "SIR"),
    "no such day": ({"passengers": [ADA | {"bornOn": "1990-02-30"}]}, ["input", "passengers", "0", "bornOn"], "Date"),
    "missing phone": (
        {"passengers": [{name: fact for name, fact in ADA.items() if name != "phone"}]},
        ["input", "passengers", "0"],
        "phone",
    ),
    "unknown currency": (
        {"acceptUpTo": {"amount": "1", "currency": "XXY"}},
        ["input", "acceptUpTo", "currency"],
        "CurrencyCode",
    ),
    "offers as a number": ({"offers": [7]}, ["input", "offers", "0"], "7"),
}


@pytest.mark.parametrize(("given", "path", "words"), WRONG_TYPES.values(), ids=WRONG_TYPES)
async def test_the_wrong_type_is_told_with_its_path(gateway, given, path, words):
    wish = {"idempotencyKey": "k", "offers": ["x"], "passengers": [ADA], **given}
    (error,) = (await gateway.ask(RESERVE, input=wish)).errors
    assert words in error.message
    assert error.extensions == {"code": "BAD_USER_INPUT", "path": path}


@pytest.mark.parametrize(
    ("method", "words"),
    [({}, "'PaymentMethodInput' must specify exactly one key"), ({"onAccount": None}, "'onAccount' must be non-null")],
    ids=["none", "null"],
)
async def test_exactly_one_payment_method_is_named(gateway, method, words):
    (error,) = (await gateway.ask(PAY, input={"idempotencyKey": "k", "bookingId": "bk_1", "method": method})).errors
    assert words in error.message
    assert error.extensions == {"code": "BAD_USER_INPUT"}


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({}, ["input", "changes"], "Say what to change"),
        ({"givenName": None}, ["input", "changes", "givenName"], "cannot be removed"),
        ({"bornOn": None}, ["input", "changes", "bornOn"], "cannot be removed"),
    ],
)
async def test_changes_that_cannot_be_meant(gateway, changes, path, words):
    payload = await gateway.act(UPDATE, bookingId="bk_1", travellerId="tv_1", changes=changes)
    (error,) = payload["errors"]
    assert words in error["message"]
    assert error["path"] == path


async def test_an_expired_offer(gateway):
    offer = gateway.house.token(await gateway.house.holdable())
    gateway.house.clock.advance(timedelta(days=2))
    (error,) = (await gateway.reserve(offers=[offer]))["errors"]
    assert (error["__typename"], error["advice"]) == ("OfferExpired", "SEARCH_AGAIN")
    assert error["path"] == ["input", "offers", "0"]


async def test_the_same_key_and_input_answer_the_same_operation(gateway):
    wish = {
        "idempotencyKey": "once",
        "offers": [gateway.house.token(await gateway.house.holdable())],
        "passengers": [ADA],
    }
    first, second = [(await gateway.data(RESERVE, input=wish))["reserve"] for _ in range(2)]
    assert first == second
    other = (await gateway.data(RESERVE, input=wish | {"partnerReference": "else"}))["reserve"]
    assert (other["errors"][0]["code"], other["errors"][0]["path"]) == ("KEY_REUSED", ["input", "idempotencyKey"])
    assert other["booking"] is None


async def test_what_the_carrier_refuses_is_an_error_and_the_booking_says_so(gateway):
    payload = await gateway.reserve(passengers=[ADA | {"familyName": "Soldout"}])
    assert [error["__typename"] for error in payload["errors"]] == ["SoldOut"]
    assert payload["booking"]["state"] == "REJECTED"
    shown = (await gateway.data(OPERATION, id=payload["operation"]["id"]))["operation"]
    assert (shown["verb"], shown["state"], shown["error"]) == ("RESERVE", "REFUSED", {"code": "SOLD_OUT"})
    assert {"name": "hold", "state": "REFUSED", "attempts": 1} in shown["steps"]


async def test_what_ends_while_it_is_answered_is_not_shown_as_refused_without_the_reason(gateway, monkeypatch):
    take = Desk.take

    async def seen_open(*given, **how):
        return replace(await take(*given, **how), state=OperationState.OPEN, refusal=None)

    monkeypatch.setattr(Desk, "take", seen_open)
    payload = await gateway.reserve(passengers=[ADA | {"familyName": "Soldout"}])
    assert payload["operation"]["state"] == "REFUSED"
    assert [error["__typename"] for error in payload["errors"]] == ["SoldOut"]


async def test_what_the_carrier_does_not_accept_of_a_passenger_has_its_place_in_the_clients_input(gateway):
    payload = await gateway.reserve(passengers=[ADA | {"familyName": "Love_lace"}])
    (error,) = payload["errors"]
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "passengers", "0", "familyName"])
    assert payload["booking"]["state"] == "REJECTED"


async def test_a_lost_answer_is_an_open_operation_and_no_error(gateway):
    gateway.services = impatient(gateway.services)
    payload = await gateway.reserve(passengers=[ADA | {"familyName": "Lostreply"}])
    await gateway.house.runner.drain()
    assert payload["errors"] == []
    assert payload["operation"]["state"] == "OPEN"
    shown = (await gateway.data(OPERATION, id=payload["operation"]["id"]))["operation"]
    assert shown["endedAt"] is None
    assert shown["nextAttemptAt"] is not None
    assert {"name": "hold", "state": "ASKING", "attempts": 1} in shown["steps"]
    unfinished = "query ($id: ID!) { booking(id: $id) { openOperations { id state } } }"
    booking = (await gateway.data(unfinished, id=payload["booking"]["id"]))["booking"]
    assert booking["openOperations"] == [payload["operation"]]
    busy = await gateway.act(CANCEL, bookingId=payload["booking"]["id"])
    assert busy["errors"][0]["__typename"] == "BookingBusy"
    await gateway.house.quiet()
    ended = (await gateway.data(OPERATION, id=payload["operation"]["id"]))["operation"]
    assert (ended["state"], ended["booking"]["state"], ended["nextAttemptAt"]) == ("DONE", "HELD", None)


async def test_money_that_is_only_reserved_is_shown_as_such(gateway):
    booking_id = await gateway.held(passengers=[ADA | {"familyName": "Paylost"}])
    gateway.services = impatient(gateway.services)
    payload = await gateway.pay(booking_id)
    await gateway.house.runner.drain()
    assert (payload["errors"], payload["operation"]["state"]) == ([], "OPEN")
    query = """query ($id: ID!) { booking(id: $id) {
        state paymentState paid { amount } balance { amount } payments { status amount { amount } } } }"""
    assert (await gateway.data(query, id=booking_id))["booking"] == {
        "state": "HELD",
        "paymentState": "AUTHORISED",
        "paid": {"amount": "0.00"},
        "balance": {"amount": "36.37"},
        "payments": [{"status": "AUTHORISED", "amount": {"amount": "36.37"}}],
    }
    await gateway.house.quiet()
    assert (await gateway.data(query, id=booking_id))["booking"] == {
        "state": "TICKETED",
        "paymentState": "PAID",
        "paid": {"amount": "36.37"},
        "balance": {"amount": "0.00"},
        "payments": [{"status": "CAPTURED", "amount": {"amount": "36.37"}}],
    }


class YieldingStore(MemoryStore):
    """Lets others run once what it wrote is committed, as a database over a socket does."""

    async def write(self, body):
        written = await super().write(body)
        await asyncio.sleep(0)
        return written


@pytest.mark.parametrize("steps", range(4))
async def test_a_client_that_goes_away_leaves_nothing_waiting(steps):
    gateway = await open_gateway(store=YieldingStore())
    request = asyncio.create_task(gateway.reserve())
    opened = 0
    while not opened:
        await asyncio.sleep(0)
        opened = len(await gateway.house.rows(select(OperationRow.id)))
    for _ in range(steps):
        await asyncio.sleep(0)
    request.cancel()
    await asyncio.wait({request})
    for _ in range(200):
        await asyncio.sleep(0)
    assert request.cancelled()
    assert await gateway.house.rows(select(BookingRow.state)) == ["HELD"]


async def test_each_mutation_of_a_request_sees_what_those_before_it_did(gateway):
    booking_id = await gateway.held()
    query = """mutation ($pay: PayInput!, $cancel: CancelInput!) {
        first: pay(input: $pay) { booking { state paymentState } errors { code } }
        second: cancel(input: $cancel) { booking { state } errors { code ... on WrongState { state } } } }"""
    pay = {"idempotencyKey": "p", "bookingId": booking_id, "method": {"onAccount": {}}}
    data = await gateway.data(query, pay=pay, cancel={"idempotencyKey": "c", "bookingId": booking_id})
    assert data["first"] == {"booking": {"state": "TICKETED", "paymentState": "PAID"}, "errors": []}
    assert data["second"]["errors"] == [{"code": "WRONG_STATE", "state": "TICKETED"}]


async def test_a_cancelled_booking_is_not_shown_as_it_was_before(gateway):
    booking_id = await gateway.held()
    query = """mutation ($one: UpdatePassengerInput!, $two: CancelInput!) {
        one: updatePassenger(input: $one) { errors { code } } before: cancel(input: $two) { booking { state } } }"""
    wrong = {"idempotencyKey": "1", "bookingId": booking_id, "travellerId": "tv_0", "changes": {"email": "a@b.example"}}
    data = await gateway.data(query, one=wrong, two={"idempotencyKey": "2", "bookingId": booking_id})
    assert data == {"one": {"errors": [{"code": "NOT_FOUND"}]}, "before": {"booking": {"state": "CANCELLED"}}}


async def test_a_failing_mutation_does_not_hide_what_another_did(gateway, monkeypatch):
    booking_id = await gateway.held()

    async def broken(*_):
        raise RuntimeError

    monkeypatch.setattr("schema.mutation_pay.take_pay", broken)
    query = """mutation ($cancel: CancelInput!, $pay: PayInput!) {
        cancel(input: $cancel) { booking { state } } pay(input: $pay) { booking { state } } }"""
    pay = {"idempotencyKey": "p", "bookingId": booking_id, "method": {"onAccount": {}}}
    cancel = {"idempotencyKey": "c", "bookingId": booking_id}
    answer = await gateway.ask(query, pay=pay, cancel=cancel)
    assert answer.data == {"cancel": {"booking": {"state": "CANCELLED"}}, "pay": None}
    assert [error.extensions["code"] for error in answer.errors] == ["INTERNAL"]


async def test_paying_too_late_and_beyond_the_credit(gateway):
    booking_id = await gateway.held()
    limit = {"amount": "200000.00", "currency": "GBP"}
    (beyond,) = (await gateway.pay(booking_id, acceptUpTo=limit))["errors"]
    assert (beyond["__typename"], beyond["money"]) == ("CreditExceeded", "NONE")
    gateway.house.clock.advance(timedelta(days=4))
    (late,) = (await gateway.pay(booking_id))["errors"]
    assert late["__typename"] == "PaymentTooLate"
    await gateway.house.quiet()
    states = "query ($id: ID!) { booking(id: $id) { state timeline { kind actor } } }"
    booking = (await gateway.data(states, id=booking_id))["booking"]
    assert booking["state"] == "EXPIRED"
    assert booking["timeline"][-1] == {"kind": "ITEM_EXPIRED", "actor": "system"}


async def test_every_verb_that_is_journalled_can_be_shown(gateway):
    journalled = {name.partition("@")[0] for name in verbs(gateway.house.desk.tools)}
    assert journalled == {verb.value for verb in OperationVerb}


async def test_a_booking_in_the_wrong_state_is_named_by_its_path(gateway):
    booking = await gateway.held()
    (traveller,) = (await gateway.data(PASSENGERS, id=booking))["booking"]["passengers"]
    erased = await gateway.act(ERASE, bookingId=booking, travellerId=traveller["id"])
    await gateway.act(CANCEL, bookingId=booking)
    cancelled = await gateway.act(CANCEL, bookingId=booking)
    changes = {"familyName": "Byron"}
    updated = await gateway.act(UPDATE, bookingId=booking, travellerId=traveller["id"], changes=changes)
    told = [error for payload in (erased, cancelled, updated) for error in payload["errors"]]
    assert [(error["code"], error["path"]) for error in told] == [("WRONG_STATE", ["input", "bookingId"])] * 3

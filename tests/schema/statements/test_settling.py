"""Settling as clients see it: payments, credit notes, disputes, and an account that is late."""

from datetime import timedelta

import pytest

from tests.schema.gateway import PAY, same_as_committed
from tests.schema.statements.accounts import CREDIT, DISPUTE, RECORD, RESOLVE, pounds

OVERDUE = """mutation ($input: PayInput!) { pay(input: $input) { errors { __typename code advice money
    ... on AccountOverdue { statementId dueOn outstanding { amount currency } } } } }"""
FAR = timedelta(days=15)


async def total(accounts, row):
    return (await accounts.shown(row.id))["total"]["amount"]


async def test_a_recorded_payment_settles_and_its_key_records_it_once(accounts):
    row = await accounts.closed()
    wish = {"statementId": row.id, "amount": pounds(await total(accounts, row)), "reference": "SEPA 7"}
    given = {"idempotencyKey": "paid-1", "paidOn": "2026-04-01"} | wish
    first = await accounts.operator.data(RECORD, input=given)
    same_as_committed("record_statement_payment", first)
    assert await accounts.operator.data(RECORD, input=given) == first
    (payment,) = (await accounts.shown(row.id))["payments"]
    assert payment["reference"] == "SEPA 7"


async def test_a_credit_note_lessens_what_is_to_be_paid(accounts):
    row = await accounts.closed()
    given = {"idempotencyKey": "c", "statementId": row.id, "amount": pounds("1.50"), "reason": "goodwill"}
    same_as_committed("issue_credit_note", await accounts.operator.data(CREDIT, input=given))


async def test_a_dispute_that_is_upheld_becomes_a_credit_note(accounts):
    row = await accounts.closed()
    wish = {"idempotencyKey": "d", "statementId": row.id, "amount": pounds("10.00"), "reason": "never travelled"}
    opened = await accounts.gateway.data(DISPUTE, input=wish)
    same_as_committed("open_dispute", opened)
    (dispute,) = opened["openDispute"]["statement"]["disputes"]
    given = {"idempotencyKey": "e", "disputeId": dispute["id"], "upheld": True, "note": "they are right"}
    same_as_committed("resolve_dispute", await accounts.operator.data(RESOLVE, input=given))
    again = await accounts.resolve(dispute["id"], upheld=False)
    assert [error["code"] for error in again["errors"]] == ["WRONG_STATE"]
    assert (again["operation"]["state"], len(again["statement"]["creditNotes"])) == ("REFUSED", 1)


async def test_a_dispute_that_is_rejected_is_payable_again(accounts):
    row = await accounts.closed()
    payload = await accounts.dispute(row.id, await total(accounts, row))
    assert payload["statement"]["payable"] == {"amount": "0.00"}
    (dispute,) = payload["statement"]["disputes"]
    rejected = (await accounts.resolve(dispute["id"], upheld=False))["statement"]
    assert rejected["payable"] == rejected["outstanding"] == {"amount": row_amount(row)}
    assert (rejected["disputes"][0]["state"], rejected["creditNotes"]) == ("REJECTED", [])


def row_amount(row):
    return f"{row.total_minor / 100:.2f}"


async def test_no_more_than_is_payable(accounts):
    row = await accounts.closed()
    await accounts.dispute(row.id, "30.00")
    payable = f"{(row.total_minor - 3000) / 100:.2f}"
    credit = {"statementId": row.id, "amount": pounds("10.00"), "reason": "x", "idempotencyKey": "credit"}
    for payload in (
        await accounts.record(row.id, "10.00"),
        await accounts.dispute(row.id, "10.00"),
        await accounts.operator.act(CREDIT, **credit),
    ):
        (error,) = payload["errors"]
        assert (error["__typename"], error["path"]) == ("ExceedsOutstanding", ["input", "amount"])
        assert error["outstanding"] == {"amount": payable}
        assert (payload["operation"]["state"], payload["statement"]["payable"]) == ("REFUSED", {"amount": payable})


WRONG = {
    "another currency": ({"amount": {"amount": "1.00", "currency": "EUR"}}, ["input", "amount"]),
    "nothing": ({"amount": pounds("0.00")}, ["input", "amount"]),
    "half a penny": ({"amount": pounds("1.005")}, ["input", "amount", "amount"]),
    "a day to come": ({"paidOn": "2026-04-02"}, ["input", "paidOn"]),
    "an endless reference": ({"reference": "x" * 256}, ["input", "reference"]),
}


@pytest.mark.parametrize(("given", "path"), WRONG.values(), ids=WRONG)
async def test_what_cannot_be_recorded_as_written(accounts, given, path):
    row = await accounts.closed()
    (error,) = (await accounts.record(row.id, "1.00", **given))["errors"]
    assert (error["code"], error["path"]) == ("INVALID_INPUT", path)


async def test_nothing_is_paid_on_account_while_a_statement_is_late(accounts):
    row = await accounts.closed()
    await accounts.gateway.house.later(FAR)
    assert (await accounts.shown(row.id))["overdue"] is True
    given = {"bookingId": await accounts.gateway.held(), "method": {"onAccount": {}}}
    assert (await accounts.gateway.act(OVERDUE, **given))["errors"] == [
        {
            "__typename": "AccountOverdue",
            "code": "ACCOUNT_OVERDUE",
            "advice": "GIVE_UP",
            "money": "NONE",
            "statementId": row.id,
            "dueOn": (await accounts.shown(row.id))["dueOn"],
            "outstanding": pounds(row_amount(row)),
        }
    ]
    await accounts.record(row.id, row_amount(row))
    assert (await accounts.shown(row.id))["overdue"] is False
    assert (await accounts.gateway.act(PAY, **given))["booking"]["state"] == "TICKETED"


async def test_what_is_disputed_is_not_late(accounts):
    row = await accounts.closed()
    await accounts.gateway.house.later(FAR)
    await accounts.dispute(row.id, row_amount(row))
    assert (await accounts.shown(row.id))["overdue"] is False
    paid = await accounts.gateway.pay(await accounts.gateway.held())
    assert paid["errors"] == []


async def test_a_carriers_statement_is_paid_like_a_partners(accounts):
    await accounts.closed()
    (row,) = await accounts.rows("CARRIER")
    assert row.currency == "GBP"
    payload = await accounts.record(row.id, row_amount(row))
    assert (payload["errors"], payload["statement"]["state"]) == ([], "SETTLED")

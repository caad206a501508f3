"""Whose statements are seen: one's own, and by operators everybody's; to others they do not exist."""

from dataclasses import replace

import pytest

from app.domain.partner import Scope
from tests.booking.house import OTHER, PARTNER
from tests.schema.statements.accounts import (
    CARRIER_STATEMENTS,
    CREDIT,
    DISPUTE,
    RECORD,
    RESOLVE,
    STATEMENT,
    STATEMENTS,
    pounds,
)

NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
AMOUNT = {"statementId": "st_1", "amount": pounds("1.00")}
PAYMENT = AMOUNT | {"reference": "SEPA 7", "paidOn": "2026-04-01"}
FOR_OPERATORS = {
    "recordStatementPayment": (RECORD, PAYMENT),
    "issueCreditNote": (CREDIT, AMOUNT | {"reason": "x"}),
    "resolveDispute": (RESOLVE, {"disputeId": "di_1", "upheld": True, "note": "x"}),
}
MUTATIONS = FOR_OPERATORS | {"openDispute": (DISPUTE, AMOUNT | {"reason": "x"})}
READS = {"statement": STATEMENT, "statements": STATEMENTS, "carrierStatements": CARRIER_STATEMENTS}


@pytest.fixture
async def theirs(accounts):
    """The ids of a partner's statement, of a dispute of it, and of a carrier's statement."""
    row = await accounts.closed()
    await accounts.dispute(row.id, "1.00")
    (dispute,) = (await accounts.shown(row.id))["disputes"]
    (carriers,) = await accounts.rows("CARRIER")
    return row.id, dispute["id"], carriers.id


async def nodes(gateway, ids, partner=PARTNER):
    found = (await gateway.data(NODES, partner=partner, ids=ids))["nodes"]
    return [node and (node["__typename"], node["id"]) for node in found]


async def test_a_node_is_found_by_its_own_partner_and_by_operators(accounts, theirs):
    statement, dispute, carriers = theirs
    own = [("SettlementStatement", statement), ("StatementDispute", dispute)]
    assert await nodes(accounts.gateway, theirs) == [*own, None]
    assert await nodes(accounts.gateway, theirs, OTHER) == [None] * 3
    assert await nodes(accounts.operator, theirs, OTHER) == [*own, ("SettlementStatement", carriers)]


async def test_a_stranger_is_answered_as_if_nothing_were_there(accounts, theirs):
    statement, _, carriers = theirs
    for name in (statement, carriers, "st_nothing", "st_\0", "st_é", ""):
        assert await accounts.shown(name, OTHER) is None
    assert (await accounts.gateway.data(STATEMENTS, partner=OTHER))["statements"]["nodes"] == []
    foreign, nothing = [
        await accounts.gateway.act(DISPUTE, partner=OTHER, **AMOUNT | {"statementId": name, "reason": "x"})
        for name in (statement, "st_nothing")
    ]
    assert foreign == nothing
    assert [error["__typename"] for error in foreign["errors"]] == ["NotFound"]


async def test_a_carriers_statement_is_not_a_partners_to_dispute(accounts, theirs):
    payload = await accounts.dispute(theirs[2], "1.00")
    assert [error["code"] for error in payload["errors"]] == ["NOT_FOUND"]


async def test_operators_list_any_partners_statements(accounts, theirs):
    listed = (await accounts.operator.ask(STATEMENTS, partner=OTHER, partnerId=PARTNER.id)).data["statements"]
    assert [node["id"] for node in listed["nodes"]] == [theirs[0]]


async def test_of_another_partner_only_operators_ask(accounts, theirs):
    (error,) = (await accounts.gateway.ask(STATEMENTS, partner=OTHER, partnerId=PARTNER.id)).errors
    assert error.extensions == {"code": "FORBIDDEN"}
    assert await accounts.gateway.data(STATEMENTS, partnerId=PARTNER.id) == await accounts.gateway.data(STATEMENTS)


async def test_carriers_statements_are_for_operators(accounts):
    (error,) = (await accounts.gateway.ask(CARRIER_STATEMENTS)).errors
    assert error.extensions == {"code": "FORBIDDEN"}


@pytest.mark.parametrize(("mutation", "given"), FOR_OPERATORS.values(), ids=FOR_OPERATORS)
async def test_settling_is_for_operators(accounts, mutation, given):
    answer = await accounts.gateway.ask(mutation, input={"idempotencyKey": "k", **given})
    assert [error.extensions for error in answer.errors] == [{"code": "FORBIDDEN"}]


@pytest.mark.parametrize("query", READS.values(), ids=READS)
async def test_reading_needs_the_scope_book(gateway, query):
    searcher = replace(gateway, scopes=frozenset({Scope.SEARCH, Scope.REFUND, Scope.INTERNAL}))
    answer = await searcher.ask(query, id="st_1")
    assert [error.extensions for error in answer.errors] == [{"code": "FORBIDDEN"}]


@pytest.mark.parametrize(("mutation", "given"), MUTATIONS.values(), ids=MUTATIONS)
async def test_changing_needs_the_scope_book(gateway, mutation, given):
    searcher = replace(gateway, scopes=frozenset({Scope.SEARCH, Scope.REFUND, Scope.INTERNAL}))
    answer = await searcher.ask(mutation, input={"idempotencyKey": "k", **given})
    assert [error.extensions for error in answer.errors] == [{"code": "FORBIDDEN"}]

"""Another partner's things: every answer equals the one for what does not exist, and no scope means no answer."""

import json
import re
from dataclasses import replace

import pytest

from app.domain.partner import Scope
from app.store.aftersales_tables import QuoteKind
from tests.booking.house import OTHER
from tests.schema.bookings.aftersales import EXCHANGE, GIVE_BACK, QUOTE_EXCHANGE, QUOTE_REFUND, REFUND
from tests.schema.bookings.quoted import quoted, refund_quote
from tests.schema.gateway import CANCEL, ERASE, PAY, RESERVE, UPDATE

IDS = """query ($id: ID!) { booking(id: $id) {
    id reference items { id } passengers { id } tickets { id } payments { id operationId } quotes { id } } }"""
MUTATIONS = {
    "pay": (PAY, {"method": {"onAccount": {}}}),
    "cancel": (CANCEL, {}),
    "updatePassenger": (UPDATE, {"travellerId": "tv_000004", "changes": {"email": "new@example.org"}}),
    "quoteRefund": (QUOTE_REFUND, {}),
    "quoteExchange": (
        QUOTE_EXCHANGE,
        {"items": [{"item": "it_000005", "journeys": [{"journey": "sli_1", "date": "2026-06-03"}]}]},
    ),
    "giveBack": (GIVE_BACK, {}),
    "eraseTraveller": (ERASE, {"travellerId": "tv_000004"}),
}
QUERIES = {
    "booking": "query ($id: ID!) { booking(id: $id) { id } }",
    "bookingByReference": "query ($id: String!) { bookingByReference(reference: $id) { id } }",
    "operation": "query ($id: ID!) { operation(id: $id) { id } }",
    "node": "query ($id: ID!) { node(id: $id) { __typename id } }",
}


@pytest.fixture
async def theirs(gateway):
    """Everything of one partner that has an id, by its prefix."""
    booking_id = await gateway.ticketed()
    await quoted(gateway, QuoteKind.REFUND, await refund_quote(gateway))
    booking = (await gateway.data(IDS, id=booking_id))["booking"]
    ids = re.findall(r'"((?:bk|it|tv|tk|py|op|qt)_\w+)"', json.dumps(booking))
    return {name.partition("_")[0]: name for name in ids} | {"reference": booking["reference"]}


async def test_every_kind_has_been_made(theirs):
    assert sorted(theirs) == ["bk", "it", "op", "py", "qt", "reference", "tk", "tv"]


KINDS = {
    "bk": "Booking",
    "it": "BookingItem",
    "tv": "Traveller",
    "tk": "Ticket",
    "py": "Payment",
    "op": "Operation",
    "qt": "RefundQuote",
}


async def test_a_node_is_found_by_its_own_partner_alone(gateway, theirs):
    ids = [theirs[prefix] for prefix in KINDS]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    own = (await gateway.data(query, ids=[*ids, "bk_nothing", "nonsense", "xx_1"]))["nodes"]
    assert own == [{"__typename": KINDS[name.partition("_")[0]], "id": name} for name in ids] + [None] * 3
    assert (await gateway.data(query, partner=OTHER, ids=ids))["nodes"] == [None] * len(ids)


@pytest.mark.parametrize(("field", "query"), QUERIES.items(), ids=QUERIES)
async def test_queries_answer_a_stranger_as_if_nothing_were_there(gateway, theirs, field, query):
    for name in theirs.values():
        foreign = await gateway.ask(query, partner=OTHER, id=name)
        nothing = await gateway.ask(query, partner=OTHER, id="bk_nothing")
        assert foreign.errors is None
        assert foreign.data == nothing.data == {field: None}


@pytest.mark.parametrize(("mutation", "given"), MUTATIONS.values(), ids=MUTATIONS)
async def test_mutations_answer_a_stranger_as_if_nothing_were_there(gateway, theirs, mutation, given):
    foreign = await gateway.act(mutation, partner=OTHER, bookingId=theirs["bk"], **given)
    nothing = await gateway.act(mutation, partner=OTHER, bookingId="bk_nothing", **given)
    assert foreign == nothing
    assert foreign["booking"] is None
    assert foreign["operation"] is None
    assert foreign["errors"][0]["__typename"] == "NotFound"
    assert foreign["errors"][0]["path"] == ["input", "bookingId"]


async def test_a_strangers_offer_is_as_invalid_as_a_forged_one(gateway):
    offer = gateway.house.token(await gateway.house.holdable())
    answers = [await gateway.reserve(partner=OTHER, offers=[text]) for text in (offer, "forged")]
    assert answers[0] == answers[1]
    assert answers[0]["errors"][0]["__typename"] == "OfferInvalid"
    assert answers[0]["errors"][0]["path"] == ["input", "offers", "0"]


async def test_a_strangers_cursor_begins_a_page_of_ones_own(gateway, theirs):
    query = """query ($after: String, $filter: BookingFilter) {
        bookings(after: $after, filter: $filter) { nodes { id } pageInfo { endCursor } } }"""
    cursor = (await gateway.data(query))["bookings"]["pageInfo"]["endCursor"]
    assert (await gateway.data(query, partner=OTHER, after=cursor))["bookings"]["nodes"] == []
    for wanted in ({"reference": theirs["reference"]}, {"passengerName": "lovelace"}, {}):
        assert (await gateway.data(query, partner=OTHER, filter=wanted))["bookings"]["nodes"] == []


async def test_one_partners_keys_are_not_anothers(gateway):
    given = {"idempotencyKey": "same", "bookingId": "bk_nothing"}
    await gateway.data(CANCEL, input=given | {"bookingId": await gateway.held()})
    assert (await gateway.data(CANCEL, partner=OTHER, input=given))["cancel"]["errors"][0]["code"] == "NOT_FOUND"


async def test_accounts_are_ones_own(gateway, theirs):
    query = "{ viewer { credit { limit { amount currency } owed { amount } available { amount } } } }"
    (pounds,) = [
        credit for credit in (await gateway.data(query))["viewer"]["credit"] if credit["limit"]["currency"] == "GBP"
    ]
    assert pounds["limit"]["amount"] == "100000.00"
    assert (pounds["owed"]["amount"], pounds["available"]["amount"]) == ("36.37", "99963.63")
    assert (await gateway.data(query, partner=OTHER))["viewer"]["credit"] == []


READS = {
    **QUERIES,
    "nodes": "query ($id: ID!) { nodes(ids: [$id]) { id } }",
    "bookings": "{ bookings { nodes { id } } }",
    "credit": "{ viewer { credit { owed { amount } } } }",
}


@pytest.mark.parametrize("query", READS.values(), ids=READS)
async def test_reading_needs_the_scope_book(gateway, query):
    searcher = replace(gateway, scopes=frozenset({Scope.SEARCH, Scope.REFUND, Scope.INTERNAL}))
    answer = await searcher.ask(query, id="bk_1")
    assert [error.extensions for error in answer.errors] == [{"code": "FORBIDDEN"}]


@pytest.mark.parametrize(
    ("mutation", "given"),
    [(RESERVE, {"offers": ["x"], "passengers": []}), *((m, {"bookingId": "bk_1"} | g) for m, g in MUTATIONS.values())],
    ids=["reserve", *MUTATIONS],
)
async def test_changing_needs_the_scope_book(gateway, mutation, given):
    searcher = replace(gateway, scopes=frozenset({Scope.SEARCH, Scope.REFUND, Scope.INTERNAL}))
    answer = await searcher.ask(mutation, input={"idempotencyKey": "k", **given})
    assert [error.extensions for error in answer.errors] == [{"code": "FORBIDDEN"}]


AFTER_SALES = {
    "quoteRefund": (QUOTE_REFUND, {"bookingId": "bk_1"}),
    "refund": (REFUND, {"quoteId": "qt_1"}),
    "giveBack": (GIVE_BACK, {"bookingId": "bk_1"}),
    "quoteExchange": (QUOTE_EXCHANGE, {"bookingId": "bk_1", "items": []}),
    "exchange": (EXCHANGE, {"quoteId": "qt_1"}),
}


@pytest.mark.parametrize("missing", [Scope.BOOK, Scope.REFUND])
@pytest.mark.parametrize(("mutation", "given"), AFTER_SALES.values(), ids=AFTER_SALES)
async def test_after_sales_needs_the_scopes_book_and_refund(gateway, mutation, given, missing):
    asking = replace(gateway, scopes=frozenset(Scope) - {missing})
    answer = await asking.ask(mutation, input={"idempotencyKey": "k", **given})
    assert [error.extensions for error in answer.errors] == [{"code": "FORBIDDEN"}]
    assert missing in answer.errors[0].message


async def test_too_many_ids_at_once(gateway):
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    (error,) = (await gateway.ask(query, ids=["bk_1"] * 101)).errors
    assert error.extensions["path"] == ["ids"]


@pytest.mark.parametrize("name", ["bk_\0", "bk_\ud800", "bk_é", "'; DROP TABLE booking; --", ""])
async def test_ids_of_no_kind_of_ours_are_nobodys(gateway, name):
    for query in QUERIES.values():
        answer = await gateway.ask(query, id=name)
        assert answer.errors is None
        assert list(answer.data.values()) == [None]

"""A page costs a fixed, small number of statements, however many bookings are on it."""

import re
from datetime import timedelta

from sqlmodel import select

from app.store.aftersales_tables import CarrierChangeRow, QuoteKind, QuoteRow
from app.store.tables import (
    BookingRow,
    EntryRow,
    EventRow,
    ItemRow,
    OperationRow,
    PaymentRow,
    TicketRow,
    TravellerRow,
)
from tests.schema.bookings.quoted import quoted, refund_quote
from tests.schema.gateway import operation

PAGE = operation("booking_page")
_KINDS = (
    BookingRow,
    ItemRow,
    TravellerRow,
    TicketRow,
    PaymentRow,
    EntryRow,
    EventRow,
    OperationRow,
    QuoteRow,
    CarrierChangeRow,
)


async def asked(gateway, statements, first):
    statements.clear()
    data = await gateway.data(PAGE, first=first)
    full = [node for node in data["bookings"]["nodes"] if node["tickets"][0]["passenger"] and node["timeline"]]
    return len(full), len(statements)


def copied(value, number):
    """The row once more, with ids and a reference of its own."""
    match value:
        case dict():
            return {copied(name, number): copied(part, number) for name, part in value.items()}
        case list():
            return [copied(part, number) for part in value]
        case str():
            return re.sub(r"^(bk|it|tv|tk|py|op|qt|cc)_\w+$", rf"\g<0>x{number}", value)
        case _:
            return value


def multiply(session, times):
    """As many bookings like the one there is, with all that belongs to it."""
    for kind in _KINDS:
        for row in session.exec(select(kind)).all():
            for number in range(times):
                facts = copied(row.model_dump(), number)
                facts |= {"reference": f"REF{number}"} if kind is BookingRow else {}
                facts |= {"key": f"{row.key}/{number}"} if kind is OperationRow else {}
                facts |= {"id": None} if kind in (EntryRow, EventRow) else {}
                session.add(kind(**facts))
        session.flush()


async def test_fifty_bookings_cost_the_same_statements_as_five(gateway, statements):
    await gateway.ticketed()
    await gateway.house.store.write(lambda session: multiply(session, 49))
    assert await asked(gateway, statements, 5) == (5, 9)
    assert await asked(gateway, statements, 50) == (50, 9)


async def test_every_statement_names_the_partner(gateway, statements):
    await gateway.ticketed()
    await asked(gateway, statements, 5)
    assert statements
    assert [statement for statement in statements if "partner_id" not in statement.partition("WHERE")[2]] == []


OUTCOMES = """query ($first: Int!) { bookings(first: $first) { nodes { payments { formUrl outcome { __typename
    ... on PaymentProcessing { operation { id } } ... on PaymentFailed { error { code } } } } } } }"""


async def test_what_became_of_every_bookings_payments_costs_a_statement_a_level(gateway, statements):
    booking_id = await gateway.held()
    gateway.house.fault("payments.create", "price_changed")
    await gateway.pay(booking_id)
    await gateway.house.store.write(lambda session: multiply(session, 49))
    for first in (5, 50):
        statements.clear()
        nodes = (await gateway.data(OUTCOMES, first=first))["bookings"]["nodes"]
        assert [payment["outcome"]["error"] for node in nodes for payment in node["payments"]] == [
            {"code": "PRICE_CHANGED"}
        ] * first
        assert len(statements) == 3


QUOTES = """query ($first: Int!) { bookings(first: $first) { nodes { quotes { state expired
    ... on RefundQuote { parts { item { id } covers { id } shares { ticket { id } } } sources { to } } } } } }"""


async def test_every_bookings_quotes_cost_a_statement_a_level(gateway, statements):
    await gateway.ticketed()
    await quoted(gateway, QuoteKind.REFUND, await refund_quote(gateway))
    await gateway.house.store.write(lambda session: multiply(session, 49))
    for first in (5, 50):
        statements.clear()
        nodes = (await gateway.data(QUOTES, first=first))["bookings"]["nodes"]
        (quote,) = nodes[-1]["quotes"]
        assert (len(nodes), quote["expired"], quote["sources"]) == (first, False, [{"to": "ACCOUNT"}])
        # The page, its quotes, whether they hold, and their items, travellers, tickets and payments.
        assert len(statements) == 7


CHANGES = """query ($first: Int!) { bookings(first: $first) { nodes { changes { state choices item { id }
    removed { segments { fares { passengerId } } } added { departsAt } } } } }"""


async def test_every_bookings_changes_cost_a_statement_a_level(gateway, statements):
    await gateway.ticketed()
    gateway.house.change_flight(gateway.house.orders()[0]["booking_reference"])
    await gateway.house.later(timedelta(days=2))
    await gateway.house.store.write(lambda session: multiply(session, 49))
    for first in (5, 50):
        statements.clear()
        nodes = (await gateway.data(CHANGES, first=first))["bookings"]["nodes"]
        assert [change["state"] for node in nodes for change in node["changes"]] == ["OPEN"] * first
        # The page, its changes, and their items.
        assert len(statements) == 3

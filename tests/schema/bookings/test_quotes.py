"""Quotes as clients see them: every amount apart, why it is so, and whether it still can be confirmed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from app.domain.aftersales import RefundForm, Rule, RuleGround
from app.domain.itinerary import PassengerType
from app.domain.money import Money
from app.domain.quotes import ArrivalBasis, RefundSource
from app.store.aftersales_tables import QuoteKind, QuoteState
from app.store.tables import BookingRow, PaymentRow
from tests.booking.house import OTHER
from tests.schema.bookings.quoted import END, START, exchange_quote, quoted, refund_part, refund_quote
from tests.schema.gateway import ADA, operation, same_as_committed

REFUND, EXCHANGE = operation("refund_quote"), operation("exchange_quote")
HOLDS = "query ($id: ID!) { node(id: $id) { ... on Quote { state expired confirmedBy { id } } } }"
QUOTES = """query ($id: ID!) { booking(id: $id) { quotes { __typename id expired
    ... on RefundQuote { sources { to } parts { shares { ticket { id } } covers { id } item { id } } }
    ... on ExchangeQuote { item { id } added { ref } } } } }"""
NOTHING = Money.zero("GBP")


async def refund(gateway, facts, **row):
    return (await gateway.data(REFUND, id=await quoted(gateway, QuoteKind.REFUND, facts, **row)))["node"]


async def test_a_refund_with_a_fee(gateway):
    await gateway.ticketed()
    same_as_committed("refund_quote", {"node": await refund(gateway, await refund_quote(gateway))})


async def test_an_exchange_for_more(gateway):
    await gateway.ticketed()
    quote_id = await quoted(gateway, QuoteKind.EXCHANGE, await exchange_quote(gateway))
    same_as_committed("exchange_quote", await gateway.data(EXCHANGE, id=quote_id))


async def test_what_comes_back_of_an_exchange_is_below_zero_and_says_its_form(gateway):
    await gateway.ticketed()
    cheaper = {"difference": -Money.of("30.00", "GBP"), "balance": -Money.of("20.00", "GBP")}
    facts = await exchange_quote(gateway, **cheaper, form=RefundForm.AIRLINE_CREDIT)
    node = (await gateway.data(EXCHANGE, id=await quoted(gateway, QuoteKind.EXCHANGE, facts)))["node"]
    assert (node["balance"]["amount"], node["difference"]["amount"], node["fee"]["amount"]) == (
        "-20.00",
        "-30.00",
        "10.00",
    )
    assert node["form"] == "AIRLINE_CREDIT"


async def test_a_hold_is_reserved_anew_for_passengers_who_are_nobody_yet(gateway):
    booking_id = await gateway.ticketed()
    facts = await exchange_quote(gateway, held_offer="sealed", offer=None)
    (journey,) = facts.added
    (segment,) = journey.segments
    strangers = tuple(replace(fare, passenger="pas_new") for fare in segment.fares)
    facts = replace(facts, added=(replace(journey, segments=(replace(segment, fares=strangers),)),))
    node = (await gateway.data(EXCHANGE, id=await quoted(gateway, QuoteKind.EXCHANGE, facts)))["node"]
    assert node["bookingId"] == booking_id
    assert node["reservesAnew"] is True
    assert [segment["fares"] for segment in node["added"][0]["segments"]] == [[]]


async def test_a_carrier_that_has_not_answered_has_no_rule_and_no_amount_yet(gateway):
    await gateway.ticketed()
    part = await refund_part(gateway, pending=True, fee=None, back=None, shares=(), terms=None)
    node = await refund(gateway, await refund_quote(gateway, part, sources=()), state=QuoteState.PENDING)
    (shown,) = node["parts"]
    assert (node["state"], node["eligible"], node["amountUnknown"]) == ("PENDING", None, True)
    assert (node["amount"], node["extent"], node["sources"]) == (None, None, [])
    assert (shown["pending"], shown["rule"], shown["amount"], shown["extent"]) == (True, None, None, None)
    assert shown["paid"] == {"amount": "36.37"}


async def test_an_amount_that_the_carrier_does_not_say_is_unknown_and_never_zero(gateway):
    await gateway.ticketed()
    part = await refund_part(gateway, fee=None, back=None)
    silent = replace(part, shares=tuple(replace(share, fee=None, back=None) for share in part.shares))
    node = await refund(gateway, await refund_quote(gateway, silent, sources=()))
    (shown,) = node["parts"]
    assert (node["eligible"], node["amountUnknown"], node["amount"]) == (True, True, None)
    assert (shown["pending"], shown["rule"]["allowed"], shown["amountUnknown"]) == (False, True, True)
    assert (shown["shares"][0]["amountUnknown"], shown["shares"][0]["amount"]) == (True, None)


async def test_a_refused_refund_says_why_as_data(gateway):
    await gateway.ticketed()
    rule = Rule(ground=RuleGround.DEPARTED, allowed=False, deadline=START)
    paid = (await refund_part(gateway)).paid
    part = await refund_part(gateway, rule=rule, fee=paid, back=NOTHING, shares=())
    node = await refund(gateway, await refund_quote(gateway, part, sources=()), state=QuoteState.REFUSED)
    assert (node["state"], node["eligible"], node["extent"], node["expired"]) == ("REFUSED", False, "NONE", False)
    assert node["amount"] == {"gross": {"amount": "36.37"}, "fee": {"amount": "36.37"}, "net": {"amount": "0.00"}}
    assert node["parts"][0]["rule"] == {
        "ground": "DEPARTED",
        "allowed": False,
        "fee": None,
        "deadline": "2026-03-01T09:00:00Z",
    }


async def test_one_part_that_cannot_be_refunded_is_known_before_the_others_have_answered(gateway):
    await gateway.ticketed()
    refused = await refund_part(gateway, rule=Rule(ground=RuleGround.FARE_CONDITIONS, allowed=False), back=NOTHING)
    waiting = await refund_part(gateway, pending=True, fee=None, back=None)
    node = await refund(gateway, await refund_quote(gateway, refused, waiting, sources=()), state=QuoteState.PENDING)
    assert (node["eligible"], node["amountUnknown"]) == (False, True)


async def test_everything_back_is_full(gateway):
    await gateway.ticketed()
    part = await refund_part(gateway)
    node = await refund(gateway, await refund_quote(gateway, replace(part, fee=NOTHING, back=part.paid)))
    assert (node["extent"], node["parts"][0]["extent"]) == ("FULL", "FULL")


@pytest.fixture
async def two(gateway):
    """The ids of two passengers of one order."""
    offers = await gateway.house.offers(types=(PassengerType.ADULT, PassengerType.ADULT))
    charles = ADA | {"givenName": "Charles", "familyName": "Babbage", "title": "MR"}
    payload = await gateway.reserve(next(offer for offer in offers if offer.holdable), passengers=[ADA, charles])
    await gateway.pay(payload["booking"]["id"])
    query = "query ($id: ID!) { booking(id: $id) { passengers { id } } }"
    people = (await gateway.data(query, id=payload["booking"]["id"]))["booking"]["passengers"]
    return [person["id"] for person in people]


async def test_who_was_not_asked_for_and_is_covered_all_the_same_is_named(gateway, two):
    part = await refund_part(gateway, asked=(two[0],))
    (shown,) = (await refund(gateway, await refund_quote(gateway, part)))["parts"]
    assert shown["split"] is False
    assert shown["askedFor"] == [{"givenName": "Ada"}]
    assert shown["covers"] == [{"givenName": "Ada"}, {"givenName": "Charles"}]
    assert shown["alsoCovers"] == [{"givenName": "Charles"}]


async def test_each_ticket_has_its_share(gateway, two):
    (part,) = (await refund(gateway, await refund_quote(gateway)))["parts"]
    assert part["split"] is True
    assert {share["passenger"]["givenName"] for share in part["shares"]} == {"Ada", "Charles"}
    for name in ("fee", "net"):
        shared = sum(Decimal(share["amount"][name]["amount"]) for share in part["shares"])
        assert shared == Decimal(part["amount"][name]["amount"])


def source(form, amount, payment=None, basis=ArrivalBasis.CARRIER):
    return RefundSource(form=form, amount=amount, payment=payment, expected_by=None, basis=basis)


async def test_each_part_of_a_refund_goes_where_it_came_from_or_where_the_carrier_sends_it(gateway):
    await gateway.ticketed()
    account = (await gateway.house.rows(select(PaymentRow)))[0]
    facts = account.model_dump() | {"id": "py_card", "method": "CARD", "charge": "ch_1"}
    await gateway.house.store.write(lambda session: session.add(PaymentRow(**facts)))
    five = Money.of("5.00", "GBP")
    quote = await refund_quote(
        gateway,
        await refund_part(gateway),
        sources=(
            source(RefundForm.MONEY, five, account.id, ArrivalBasis.AT_ONCE),
            source(RefundForm.MONEY, five, "py_card", ArrivalBasis.PROVIDER),
            source(RefundForm.VOUCHER, five),
            source(RefundForm.AIRLINE_CREDIT, five),
        ),
    )
    node = await refund(gateway, quote)
    assert [(each["to"], each["payment"], each["basis"]) for each in node["sources"]] == [
        ("ACCOUNT", {"id": account.id, "method": "ON_ACCOUNT"}, "AT_ONCE"),
        ("CARD", {"id": "py_card", "method": "CARD"}, "PROVIDER"),
        ("VOUCHER", None, "CARRIER"),
        ("AIRLINE_CREDIT", None, "CARRIER"),
    ]


async def holds(gateway, **row):
    quote_id = await quoted(gateway, QuoteKind.REFUND, await refund_quote(gateway), **row)
    return (await gateway.data(HOLDS, id=quote_id))["node"]


async def test_a_quote_holds_until_its_end_and_not_a_moment_longer(gateway):
    await gateway.ticketed()
    gateway.house.clock.advance(END - START - timedelta(microseconds=1))
    assert (await holds(gateway))["expired"] is False
    gateway.house.clock.advance(timedelta(microseconds=1))
    assert (await gateway.data(HOLDS, id="qt_1"))["node"]["expired"] is True


async def test_a_quote_whose_booking_has_changed_since_holds_no_longer(gateway):
    await gateway.ticketed()
    (version,) = await gateway.house.rows(select(BookingRow.version))
    assert (await holds(gateway, expires_at=None, version=version))["expired"] is False
    assert (await holds(gateway, expires_at=None, version=version - 1, id="qt_2"))["expired"] is True


@pytest.mark.parametrize("state", [QuoteState.USED, QuoteState.REFUSED])
async def test_what_was_used_or_refused_never_expires(gateway, state):
    await gateway.ticketed()
    (payment,) = await gateway.house.rows(select(PaymentRow))
    used = payment.operation_id if state == QuoteState.USED else None
    shown = await holds(gateway, state=state, used_by=used, expires_at=START, version=0)
    assert shown == {"state": state, "expired": False, "confirmedBy": {"id": used} if used else None}


async def test_a_booking_lists_its_quotes_oldest_first_at_a_statement_a_level(gateway, statements):
    booking_id = await gateway.ticketed()
    facts = await exchange_quote(gateway)
    await quoted(gateway, QuoteKind.REFUND, await refund_quote(gateway), created_at=START + timedelta(minutes=1))
    for number in range(2, 6):
        await quoted(gateway, QuoteKind.EXCHANGE, facts, id=f"qt_{number}")
    statements.clear()
    quotes = (await gateway.data(QUOTES, id=booking_id))["booking"]["quotes"]
    assert [quote["id"] for quote in quotes] == ["qt_2", "qt_3", "qt_4", "qt_5", "qt_1"]
    assert {quote["__typename"] for quote in quotes} == {"RefundQuote", "ExchangeQuote"}
    # The booking, its quotes, payments, tickets, travellers and items; whether they hold asks no more.
    assert len(statements) == 6


async def test_another_partners_quote_is_nobodys(gateway):
    await gateway.ticketed()
    quote_id = await quoted(gateway, QuoteKind.REFUND, await refund_quote(gateway))
    assert await gateway.data(REFUND, partner=OTHER, id=quote_id) == {"node": None}

"""How a receipt says a ticket was paid: from the booking's payments, never from what anybody assumes."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlmodel import select

from app.booking.receipts import form_of_payment, receipt, ticket_facts
from app.domain.itinerary import PassengerType
from app.papers.receipt import MoreBags
from app.store.tables import PaymentMethod, PaymentRow, PaymentStatus, TicketRow
from tests.booking.house import PARTNER, passenger
from tests.booking.seating import bag, chosen, seats

ADULT = PassengerType.ADULT
ACCOUNT = "Account of Acme Travel"


@pytest.fixture
async def facts(house):
    """Reads the only ticket's facts."""
    await house.pay((await house.reserve()).booking_id)
    (ticket,) = await house.rows(select(TicketRow))
    return lambda: house.store.read(lambda session: ticket_facts(session, PARTNER.id, ticket.id))


async def pays(house, number, card=None, status=PaymentStatus.CAPTURED, method=PaymentMethod.CARD, refunded=0):
    """One more payment, after those there are."""
    (first, *_) = await house.rows(select(PaymentRow))
    row = PaymentRow(
        id=f"py_{number}",
        partner_id=first.partner_id,
        booking_id=first.booking_id,
        operation_id=first.operation_id,
        method=method,
        status=status,
        amount_minor=1000,
        refunded_minor=refunded,
        currency="GBP",
        card=card,
        created_at=first.created_at,
    )
    await house.store.write(lambda session: session.add(row))


async def test_an_account_is_named_on_the_receipt(facts):
    printed = receipt(await facts(), lambda _code: None, "https://gateway.example/verify/x")
    assert printed.form_of_payment == ACCOUNT


@pytest.mark.parametrize("status", [PaymentStatus.AUTHORISED, PaymentStatus.CAPTURED])
async def test_a_card_is_named_beside_the_account(house, facts, status):
    await pays(house, 1, "Visa 4242", status)
    assert form_of_payment(await facts()) == f"{ACCOUNT} and Visa 4242"


async def test_each_form_is_named_once(house, facts):
    for number, card in enumerate(("Visa 4242", "Mastercard 4444", "Visa 4242"), 1):
        await pays(house, number, card)
    await pays(house, 9, method=PaymentMethod.ON_ACCOUNT)
    assert form_of_payment(await facts()) == f"{ACCOUNT} and Visa 4242 and Mastercard 4444"


async def test_a_card_that_the_provider_does_not_describe_is_a_card(house, facts):
    await pays(house, 1)
    assert form_of_payment(await facts()) == f"{ACCOUNT} and Card"


@pytest.mark.parametrize(
    "status", [PaymentStatus.PENDING, PaymentStatus.VOIDED, PaymentStatus.EXPIRED, PaymentStatus.FAILED]
)
async def test_what_was_never_taken_pays_for_nothing(house, facts, status):
    await pays(house, 1, "Visa 4242", status)
    assert form_of_payment(await facts()) == ACCOUNT


async def test_a_card_that_was_one_too_many_and_given_back_is_not_how_it_was_paid(house, facts):
    await pays(house, 1, "Visa 4242", refunded=999)
    await pays(house, 2, "Mastercard 4444", refunded=1000)
    assert form_of_payment(await facts()) == f"{ACCOUNT} and Visa 4242"


async def test_a_ticket_that_was_given_back_says_how_it_had_been_paid(house, facts):
    given_back = [replace_row(row, refunded_minor=row.amount_minor) for row in (await facts()).payments]
    assert form_of_payment(replace(await facts(), payments=tuple(given_back))) == ACCOUNT


def replace_row(row, **facts):
    return PaymentRow(**row.model_dump() | facts)


async def test_nothing_paid_is_said_so(facts):
    assert form_of_payment(replace(await facts(), payments=())) == "Not paid"


async def test_each_flight_has_the_passengers_own_seat_and_bags(house):
    offer = next(each for each in await house.offers("BCN", "FCO", [ADULT, ADULT]) if each.owner.code == "VY")
    own = [await seats(house, offer, passenger=each.ref) for each in offer.passengers]
    both = [chosen(own[0][0], 0), chosen(own[1][1], 1), chosen(await bag(house, offer), 0, quantity=2)]
    people = (passenger(), passenger("Charles", "Babbage"))
    await house.pay((await house.reserve("r1", offer, services=both, passengers=people)).booking_id)
    printed = {}
    for ticket in await house.rows(select(TicketRow)):
        facts = await house.store.read(lambda session, ticket=ticket: ticket_facts(session, PARTNER.id, ticket.id))
        printed[facts.traveller.given_name] = receipt(facts, lambda _code: None, "https://gateway.example/verify/x")
    (first,), (second,) = (list(printed[name].segments) for name in ("Ada", "Charles"))
    assert (first.seat, second.seat) == (own[0][0].seat, own[1][1].seat)
    assert (first.more_bags, second.more_bags) == ((MoreBags(pieces=2, kg=Decimal(23)),), ())
    assert "Seats and bags" in [line.label for line in printed["Ada"].price.lines]

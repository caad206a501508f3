"""What a booking still costs: payments, and what was given back of them, each from the ledger's own lines."""

import pytest

from app.booking.balances import balance, paid
from app.domain.booking import PaymentState
from app.domain.money import Money
from app.ledger import Account, EntryKind
from app.store.reads.owned import Owned
from app.store.tables import EntryRow
from tests.booking.house import OTHER, PARTNER


@pytest.fixture
async def booking(house):
    outcome = await house.reserve()
    await house.pay(outcome.booking_id)
    return await house.booking(outcome.booking_id)


async def gives_back(house, booking, minor, partner=PARTNER):
    """The lines of a refund on account."""
    lines = [(Account.BOOKING, minor), (Account.PARTNER, -minor)]
    await house.store.write(
        lambda session: session.add_all(
            EntryRow(
                posting=f"refund/{minor}",
                partner_id=partner.id,
                booking_id=booking.id,
                account=account,
                party=partner.id,
                amount_minor=amount,
                currency=booking.currency,
                kind=EntryKind.REFUND,
                at=house.clock.now(),
            )
            for account, amount in lines
        )
    )


async def stands(house, booking):
    (money,) = await house.store.read(lambda session: paid(session, [Owned(PARTNER.id, booking.id)]))
    return balance(booking, money)


async def test_a_refund_lessens_what_is_paid_and_is_told(house, booking):
    total = Money(booking.total_minor, booking.currency)
    assert (await stands(house, booking)).state == PaymentState.PAID
    await gives_back(house, booking, 1000)
    left = await stands(house, booking)
    assert (left.paid, left.refunded) == (total - Money(1000, "GBP"), Money(1000, "GBP"))
    assert (left.due, left.state) == (Money(1000, "GBP"), PaymentState.PART_PAID)


async def test_all_given_back_is_refunded(house, booking):
    await gives_back(house, booking, booking.total_minor)
    booking.state = "REFUNDED"
    left = await stands(house, booking)
    assert (left.paid, left.due, left.state) == (Money.zero("GBP"), Money.zero("GBP"), PaymentState.REFUNDED)


async def test_another_partners_refund_is_not_counted(house, booking):
    await gives_back(house, booking, 1000, OTHER)
    assert (await stands(house, booking)).refunded == Money.zero("GBP")

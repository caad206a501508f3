"""What a card form is told of its payment, at each turn the payment can take."""

from datetime import timedelta

import pytest

from app.booking.outcomes import outcome
from app.domain.money import Money
from app.store.tables import BookingRow, ItemRow, PaymentRow
from tests.booking.house import OTHER, PARTNER
from tests.booking.paying import deliver, forms_end, open_form, paid_by_card, payment_of, payments, submit
from tests.booking.scenes import guaranteed
from tests.payments.worlds import listen

NOTHING_YET = (None, None, "0.00", False)
DECLINED = (False, None, "0.00", False)
FAILED = (False, None, "0.00", True)


@pytest.fixture
async def held(house):
    listen(house.bank)
    return (await house.reserve("r1", await guaranteed(house))).booking_id


@pytest.fixture
async def form(house, held):
    return await payment_of(house, await open_form(house, held))


async def facts(house, payment, partner=PARTNER):
    return await house.store.read(lambda session: outcome(session, payment.id, partner.id))


async def told(house, payment):
    """Successful, status, amount, final."""
    found = await facts(house, payment)
    return found.successful, found.status, str(found.paid.amount), found.final


async def change(house, table, key, **facts):
    """Write down what takes other tests many steps to come to."""
    await house.store.write(lambda session: session.get_one(table, key).sqlmodel_update(facts) and None)


async def test_a_form_that_waits_knows_nothing(house, form):
    assert await told(house, form) == NOTHING_YET
    found = await facts(house, form)
    assert (found.booking_id, found.form_url, found.paid.currency) == (form.booking_id, form.form_url, "GBP")


async def test_a_declined_card_is_no_success_and_not_the_end(house, form):
    submit(house, form, "declined")
    await deliver(house)
    assert await told(house, form) == DECLINED


async def test_captured_and_ticketed_is_success_for_good(house, held):
    payment = await paid_by_card(house, held)
    total = Money((await house.booking(held)).total_minor, "GBP")
    assert await told(house, payment) == (True, "SUCCESS", str(total.amount), True)


async def test_captured_with_tickets_to_come_is_partial(house, held):
    house.fault("payments.create", "documents_later", hours=1)
    payment = await paid_by_card(house, held)
    total = Money((await house.booking(held)).total_minor, "GBP")
    assert await told(house, payment) == (True, "PARTIALLY_COMPLETED", str(total.amount), False)
    await house.later(timedelta(hours=2))
    assert await told(house, payment) == (True, "SUCCESS", str(total.amount), True)


async def test_a_part_that_waits_for_the_rest_is_partial(house, held):
    payment = await paid_by_card(house, held, amount=Money.of("10.00", "GBP"))
    assert await told(house, payment) == (True, "PARTIALLY_COMPLETED", "10.00", False)


async def test_one_item_without_tickets_is_no_success(house, held):
    """Not even where the booking's headline leaves out what has ended."""
    payment = await paid_by_card(house, held)
    (item,) = await house.items(held)
    await change(house, ItemRow, item.id, state="CANCELLED")
    successful, status, _, final = await told(house, payment)
    assert (successful, status, final) == (True, "PARTIALLY_COMPLETED", False)


async def test_a_form_left_open_past_its_time_has_failed_for_good(house, form):
    forms_end(house, form)
    await house.later(timedelta(seconds=1))
    assert (await payments(house))[0].status == "EXPIRED"
    assert await told(house, form) == FAILED


@pytest.mark.parametrize("status", ["VOIDED", "EXPIRED", "FAILED"])
async def test_what_ended_without_money_has_failed_for_good(house, form, status):
    await change(house, PaymentRow, form.id, status=status)
    assert await told(house, form) == FAILED


async def test_reserved_for_a_booking_that_is_over_is_not_called_a_success(house, form):
    await change(house, PaymentRow, form.id, status="AUTHORISED")
    await change(house, BookingRow, form.booking_id, state="EXPIRED")
    successful, status, _, final = await told(house, form)
    assert (successful, status, final) == (None, None, False)


async def test_what_was_given_back_in_full_has_failed_for_good(house, form):
    await change(house, PaymentRow, form.id, status="CAPTURED", refunded_minor=form.amount_minor)
    assert await told(house, form) == FAILED


async def test_what_was_given_back_in_part_is_not_counted(house, form):
    await change(house, PaymentRow, form.id, status="CAPTURED", refunded_minor=form.amount_minor - 150)
    assert (await told(house, form))[2] == "1.50"


async def test_another_partners_payment_does_not_exist(house, form):
    assert await facts(house, form, OTHER) is None
    form.id = "py_none"
    assert await facts(house, form) is None

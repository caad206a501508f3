"""What a payer and a payment provider do around a booking: cards in the form, callbacks, the provider's truth."""

from datetime import timedelta

from sqlmodel import select

from app.booking.hear_payments import hear_payment
from app.booking.sessions import CardWish, take_session
from app.store.tables import PaymentRow
from carriers.sandbox.payments.cards import BY_TOKEN
from tests.booking.house import viewer
from tests.payments.worlds import Payer, callbacks


async def open_form(house, booking_id, key="s1", **wish):
    """Ask for a card form; the operation's outcome."""
    asked = CardWish(booking_id=booking_id, **wish)
    return await house.settled(await take_session(house.desk, viewer(), key, asked))


async def payments(house):
    """Every payment, oldest first."""
    return await house.rows(select(PaymentRow).order_by(PaymentRow.id))


async def payment_of(house, outcome):
    """The payment that this operation asked for."""
    return (await house.rows(select(PaymentRow).where(PaymentRow.operation_id == outcome.operation_id)))[0]


def submit(house, payment, card="approved"):
    """The payer types a test card into the form; what the form hears, nothing where the answer is lost."""
    return Payer(house.bank).submit(payment.form_url, BY_TOKEN[f"tok_{card}"].number, country="GB", city="London")


def answer(house, challenge_url, *, passed):
    """The payer answers the issuer's challenge."""
    return Payer(house.bank).answer(challenge_url, passed=passed)


async def deliver(house, *, times=1):
    """Hear every callback that is due, this often each; answers how many events were new."""
    fresh = 0
    for headers, body in callbacks(house.bank):
        for _ in range(times):
            fresh += await hear_payment(house.desk, "sandbox", headers, body)
    await house.runner.drain()
    return fresh


async def paid_by_card(house, booking_id, card="approved", key="s1", **wish):
    """The whole way: a form, a card, a callback."""
    payment = await payment_of(house, await open_form(house, booking_id, key, **wish))
    submit(house, payment, card)
    await deliver(house)
    return (await house.rows(select(PaymentRow).where(PaymentRow.id == payment.id)))[0]


def charges(house):
    """The provider's truth: state and net amount of each charge, oldest first."""
    return [(charge["state"], charge["net_minor"]) for charge in house.bank.ledger()["charges"]]


def forms_end(house, payment):
    """Move time to the form's end."""
    house.clock.advance(max(payment.expires_at - house.clock.now(), timedelta()))

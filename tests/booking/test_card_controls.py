"""Negative controls for cards: each takes one protection away, and the judge must see what it protects from."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from app.booking import charges, expire
from app.booking.duties import open_due
from app.booking.funds import Share
from app.booking.hear_payments import hear_payment
from app.domain.money import Money
from app.domain.recovery import Call
from app.journal.steps import nothing
from app.payments.sandbox.calls import Calls
from app.store.tables import InboxRow
from tests.booking.house import PARTNER, viewer
from tests.booking.judge import judge
from tests.booking.paying import deliver, open_form, paid_by_card, payment_of, submit
from tests.booking.scenes import FLEX, guaranteed
from tests.booking.test_controls import judged, with_and_without
from tests.payments.worlds import listen

pytestmark = pytest.mark.proof


@pytest.fixture
async def booking_id(house):
    """A held booking that can be cancelled for nothing, at a provider whose callbacks come."""
    listen(house.bank)
    return (await house.reserve("r1", await guaranteed(house, FLEX))).booking_id


@pytest.fixture
def keyless(monkeypatch):
    """Every try under a key of its own, as if it were something new."""
    change, tries = Calls.change, count()

    async def anew(self, where, body, call):
        return await change(self, where, body, Call(key=f"{call.key}/{next(tries)}", send_by=call.send_by))

    return lambda: monkeypatch.setattr(Calls, "change", anew)


async def two_cards(house, booking_id):
    """Two forms for the whole booking, both filled in before anybody hears of either."""
    forms = [await payment_of(house, await open_form(house, booking_id, key)) for key in ("s1", "s2")]
    for form in forms:
        submit(house, form)
    await deliver(house)


@with_and_without
async def test_the_key_of_a_form(house, booking_id, protected, keyless):
    if not protected:
        keyless()
    house.fault("charges.open", "lost_reply")
    await open_form(house, booking_id)
    await house.settle_operations()
    await judged(house, protected=protected)


@with_and_without
async def test_the_key_of_a_refund(house, booking_id, protected, keyless):
    """A part was taken, the rest is refused: what was taken goes back, and goes back once."""
    if not protected:
        keyless()
    part = (await house.booking(booking_id)).total_minor // 3
    await paid_by_card(house, booking_id, "approved", "s1", amount=Money(2 * part, "GBP"))
    house.fault("charges.refund", "lost_reply")
    await paid_by_card(house, booking_id, "capture_refused", "s2")
    await house.quiet()
    await judged(house, protected=protected)


@with_and_without
async def test_a_refund_that_is_refused_is_shown(house, booking_id, protected, monkeypatch):
    if not protected:
        refund = charges.refund
        monkeypatch.setattr(charges, "refund", lambda *step: refund(*step[:-1], nothing))
    part = (await house.booking(booking_id)).total_minor // 3
    await paid_by_card(house, booking_id, "approved", "s1", amount=Money(2 * part, "GBP"))
    house.fault("charges.refund", "refused")
    await paid_by_card(house, booking_id, "capture_refused", "s2")
    await house.quiet()
    await judged(house, protected=protected)


@with_and_without
async def test_what_a_lost_capture_did_is_looked_up(house, booking_id, protected, keyless, monkeypatch):
    if not protected:
        keyless()
        monkeypatch.setattr("app.booking.charges._captured", lambda _charge: False)
    house.fault("charges.capture", "lost_reply")
    await paid_by_card(house, booking_id)
    await house.quiet()
    await judged(house, protected=protected)


@with_and_without
async def test_taking_no_more_than_is_due(house, booking_id, protected, monkeypatch):
    """A part waits on account, and a form for the whole was open already."""
    if not protected:
        everything = lambda funds, _amount: tuple(Share(fund=fund, amount=fund.amount) for fund in funds)  # noqa: E731
        monkeypatch.setattr("app.booking.confirm.shared", everything)
    form = await payment_of(house, await open_form(house, booking_id))
    await house.pay(booking_id, amount=Money(100, "GBP"))
    submit(house, form)
    await deliver(house)
    await house.quiet()
    await judged(house, protected=protected)


@with_and_without
async def test_releasing_the_second_card(house, booking_id, protected, monkeypatch):
    async def keep(*_args, reason):
        """Let it be."""

    if not protected:
        monkeypatch.setattr("app.booking.complete.void", keep)
    await two_cards(house, booking_id)
    await house.quiet()
    await judged(house, protected=protected)


@with_and_without
async def test_closing_forms_before_an_expiry(house, protected, monkeypatch):
    """A card in the form's last moment that nobody has heard of: without closing, who was in time gets nothing."""

    async def leave_open(*_args):
        """Let the forms be."""

    if not protected:
        monkeypatch.setattr("app.booking.expire.close_forms", leave_open)
    hasty = viewer(replace(PARTNER, payment_limit=timedelta(hours=1)))
    held = (await house.reserve("r1", await guaranteed(house, FLEX), viewer=hasty)).booking_id
    submit(house, await payment_of(house, await open_form(house, held)))
    house.clock.advance(timedelta(hours=1))
    for claim in await open_due(house.desk, (expire.UNPAID,)):
        house.runner.start(claim)
    await house.quiet()
    assert (await house.booking(held)).state == ("TICKETED" if protected else "EXPIRED")
    await judge(house)


@with_and_without
async def test_the_inbox(house, booking_id, protected, monkeypatch):
    get = Session.get
    submit(house, await payment_of(house, await open_form(house, booking_id)))
    if not protected:
        seen = lambda self, kind, *at, **how: None if kind is InboxRow else get(self, kind, *at, **how)  # noqa: E731
        monkeypatch.setattr(Session, "get", seen)
        with house.store.engine.begin() as connection:
            connection.execute(text("CREATE TABLE bare AS SELECT * FROM inbox"))
            connection.execute(text("DROP TABLE inbox"))
            connection.execute(text("ALTER TABLE bare RENAME TO inbox"))
    assert await heard(house) == 1
    assert (await heard(house) == 0) is protected
    assert (len(await house.rows(select(InboxRow.event))) == 1) is protected


async def heard(house):
    """Hear the callback that is due, and answer too late: it comes again, signed anew."""
    (message,) = house.bank.pending_webhooks()
    fresh = await hear_payment(house.desk, "sandbox", message.headers, message.body)
    house.bank.webhook_delivered(message.delivery_id, None)
    house.clock.advance(timedelta(seconds=10))
    return fresh

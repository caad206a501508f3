"""Negative controls for after sales: each takes one protection away, and the judge must see what it protects from.

And a false entry of every kind that the judge looks for, since a check that cannot fail is a defect.
"""

from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import update

from app.aftersales import exchange as exchanging
from app.aftersales import paid_changes
from app.aftersales import refund as refunding
from app.aftersales.amounts import given_back
from app.aftersales.paid_changes import ByCard, OnAccount
from app.domain.money import Money
from app.domain.recovery import Call
from app.domain.refusals import SoldOut
from app.payments.sandbox.calls import Calls
from app.store.aftersales_tables import QuoteRow
from app.store.tables import BookingRow, EntryRow, ItemRow, PaymentRow, TicketRow
from carriers.duffel.exchanges import Exchanges
from carriers.duffel.refunds import Refunds
from tests.aftersales.scenes import sold
from tests.aftersales.selling import asking_money, exchange, giving_money, quote_exchange, quote_refund, refund
from tests.booking.house import CREDIT, PARTNER
from tests.booking.judge import complaints
from tests.booking.paying import deliver, payment_of, submit
from tests.booking.scenes import FLEX, STANDARD, guaranteed
from tests.booking.test_controls import judged, with_and_without

pytestmark = pytest.mark.proof


@with_and_without
async def test_nothing_is_called_refunded_before_the_money_is_back(house, protected, monkeypatch):
    give_back = refunding.give_back

    async def whatever_comes(tools, run, *, reason):
        await give_back(tools, run, reason=reason)
        return []

    if not protected:
        monkeypatch.setattr(refunding, "give_back", whatever_comes)
    booking_id = await sold(house, by_card=True)
    house.fault("charges.refund", "refused")
    await refund(house, await quote_refund(house, booking_id))
    await judged(house, protected=protected)


@with_and_without
async def test_money_is_given_back_under_one_key(house, protected, monkeypatch):
    change, tries = Calls.change, count()

    async def anew(self, where, body, call):
        return await change(self, where, body, Call(key=f"{call.key}/{next(tries)}", send_by=call.send_by))

    booking_id = await sold(house, STANDARD, FLEX, by_card=True)
    first, _ = await house.items(booking_id)
    if not protected:
        monkeypatch.setattr(Calls, "change", anew)
    house.fault("charges.refund", "lost_reply")
    await refund(house, await quote_refund(house, booking_id, items=(first.id,)))
    await house.settle_operations()
    await judged(house, protected=protected)


@with_and_without
async def test_a_refund_that_nobody_heard_of_is_looked_for(house, protected, monkeypatch):
    async def unseen(self, terms):
        return None

    if not protected:
        monkeypatch.setattr(Refunds, "look", unseen)
    quote = await quote_refund(house, await sold(house))
    house.fault("cancellations.confirm", "lost_reply")
    await refund(house, quote)
    await house.settle_operations()
    await judged(house, protected=protected)


@with_and_without
async def test_an_exchange_that_nobody_heard_of_is_looked_for(house, protected, monkeypatch):
    async def unseen(self, pending):
        return None

    async def as_told(self, no, pending):
        raise SoldOut(message="Duffel says that it cannot be changed.")

    if not protected:
        monkeypatch.setattr(Exchanges, "look", unseen)
        monkeypatch.setattr(Exchanges, "_not_confirmed", as_told)
    quote = await asking_money(house, await sold(house))
    house.fault("order_changes.confirm", "lost_reply")
    await exchange(house, quote, OnAccount())
    await house.settle_operations()
    await judged(house, protected=protected)


@with_and_without
async def test_nothing_is_taken_before_the_carrier_has_acted(house, protected, monkeypatch):
    async def at_once(tools, run, order, funds):
        await paid_changes._take(tools, run, funds)
        await exchanging.exchange(tools, run, order, funds)

    if not protected:
        monkeypatch.setattr(paid_changes, "exchange", at_once)
    booking_id = await sold(house)
    form = await payment_of(house, await exchange(house, await asking_money(house, booking_id), ByCard()))
    submit(house, form)
    house.fault("order_changes.confirm", "sold_out")
    await deliver(house)
    await judged(house, protected=protected)


@with_and_without
async def test_what_is_due_is_within_the_credit(house, protected, monkeypatch):
    booking_id = await sold(house)
    if not protected:
        monkeypatch.setattr("app.booking.pay._check_credit", lambda *_: None)
    quote = await asking_money(house, booking_id)
    spent = Money((await house.booking(booking_id)).total_minor, "GBP")
    await house.terms(replace(PARTNER, credit=CREDIT | {"GBP": spent}))
    await exchange(house, quote, OnAccount())
    await judged(house, protected=protected)


@with_and_without
async def test_a_quote_holds_for_the_booking_that_it_was_made_for(house, protected, monkeypatch):
    """Two ways to exchange one hold: the second would be held for what is gone already."""
    if not protected:
        monkeypatch.setattr("app.aftersales.quotes.check_holds", lambda *_: None)
    booking_id = (await house.reserve("r1", await guaranteed(house))).booking_id
    one, other, *_ = await quote_exchange(house, booking_id)
    for key, quote in (("e1", one), ("e2", other)):
        await exchange(house, quote, key=key)
    await house.settle_operations()
    await judged(house, protected=protected)


@with_and_without
async def test_no_more_is_given_back_than_the_carrier_gave(house, protected, monkeypatch):
    def everything(price, _amount, form, unpaid):
        return given_back(price, price.carrier_part, form, unpaid)

    quote = await quote_refund(house, await sold(house, STANDARD))
    if not protected:
        monkeypatch.setattr(refunding, "given_back", everything)
    await refund(house, quote)
    await judged(house, protected=protected)


async def refunded(house):
    await refund(house, await quote_refund(house, await sold(house, by_card=True)))


async def exchanged(house):
    await exchange(house, await asking_money(house, await sold(house)), OnAccount())


async def exchanged_down(house):
    await exchange(house, await giving_money(house, await sold(house, FLEX, by_card=True)))


FALSE = {
    "a ticket that is still valid": (refunded, update(TicketRow).values(status="VALID")),
    "a refund that kept another amount": (refunded, update(ItemRow).values(kept_minor=ItemRow.kept_minor + 1)),
    "a refund by other terms": (refunded, update(ItemRow).values(refund_terms="ore_x")),
    "a refund that is never told": (refunded, update(ItemRow).values(state="CANCELLED")),
    "a booking whose refund is never told": (refunded, update(BookingRow).values(state="CANCELLED")),
    "money that was not given back": (refunded, update(PaymentRow).values(refunded_minor=0)),
    "a ledger without its refunds": (
        refunded,
        update(EntryRow).where(EntryRow.kind == "REFUND").values(amount_minor=0),
    ),
    "a ledger without what the carrier gave back": (
        refunded,
        update(EntryRow).where(EntryRow.kind == "CARRIER_REFUND").values(amount_minor=0),
    ),
    "a quote that somebody else used": (refunded, update(QuoteRow).values(used_by="op_x")),
    "tickets of both": (exchanged, update(TicketRow).values(status="VALID")),
    "a ticket that replaces none": (exchanged, update(TicketRow).values(replaces=None)),
    "an item that replaces none": (exchanged, update(ItemRow).values(replaces=None)),
    "two that stand": (exchanged, update(ItemRow).values(state="TICKETED")),
    "a total of both": (exchanged, update(BookingRow).values(total_minor=BookingRow.total_minor * 2)),
    "an exchange that was not sold": (
        exchanged,
        update(EntryRow).where(EntryRow.kind == "EXCHANGE").values(amount_minor=0),
    ),
    "less than was charged": (exchanged_down, update(PaymentRow).values(amount_minor=1)),
}


@pytest.mark.parametrize("case", FALSE)
async def test_a_false_entry_is_seen(house, case):
    make, falsify = FALSE[case]
    await make(house)
    assert await complaints(house) == []
    await house.store.write(lambda session: session.exec(falsify))
    assert await complaints(house)

"""Negative controls: each takes one protection of the promise away, and the judge must see what it protects from.

A check that cannot fail is a defect: with the protection the same scene is green.
"""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text, update
from sqlmodel import Session, func, select

from app.accounts.closing import Closing
from app.booking.hear import hear
from app.booking.reserve import ReserveWish, take_reserve
from app.domain.money import Money
from app.journal.journal import Journal
from app.store.tables import EntryRow, InboxRow, OperationRow
from app.wire.wire import Wire
from tests.booking.exploring import explore, watched_house
from tests.booking.house import House, passenger, viewer
from tests.booking.judge import complaints
from tests.booking.scenes import guaranteed
from tests.booking.test_credit import limit, two_bookings

with_and_without = pytest.mark.parametrize("protected", [True, False])


def freeze(owner, name, *, sent):
    """Let the next call of this method fall asleep, before it is made or with its answer; answers how to wake it."""
    act, asleep, wake = getattr(owner, name), asyncio.Event(), asyncio.Event()

    async def frozen(*args):
        setattr(owner, name, act)
        try:
            if sent:
                return await act(*args)
        finally:
            asleep.set()
            await wake.wait()
        return await act(*args)

    setattr(owner, name, frozen)
    return asleep, wake


async def overtaken(house, *, sent):
    """A process falls asleep while it holds; another takes over and brings it to an end; then the first wakes."""
    wish = ReserveWish(offers=(house.token(await guaranteed(house)),), passengers=(passenger(),))
    asleep, wake = freeze(house.carrier, "hold", sent=sent)
    await take_reserve(house.desk, viewer(), "r1", wish)
    await asleep.wait()
    sleeper = house.runner
    house.compose()
    await house.quiet()
    wake.set()
    await sleeper.drain()


async def judged(house, *, protected):
    """Green with the protection, red without it."""
    found = await complaints(house)
    assert (found == []) is protected, found


@pytest.mark.proof
@with_and_without
async def test_looking_first(protected, monkeypatch):
    house = await watched_house().open()
    tokens = [house.token(await guaranteed(house))]
    if not protected:
        # Our key in the order's metadata is what an order is looked up by.
        monkeypatch.setattr("carriers.duffel.hear.key_of", lambda _data: None)
    found = await explore(house, lambda again: again.reserve_tokens("r1", *tokens))
    assert (found.broken == []) is protected, found.broken


@with_and_without
async def test_the_fence(house, protected, monkeypatch):
    def unfenced(session, claim):
        return session.get_one(OperationRow, claim.operation_id)

    if not protected:
        monkeypatch.setattr("app.journal.run.held", unfenced)
        monkeypatch.setattr("app.journal.journal.held", unfenced)
    # The sleeper has been told no; whoever overtakes it is told yes.
    house.fault("orders.create", "order_not_created")
    await overtaken(house, sent=True)
    await judged(house, protected=protected)


@with_and_without
async def test_the_last_time_to_send(house, protected, monkeypatch):
    call = Wire.call

    async def whenever(self, request, *, deadline, send_by=None, read=False):
        return await call(self, request, deadline=deadline, read=read)

    if not protected:
        monkeypatch.setattr(Wire, "call", whenever)
    # Whoever overtakes the sleeper is told no, so nobody waits for an order any more.
    house.fault("orders.create", "order_not_created")
    await overtaken(house, sent=False)
    await judged(house, protected=protected)


@with_and_without
async def test_the_settle_delay(protected):
    house = await House(overrides={} if protected else {"settle_seconds": 0.001}).open()
    # Later than the call's own deadline; who asks again before it is told no.
    house.fault("orders.create", "late_effect", seconds=200)
    house.fault("orders.create", "order_not_created")
    await house.reserve("r1", await guaranteed(house))
    await house.quiet()
    await house.later(timedelta(minutes=5))
    await judged(house, protected=protected)


@with_and_without
async def test_one_operation_for_a_key(house, protected, monkeypatch):
    token = house.token(await guaranteed(house))
    if not protected:
        monkeypatch.setattr(Journal, "_known", lambda *_: None)
        with house.store.engine.begin() as connection:
            # SQLite cannot drop a constraint, only a table.
            connection.execute(text("CREATE TABLE bare AS SELECT * FROM operation"))
            connection.execute(text("DROP TABLE operation"))
            connection.execute(text("ALTER TABLE bare RENAME TO operation"))
            connection.execute(text("CREATE UNIQUE INDEX bare_id ON operation (id)"))
    for _ in range(2):
        await house.reserve_tokens("r1", token)
    await judged(house, protected=protected)


@with_and_without
async def test_credit_under_way(house, protected, monkeypatch):
    def booked_only(session, partner_id, currency):
        query = select(func.coalesce(func.sum(EntryRow.amount_minor), 0)).where(
            EntryRow.account == "PARTNER", EntryRow.party == partner_id, EntryRow.currency == currency
        )
        return Money(session.exec(query).one(), currency)

    if not protected:
        monkeypatch.setattr("app.ledger.owed", booked_only)
    bookings, price = await two_bookings(house)
    await limit(house, price)
    house.fault("payments.create", "lost_reply")
    for booking_id in bookings:
        await house.pay(booking_id, f"p/{booking_id}")
    await house.quiet()
    await judged(house, protected=protected)


@with_and_without
async def test_a_statement_is_what_it_bills(house, protected):
    await house.pay((await house.reserve()).booking_id)
    await house.later(timedelta(days=40))
    closing = Closing(store=house.store, clock=house.clock, ids=house.ids)
    await closing.close_due()
    if not protected:
        await house.store.write(lambda session: session.exec(update(EntryRow).values(statement_id=None)))
    await judged(house, protected=protected)


@with_and_without
async def test_the_inbox(house, protected, monkeypatch):
    get = Session.get
    if not protected:
        seen = lambda self, kind, *at, **how: None if kind is InboxRow else get(self, kind, *at, **how)  # noqa: E731
        monkeypatch.setattr(Session, "get", seen)
        with house.store.engine.begin() as connection:
            connection.execute(text("CREATE TABLE bare AS SELECT * FROM inbox"))
            connection.execute(text("DROP TABLE inbox"))
            connection.execute(text("ALTER TABLE bare RENAME TO inbox"))
    house.listen()
    await house.reserve()
    (message,) = house.world.pending_webhooks()
    new = [await hear(house.desk, "duffel", message.headers, message.body) for _ in range(2)]
    assert (new == [1, 0]) is protected
    assert (len(await house.rows(select(InboxRow.event))) == 1) is protected

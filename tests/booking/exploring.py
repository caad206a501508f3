"""Crash exploration: from every state a process can die in, start anew, and go on only from states not seen before.

Only a commit or a request changes what outlives a process, so the state after each of them is every state to die in.
"""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar

import sqlalchemy
from sqlmodel import Session, select

from app.store.aftersales_tables import CarrierChangeRow
from app.store.engine import MemoryStore, Store
from app.store.tables import (
    BookingRow,
    EntryRow,
    EventRow,
    InboxRow,
    ItemRow,
    OperationRow,
    PaymentRow,
    StepRow,
    TicketRow,
)
from app.wire.messages import Request, Response
from tests.booking.house import House
from tests.booking.judge import complaints
from tests.carriers.worlds import SandboxTransport
from tests.surviving import kept, put_back

T = TypeVar("T")
Act = Callable[[House], Awaitable[object]]
Told = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Moment:
    """All that outlives a process: what is stored, the carrier's world and the payment provider's, and the time."""

    store: Any
    world: bytes
    bank: bytes
    at: datetime
    ids: int


async def _nobody() -> None:
    """Nobody wants to know."""


class WatchedStore:
    """A store that tells of every commit, before anything else can happen."""

    def __init__(self, store: Store, alone: asyncio.Lock) -> None:
        self.inner = store
        self.alone = alone
        self.committed: Told = _nobody

    async def write(self, body: Callable[[Session], T]) -> T:
        async with self.alone:
            answer = await self.inner.write(body)
            await self.committed()
            return answer

    async def read(self, body: Callable[[Session], T]) -> T:
        return await self.inner.read(body)

    async def close(self) -> None:
        await self.inner.close()


@dataclass(kw_only=True)
class WatchedTransport(SandboxTransport):
    """Tells of every request, once the world has dealt with it and before anybody hears the answer."""

    alone: asyncio.Lock
    carried: Told = _nobody

    async def send(self, request: Request, timeout: timedelta) -> Response:
        async with self.alone:
            try:
                return await super().send(request, timeout)
            finally:
                await self.carried()


def watched_house(store: Store | None = None) -> House:
    """A house that can be explored, over a store in memory unless another is given."""
    alone = asyncio.Lock()
    house = House(store=WatchedStore(store or MemoryStore(), alone))
    house.transport = WatchedTransport(house.world, alone=alone)
    house.bank_transport = WatchedTransport(house.bank, alone=alone)
    house.compose()
    return house


async def moment(house: House) -> Moment:
    """What would be left if the process died now."""
    stored = await kept(house.store.inner)
    return Moment(stored, house.world.snapshot(), house.bank.snapshot(), house.clock.now(), house.ids.count)


async def restore(house: House, then: Moment) -> None:
    """Start a new process at that moment."""
    await put_back(house.store.inner, then.store)
    house.world.restore(then.world)
    house.bank.restore(then.bank)
    house.clock._now = then.at
    house.ids.count = then.ids
    house.compose()


@dataclass
class Exploration:
    """What was seen."""

    states: int = 0
    runs: int = 0
    broken: list[str] = field(default_factory=list)
    endings: set[str] = field(default_factory=set)


async def explore(house: House, act: Act, final: Act | None = None, *, most: int = 400) -> Exploration:
    """Let a client do `act` again and again over every crash; `final` judges each ending on top of the ledger."""
    seen: set[str] = set()
    queue: deque[Moment] = deque()
    found = Exploration()

    async def note() -> None:
        state = await fingerprint(house)
        if state not in seen:
            seen.add(state)
            queue.append(await moment(house))

    await note()
    house.store.committed = house.transport.carried = house.bank_transport.carried = note
    while queue and found.runs < most:
        await restore(house, queue.popleft())
        found.broken += await complaints(house, quiet=False)
        await act(house)
        await house.quiet()
        found.runs += 1
        found.broken += await complaints(house)
        found.endings.add(await ending(house))
        if final is not None:
            await final(house)
    house.store.committed = house.transport.carried = house.bank_transport.carried = _nobody
    assert not queue, f"more than {most} states"
    found.states = len(seen)
    return found


async def ending(house: House) -> str:
    """The bookings' headlines."""
    return " ".join(await house.rows(select(BookingRow.state).order_by(BookingRow.id)))


async def fingerprint(house: House) -> str:
    """What tells two moments apart that is more than time and counters."""
    now = house.clock.now()
    facts = await house.store.read(
        lambda session: {table.__tablename__: sorted(_facts(session, table, now)) for table in _COLUMNS}
    )
    return sha256(json.dumps([facts, _world(house), _bank(house)]).encode()).hexdigest()


def _world(house: House) -> list[Any]:
    """The world's truth without ids, times and the quotes for cancelling that nobody confirmed."""
    ledger = house.world.ledger()
    found = [[_traits(entry) for entry in ledger[name]] for name in _TRUTHS]
    waiting = sorted(str(later.about.get("endpoint", later.what)) for later in house.world._core.facts.schedule)
    faults = [f"{fault.endpoint}/{fault.kind}/{fault.times}" for fault in house.world.faults.faults]
    return [*map(sorted, found), waiting, faults]


def _bank(house: House) -> list[Any]:
    """The provider's truth without ids and times. Callbacks under way are left out: each run delivers them anyway."""
    told = [{name: each[name] for name in each.keys() - _BANKS_OWN} for each in house.bank.ledger()["charges"]]
    facts = house.bank._core.facts
    waiting = sorted(str(later.about.get("endpoint", "")) for later in facts.schedule)
    faults = [f"{fault.endpoint}/{fault.kind}/{fault.times}" for fault in facts.faults.faults]
    return [sorted(json.dumps(each, sort_keys=True) for each in told), waiting, faults]


def _traits(entry: dict[str, Any]) -> str:
    return f"{entry['metadata']} {entry.get('state', '')} {entry.get('amount')} {entry.get('action_taken')}"


_TRUTHS = ("orders", "charges", "refunds", "documents", "airline_changes")
_BANKS_OWN = {"id", "created_at", "expires_at", "authorised_until"}
_COLUMNS: dict[Any, str] = {
    BookingRow: "state total_minor",
    ItemRow: "position state ticketing inventory_held stuck",
    OperationRow: "key verb state refusal",
    StepRow: "key state answer",
    PaymentRow: "status amount_minor refunded_minor declined attempts",
    EntryRow: "posting account amount_minor currency",
    EventRow: "operation_id kind item_id",
    TicketRow: "status",
    CarrierChangeRow: "ref state",
    # What was heard of a charge is a hint to look at it, and every charge is looked at.
    InboxRow: "key",
}
# What these were waiting for decides nothing any more.
_OVER = {"SETTLED", "CAPTURED", "VOIDED", "EXPIRED", "FAILED"}
_LIMITS = {"pay_by", "quiet_at", "check_tickets_at", "check_order_at", "check_at", "expires_at"}


def _facts(session: Session, table: Any, now: datetime) -> list[str]:
    columns, names = table.__table__.columns, _COLUMNS[table].split()
    limits = [name for name in sorted(_LIMITS) if name in columns]
    rows = session.connection().execute(sqlalchemy.select(*(columns[name] for name in names + limits)))
    told = ((list(map(_known, names, row)), row[len(names) :]) for row in rows)
    return [json.dumps([*known, *([] if _OVER & set(known) else _passed(limits, now))]) for known, limits in told]


def _known(name: str, value: Any) -> str:
    # Answers hold times and the carrier's ids: only a refusal's code matters.
    return str(value) if name != "answer" else str(value.get("code") if isinstance(value, dict) else None)


def _passed(limits: Sequence[datetime | None], now: datetime) -> list[bool]:
    return [limit <= now for limit in limits if limit is not None]

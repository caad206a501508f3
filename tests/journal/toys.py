"""A toy world with a ledger of its own, and a toy verb that buys in it through the journal."""

import pickle
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlmodel import select

from app.domain.errors import Trouble, Unknown
from app.domain.recovery import Lost, Recovery
from app.journal.journal import Journal, Opening, Prepared
from app.journal.steps import Step, nothing
from app.store.tables import BookingRow, EventRow, OperationRow, PartnerRow, StepRow

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DEADLINE = timedelta(seconds=5)
SETTLE_DELAY = timedelta(seconds=60)
IDEMPOTENT = Recovery(lost=Lost.IDEMPOTENT)
LOOK_FIRST = Recovery(lost=Lost.LOOK_FIRST, settle_delay=SETTLE_DELAY)
NEVER = Recovery(lost=Lost.NEVER)
VERB = "trip@1"
LEASE_OVER = timedelta(minutes=1)


@dataclass(frozen=True)
class Wanted:
    what: str


@dataclass(frozen=True)
class Bought:
    what: str
    number: int


@dataclass
class Shop:
    """It keeps the truth in its ledger, and honours keys if it is told to. `faults` befall the next asks, in order."""

    clock: object
    honours_keys: bool = True
    refuses_late_sends: bool = True
    slow: bool = False
    ledger: list = field(default_factory=list)
    in_flight: list = field(default_factory=list)
    faults: deque = field(default_factory=deque)
    asked: list = field(default_factory=list)
    looked: list = field(default_factory=list)

    async def buy(self, wanted, call):
        self.asked.append((wanted.what, call.key))
        fault = self.faults.popleft() if self.faults else None
        if fault is not None:
            return await fault(lambda: self.sell(wanted, call))
        return await self.sell(wanted, call)

    async def sell(self, wanted, call):
        self.land()
        # As the choke point does.
        if self.refuses_late_sends and self.clock.now() > call.send_by:
            raise Trouble("too late to send")
        if self.slow:
            self.slow = False
            return await self.sell_late(wanted, call)
        return self.effect(wanted.what, call.key)

    async def sell_late(self, wanted, call):
        """The request arrives, and takes effect just before the settle delay is over."""
        self.in_flight.append(
            (self.clock.now() + DEADLINE + SETTLE_DELAY - timedelta(seconds=1), wanted.what, call.key)
        )
        raise Unknown("time-out")

    async def find(self, wanted, call, since):
        self.looked.append((wanted.what, call.key))
        self.land()
        return self.known(wanted.what, call.key)

    def land(self):
        for landing in [flight for flight in self.in_flight if flight[0] <= self.clock.now()]:
            self.in_flight.remove(landing)
            self.effect(*landing[1:])

    def effect(self, what, key):
        known = self.known(what, key) if self.honours_keys else None
        if known is None:
            self.ledger.append((what, key))
            known = Bought(what, len(self.ledger))
        return known

    def known(self, what, key):
        return next((Bought(what, number) for number, line in enumerate(self.ledger, 1) if line == (what, key)), None)

    def bought(self):
        """What was bought, once for every time it was."""
        self.land()
        return sorted(what for what, _ in self.ledger)

    def snapshot(self):
        return pickle.dumps((self.ledger, self.in_flight))

    def restore(self, snapshot):
        self.ledger, self.in_flight = pickle.loads(snapshot)
        self.slow = False

    def fingerprint(self):
        self.land()
        # Where keys are honoured, only the first to land counts.
        first = {key: flight for flight in sorted(self.in_flight, reverse=True) for key in [flight[2]]}
        return {"ledger": self.ledger, "in flight": sorted(first.values() if self.honours_keys else self.in_flight)}


def tell(run, kind, session):
    claim = run.claim
    facts = {"partner_id": claim.partner_id, "booking_id": claim.booking_id, "actor": claim.actor}
    session.add(EventRow(operation_id=claim.operation_id, kind=kind, facts={}, at=NOW, **facts))


def buying(run, shop, what, *, recovery=IDEMPOTENT, buy=None, find=None, refused=nothing, **more):
    """The step that buys one thing, and tells so."""
    return Step(
        name="buy",
        item=what,
        request=Wanted(what),
        answer=Bought,
        ask=buy or shop.buy,
        find=(find or shop.find) if recovery.lost == Lost.LOOK_FIRST else find,
        settle=lambda session, bought: tell(run, f"bought {bought.what}", session),
        refused=refused,
        recovery=recovery,
        deadline=DEADLINE,
        **more,
    )


def trip(shop, **options):
    """The toy verb: a seat, then a meal, then thanks."""

    async def verb(run):
        await run.step(buying(run, shop, "seat", **options))
        await run.step(buying(run, shop, "meal", **options))
        await run.record("thanks", bool, lambda session: tell(run, "thanked", session) is None)

    return verb


def opening(key="k", verb=VERB, text="input", partner_id="p"):
    return Opening(
        partner_id=partner_id,
        key=key,
        verb=verb,
        input_hash=text,
        same_input=lambda known: known == text,
        actor="token:1",
    )


def prepared(booking_id="b"):
    return lambda _session, _operation_id: Prepared(booking_id=booking_id, input={"seats": 1})


def seed(session):
    session.add_all([PartnerRow(id=key, name=key, terms={}, created_at=NOW) for key in ("p", "q")])
    session.flush()
    facts = {"partner_id": "p", "state": "NEW", "currency": "EUR", "total_minor": 1, "created_at": NOW}
    session.add_all([BookingRow(id=key, reference=key, **facts) for key in ("b", "c")])


@dataclass
class Bench:
    """A journal over a store, with all that a test turns or looks at."""

    store: object
    clock: object
    ids: object
    shop: Shop
    verbs: dict = field(default_factory=dict)

    def __post_init__(self):
        self.journal = Journal(self.store, self.clock, self.ids, self.verbs)

    async def open(self, key="k", booking_id="b", **changes):
        return await self.journal.open(opening(key, **changes), prepared(booking_id), booking_id)

    async def run(self, verb, key="k", booking_id="b"):
        """Open an operation of this verb and run it once."""
        self.verbs[VERB] = verb
        opened = await self.open(key, booking_id)
        await self.journal.execute(opened.claim)
        return await self.operation(opened.operation.id)

    async def resume(self):
        """Move to when the next operation is due and run it."""
        due = await self.store.read(
            lambda session: session.exec(
                select(OperationRow.due_at).where(OperationRow.state == "OPEN").order_by(OperationRow.due_at)
            ).first()
        )
        self.clock.advance(max(due - self.clock.now(), timedelta()))
        claims = await self.journal.claim_due(1)
        await self.journal.execute(claims[0])
        return await self.operation(claims[0].operation_id)

    async def operation(self, operation_id):
        return await self.store.read(lambda session: session.get_one(OperationRow, operation_id))

    async def steps(self):
        rows = await self.store.read(lambda session: session.exec(select(StepRow)).all())
        return {row.item_id or row.name: row for row in rows}

    async def told(self):
        query = select(EventRow.kind).order_by(EventRow.id)
        return list(await self.store.read(lambda session: session.exec(query).all()))

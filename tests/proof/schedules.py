"""A random life of the gateway: clients, two processes, faults, crashes, jumps of time and webhooks, from one seed."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any, TypeVar

from sqlmodel import Session, select

from app.booking.cancel import CancelWish, take_cancel
from app.booking.desk import Outcome
from app.booking.hear import hear
from app.booking.pay import PayWish, take_pay
from app.booking.reserve import ReserveWish, take_reserve
from app.domain.clock import ManualClock
from app.domain.errors import BookingBusy, NotFound, OfferExpired
from app.domain.money import Money
from app.store.engine import Store
from app.store.tables import OperationState
from app.wire.messages import Request, Response
from app.wire.transport import NoAnswer
from carriers.sandbox.duffel.world import DuffelWorld
from carriers.sandbox.faults import APPLIES_TO, FaultKind
from tests.booking.house import PARTNER, CountedIds, House, passenger, viewer
from tests.booking.scenes import floating, guaranteed, instant
from tests.carriers.worlds import START, SandboxTransport

T = TypeVar("T")
Take = Callable[[House], Awaitable[Outcome]]

# Enough for some of a schedule's bookings, so that credit is refused too.
_CREDIT = {code: Money.of("1500", code) for code in ("GBP", "EUR")}
# One selling currency each.
_TRIPS = (
    (guaranteed,), (guaranteed, guaranteed), (floating,), (instant,),
    (floating, instant), (floating, floating, instant),
)  # fmt: skip
_ENDPOINTS = (
    "orders.create", "orders.create", "payments.create", "payments.create", "orders.list", "orders.get",
    "offers.get", "cancellations.create", "cancellations.confirm",
)  # fmt: skip
# An order sent at the last instant exists two minutes later at most.
_LONGEST_DELAY = 120
_ENDED = {OperationState.DONE, OperationState.REFUSED}


@dataclass
class Process:
    """Whether a gateway process still lives; what it awaits takes as long as the schedule's chance wants."""

    random: Random
    alive: bool = True
    # What clients and the clock asked of it, and what it asked of the database.
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    sent: list[asyncio.Task[Any]] = field(default_factory=list)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it beside everything else."""
        self.tasks.append(asyncio.create_task(work))

    async def ask(self, work: Coroutine[Any, Any, T]) -> T:
        """The database's answer; it finishes what was sent to it also when this process dies."""
        task = asyncio.create_task(work)
        self.sent.append(task)
        return await asyncio.shield(task)

    async def dawdle(self) -> None:
        """Let others go first; a dead process never comes back."""
        for _ in range(self.random.randrange(4)):
            await asyncio.sleep(0)
        if not self.alive:
            raise asyncio.CancelledError


@dataclass
class ProcessStore:
    """The store as one process sees it. What was sent to the database when it died may still be committed."""

    inner: Store
    process: Process

    async def write(self, body: Callable[[Session], T]) -> T:
        await self.process.dawdle()
        answer = await self.process.ask(self.inner.write(body))
        await self.process.dawdle()
        return answer

    async def read(self, body: Callable[[Session], T]) -> T:
        await self.process.dawdle()
        return await self.process.ask(self.inner.read(body))

    async def close(self) -> None: ...


def process_of(house: House) -> Process:
    """The process that a house runs in."""
    process: Process = house.store.process  # type: ignore[attr-defined]
    return process


@dataclass(kw_only=True)
class ProcessTransport(SandboxTransport):
    """The way from one process to the world. What is under way for longer than its caller waits gets lost."""

    process: Process
    clock: ManualClock

    async def send(self, request: Request, timeout: timedelta) -> Response:
        sent_at = self.clock.now()
        await self.process.dawdle()
        if self.clock.now() - sent_at >= timeout:
            raise NoAnswer("lost on the way")
        answer = await super().send(request, timeout)
        await self.process.dawdle()
        return answer


@dataclass
class Wish:
    """What a client wants, under one key, however often it says so; and every answer it got."""

    key: str
    take: Take
    answers: list[Outcome] = field(default_factory=list)


class Schedule:
    """One random life over a store and a world, the same for the same seed."""

    def __init__(self, seed: int, store: Store) -> None:
        self.random = Random(seed)
        self.store = store
        self.clock = ManualClock(START)
        self.world = DuffelWorld(self.clock, seed=str(seed))
        self.ids = CountedIds()
        self.seen: Counter[str] = Counter()
        self.wishes: list[Wish] = []
        self.bugs: list[str] = []
        # Searches, and judges in the end; it never crashes.
        self.shop = House(clock=self.clock, store=store, world=self.world, ids=self.ids)
        self.processes: list[Process] = []
        self.houses = [self.start(), self.start()]

    def start(self) -> House:
        """A gateway process."""
        process = Process(self.random)
        self.processes.append(process)
        return House(
            clock=self.clock,
            store=ProcessStore(self.store, process),
            world=self.world,
            ids=self.ids,
            transport=ProcessTransport(world=self.world, process=process, clock=self.clock),
        )

    async def live(self, moves: int) -> None:
        """So many things happen; then everything comes to rest."""
        await self.shop.open()
        await self.shop.terms(replace(PARTNER, credit=_CREDIT))
        self.shop.listen()
        for _ in range(moves):
            name, move = self.random.choice(self._moves())
            self.seen[name] += 1
            await move()
            await self.pass_by()
        await self.rest()

    def _moves(self) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        weights: dict[Callable[[], Awaitable[None]], int] = {
            self.reserve: 4,
            self.pay: 8,
            self.cancel: 1,
            self.repeat: 4,
            self.fault: 5,
            self.crash: 3,
            self.wait: 4,
            self.tick: 6,
            self.webhooks: 3,
        }
        return [(move.__name__, move) for move, weight in weights.items() for _ in range(weight)]

    async def pass_by(self) -> None:
        """Let everybody go on for a while."""
        for _ in range(self.random.choice((0, 1, 5, 30, 30))):
            await asyncio.sleep(0)
            # As long as the database takes to answer: what others asked of it before is answered by then.
            await self.store.read(lambda session: session.exec(select(1)).all())

    async def rest(self) -> None:
        """Let whoever lives finish, then let time pass until nothing is open."""
        for process in self.processes:
            await asyncio.gather(*process.sent, return_exceptions=True)
            ends = await asyncio.gather(*process.tasks, return_exceptions=True)
            self.bugs += [repr(end) for end in ends if isinstance(end, Exception)]
        for house in self.houses:
            await house.runner.drain()
        await self.shop.quiet()

    async def end(self) -> None:
        """Days later: what was held is given back."""
        await self.shop.later(timedelta(days=4))
        await self.shop.quiet()

    async def reserve(self) -> None:
        """A client reserves one offer or several."""
        trip = self.random.choice(_TRIPS)
        try:
            tokens = tuple([self.shop.token(await kind(self.shop)) for kind in trip])
        except IndexError:
            # Sold out by an earlier fault.
            return
        wish = ReserveWish(offers=tokens, passengers=(passenger(),))
        self.want("r", lambda house, key: take_reserve(house.desk, viewer(), key, wish))

    async def pay(self) -> None:
        """A client pays a booking."""
        booking_id = self.booking()
        if booking_id is not None:
            wish = PayWish(booking_id=booking_id)
            self.want("p", lambda house, key: take_pay(house.desk, viewer(), key, wish))

    async def cancel(self) -> None:
        """A client cancels a booking."""
        booking_id = self.booking()
        if booking_id is not None:
            wish = CancelWish(booking_id=booking_id)
            self.want("c", lambda house, key: take_cancel(house.desk, viewer(), key, wish))

    async def repeat(self) -> None:
        """A client says again what it said before, perhaps at both processes at once."""
        if self.wishes:
            wish = self.random.choice(self.wishes)
            for house in self.random.choices(self.houses, k=self.random.choice((1, 2, 3))):
                self.say(wish, house)

    def booking(self) -> str | None:
        """One of the bookings that clients know of."""
        known = {answer.booking_id for wish in self.wishes for answer in wish.answers if answer.booking_id}
        return self.random.choice(sorted(known)) if known else None

    def want(self, letter: str, take: Callable[[House, str], Awaitable[Outcome]]) -> None:
        """A new wish, said once."""
        key = f"{letter}{len(self.wishes)}"
        self.wishes.append(Wish(key, lambda house: take(house, key)))
        self.say(self.wishes[-1], self.random.choice(self.houses))

    def say(self, wish: Wish, house: House) -> None:
        """Say it to this process."""

        async def client() -> None:
            try:
                wish.answers.append(await wish.take(house))
            except (BookingBusy, NotFound, OfferExpired) as no:
                self.seen[type(no).__name__] += 1

        process_of(house).begin(client())

    async def fault(self) -> None:
        """Something will go wrong in the world."""
        endpoint = self.random.choice(_ENDPOINTS)
        kind = self.random.choice([kind for kind in FaultKind if endpoint in APPLIES_TO.get(kind, {endpoint})])
        accepted = kind in {FaultKind.ACCEPTED_202_CREATED, FaultKind.ACCEPTED_202_FAILED}
        wish = {
            "seconds": self.random.uniform(1, 3600 if accepted else _LONGEST_DELAY),
            "times": self.random.choice((1, 1, 1, 2, 5)),
            "effect": self.random.random() < 1 / 2,
            "percent": self.random.choice((-10, 10)),
        }
        self.shop.fault(endpoint, str(kind), **wish)
        self.seen[f"{endpoint} {kind}"] += 1

    async def crash(self) -> None:
        """A process is killed, and another takes its place."""
        place = self.random.randrange(len(self.houses))
        dead, self.houses[place] = self.houses[place], self.start()
        process = process_of(dead)
        process.alive = False
        running = [task for task in (*dead.runner._tasks.values(), *process.tasks) if not task.done()]
        self.seen["killed with work under way"] += bool(dead.runner._tasks)
        for task in running:
            task.cancel()

    async def wait(self) -> None:
        """Time passes, while whatever is under way stays so."""
        seconds = self.random.choice((1, 1, 30, 30, 140, 300, 300, 1800))
        self.clock.advance(timedelta(seconds=self.random.uniform(0, seconds)))

    async def tick(self) -> None:
        """A process looks for what is due."""
        house = self.random.choice(self.houses)
        process_of(house).begin(self._tick(house))

    async def _tick(self, house: House) -> None:
        await house.runner.tick()

    async def webhooks(self) -> None:
        """What the world tells arrives once, twice, later or never."""
        for message in self.world.pending_webhooks():
            times = self.random.choice((0, 0, 1, 2))
            for house in self.random.choices(self.houses, k=times):
                process_of(house).begin(self._hear(house, message))
            status = 200 if times else self.random.choice((200, None))
            self.world.webhook_delivered(message.delivery_id, status)

    async def _hear(self, house: House, message: Any) -> None:
        await hear(house.desk, "duffel", message.headers, message.body)

    async def lies(self) -> list[str]:
        """What clients were told that is not so in the end, and what was no answer at all."""
        found = list(self.bugs)
        for wish in self.wishes:
            if len({answer.operation_id for answer in wish.answers}) > 1:
                found.append(f"{wish.key} was done twice")
            for answer in wish.answers:
                now = await self.shop.desk.outcome(answer.operation_id)
                if answer.state in _ENDED and answer != now:
                    found.append(f"{wish.key} was told {answer}, and it is {now}")
        return found

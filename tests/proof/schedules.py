"""A random life of the gateway, from one seed.

Clients, payers, two processes, faults at the carrier and the payment provider, crashes, jumps of time, webhooks and
callbacks, and accounts that are closed meanwhile.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from sqlmodel import col, select

from app.accounts.closing import Closing
from app.booking.cancel import CancelWish, take_cancel
from app.booking.desk import Outcome
from app.booking.hear import hear
from app.booking.hear_payments import hear_payment
from app.booking.pay import PayWish, take_pay
from app.booking.reserve import ReserveWish, take_reserve
from app.booking.sessions import CardWish, take_session
from app.domain.clock import ManualClock
from app.domain.errors import Access
from app.domain.itinerary import CarrierOffer
from app.domain.money import Money
from app.domain.partner import Billing, Cycle
from app.domain.refusals import BookingBusy, InvalidInput, NotFound, OfferExpired
from app.reconcile.job import Reconciler
from app.reconcile.leftovers import KINDS as LEFTOVERS
from app.store.account_tables import StatementRow
from app.store.aftersales_tables import DiscrepancyRow
from app.store.engine import Store
from app.store.tables import BookingRow, EntryRow, OperationState, PaymentRow
from carriers.sandbox.duffel.world import DuffelWorld
from carriers.sandbox.octo.world import OctoWorld
from carriers.sandbox.outgoing import OutgoingWebhook
from carriers.sandbox.payments.world import PaymentsWorld
from tests.booking.house import OPERATOR, PARTNER, CountedIds, House, passenger, viewer
from tests.booking.scenes import floating, guaranteed, instant
from tests.carriers.worlds import START
from tests.payments.worlds import listen
from tests.proof import faults
from tests.proof.aftersales import AfterSales
from tests.proof.payers import Payers
from tests.proof.processes import Process, ProcessStore, ProcessTransport, process_of
from tests.proof.tours import Tours

Take = Callable[[House], Awaitable[Outcome]]

# Enough for some of a schedule's bookings, so that credit is refused too.
_CREDIT = {code: Money.of("1500", code) for code in ("GBP", "EUR")}
# A cycle of ours and the carrier's ends an hour after the start: midnight on Hawaii.
_BILLING = Billing(cycle=Cycle.WEEKLY, day=7, zone="Pacific/Honolulu")
_BILLED = dict.fromkeys(("duffel", OPERATOR), _BILLING)
_ACME = replace(PARTNER, credit=_CREDIT, billing=_BILLING)
# How soon a booking has to be paid, or as late as the carrier lets us.
_PAYMENT_LIMITS = (None, None, None, timedelta(minutes=30))
# One selling currency each.
_TRIPS = (
    (guaranteed,), (guaranteed, guaranteed), (floating,), (instant,),
    (floating, instant), (floating, floating, instant),
)  # fmt: skip
_ENDED = {OperationState.DONE, OperationState.REFUSED}
_UNBILLED = select(EntryRow.id).where(
    col(EntryRow.account).in_(["PARTNER", "CARRIER"]), col(EntryRow.statement_id).is_(None)
)


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
        self.operator = OctoWorld(self.clock, seed=str(seed))
        self.bank = PaymentsWorld(self.clock, seed=str(seed))
        self.payers = Payers(self.random, store, self.bank)
        self.ids = CountedIds()
        self.seen: Counter[str] = Counter()
        self.wishes: list[Wish] = []
        self.bugs: list[str] = []
        self.aftersales = AfterSales(self)
        self.tours = Tours(self)
        # Searches, and judges in the end; it never crashes.
        self.shop = House(store=store, **self._around())
        self.processes: list[Process] = []
        self.houses = [self.start(), self.start()]

    def start(self) -> House:
        """A gateway process."""
        process = Process(self.random)
        self.processes.append(process)
        carry = partial(ProcessTransport, process=process, clock=self.clock)
        house = House(
            store=ProcessStore(self.store, process),
            transport=carry(world=self.world),
            tours_transport=carry(world=self.operator),
            bank_transport=carry(world=self.bank),
            **self._around(),
        )
        _ask_deposits(house)
        return house

    def _around(self) -> dict[str, Any]:
        """What every process has around it."""
        worlds = {"world": self.world, "tours": self.operator, "bank": self.bank}
        return {"clock": self.clock, "ids": self.ids, **worlds}

    async def live(self, moves: int) -> None:
        """So many things happen; then everything comes to rest."""
        await self.shop.open()
        await self.shop.terms(_ACME)
        self.shop.listen()
        listen(self.bank)
        await self.aftersales.sell()
        for _ in range(moves):
            name, move = self.random.choice(self._moves())
            self.seen[name] += 1
            await move()
            await self.pass_by()
        await self.rest()

    def _moves(self) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        weights: dict[Callable[[], Awaitable[None]], int] = {
            self.reserve: 4,
            self.pay: 3,
            self.open_form: 6,
            self.fill_in_form: 12,
            self.cancel: 1,
            self.repeat: 6,
            self.fault: 4,
            self.fault_at_the_bank: 5,
            self.crash: 3,
            self.wait: 4,
            self.tick: 8,
            self.webhooks: 3,
            self.callbacks: 5,
            self.close_accounts: 1,
            self.reconcile: 2,
            **self.aftersales.moves(),
            **self.tours.moves(),
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
        """Days later: what was held is given back. A week after that, both processes close what is left to close."""
        await self.shop.later(timedelta(days=4))
        await self.shop.quiet()
        self.clock.advance(timedelta(weeks=1))
        await asyncio.gather(*(self._close_accounts(house) for house in self.houses))
        self.bugs += [f"entry {entry} is on no statement" for entry in await self.shop.rows(_UNBILLED)]

    async def ends(self) -> Counter[str]:
        """What has become of everything, counted."""
        bookings, payments = await self.shop.rows(select(BookingRow)), await self.shop.rows(select(PaymentRow))
        return Counter(
            [
                *(f"booking {booking.state}" for booking in bookings),
                *(f"booking {booking.state} on a deposit" for booking in bookings if booking.deposit_minor),
                *(f"payment by {payment.method} {payment.status}" for payment in payments),
                *(f"payment by {payment.method} given back" for payment in payments if payment.refunded_minor),
                *(f"statement of a {holder}" for holder in await self.shop.rows(select(StatementRow.holder))),
                *await self.aftersales.ends(),
            ]
        )

    async def reserve(self) -> None:
        """A client reserves one offer or several."""
        trip = self.random.choice(_TRIPS)
        try:
            tokens = tuple([self.shop.token(await kind(self.shop)) for kind in trip])
        except IndexError:
            # Sold out by an earlier fault.
            return
        wish = ReserveWish(offers=tokens, passengers=(passenger(),))
        who = viewer(replace(_ACME, payment_limit=self.random.choice(_PAYMENT_LIMITS)))
        self.want("r", lambda house, key: take_reserve(house.desk, who, key, wish))

    async def pay(self) -> None:
        """A client pays a booking on account, all of it or a part."""
        booking = await self.booking()
        if booking is not None:
            wish = PayWish(booking_id=booking.id, amount=self.part(booking))
            self.want("p", lambda house, key: take_pay(house.desk, viewer(), key, wish))

    async def open_form(self) -> None:
        """A client wants card forms for a booking: one or two, each for all of it or a part."""
        booking = await self.booking()
        if booking is not None:
            half = Money(booking.total_minor // 2, booking.currency)
            rest = Money(booking.total_minor, booking.currency) - half
            for amount in self.random.choice(((None,), (None,), (half,), (half, rest), (None, None))):
                self.want_form(CardWish(booking_id=booking.id, amount=amount))

    def want_form(self, wish: CardWish) -> None:
        """A client wants this form."""
        self.want("f", lambda house, key: take_session(house.desk, viewer(), key, wish))

    async def fill_in_form(self) -> None:
        """A payer does something in a card form."""
        self.seen[await self.payers.act()] += 1

    async def cancel(self) -> None:
        """A client cancels a booking."""
        booking = await self.booking()
        if booking is not None:
            wish = CancelWish(booking_id=booking.id)
            self.want("c", lambda house, key: take_cancel(house.desk, viewer(), key, wish))

    async def repeat(self) -> None:
        """A client says again what it said before, perhaps at both processes at once."""
        if self.wishes:
            wish = self.random.choice(self.wishes)
            for house in self.random.choices(self.houses, k=self.random.choice((1, 2, 3))):
                self.say(wish, house)

    async def booking(self) -> BookingRow | None:
        """One of the bookings that clients know of."""
        known = sorted(self.known())
        return await self.shop.booking(self.random.choice(known)) if known else None

    def known(self) -> set[str]:
        """The ids of the bookings that clients know of."""
        return {answer.booking_id for wish in self.wishes for answer in wish.answers if answer.booking_id}

    def part(self, booking: BookingRow) -> Money | None:
        """How much of it to pay; mostly all that is left."""
        parts = self.random.choice((None, None, None, 2, 3))
        return Money(booking.total_minor // parts, booking.currency) if parts else None

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
            except (BookingBusy, InvalidInput, NotFound, OfferExpired) as no:
                self.seen[type(no).__name__] += 1

        process_of(house).begin(client())

    async def fault(self) -> None:
        """Something will go wrong at the carrier."""
        self.spoil(faults.CARRIERS)

    def spoil(self, endpoints: Sequence[str]) -> None:
        """Something will go wrong at one of these."""
        fault = faults.drawn(self.random, endpoints)
        self.seen[f"{fault['endpoint']} {fault['kind']}"] += 1
        self.shop.fault(**fault)

    async def fault_at_the_bank(self) -> None:
        """Something will go wrong at the payment provider."""
        self.spoil(faults.PROVIDERS)

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

    async def _hear(self, house: House, message: OutgoingWebhook) -> None:
        await hear(house.desk, "duffel", message.headers, message.body)

    async def callbacks(self) -> None:
        """What the payment provider tells arrives once, twice, in any order, later or never."""
        due = self.bank.pending_webhooks()
        self.random.shuffle(due)
        for message in due:
            times = self.random.choice((0, 0, 1, 1, 2))
            for house in self.random.choices(self.houses, k=times):
                process_of(house).begin(self._hear_payment(house, message))
            status = 200 if times else self.random.choice((200, None))
            self.bank.webhook_delivered(message.delivery_id, status)

    async def _hear_payment(self, house: House, message: OutgoingWebhook) -> None:
        try:
            fresh = await hear_payment(house.desk, "sandbox", message.headers, message.body)
            self.seen["callback heard" if fresh else "callback heard before"] += 1
        except Access:
            # Its keys could not be had, or it came after its time.
            self.seen["callback not believed"] += 1

    async def close_accounts(self) -> None:
        """A process closes the accounts whose cycle has ended."""
        house = self.random.choice(self.houses)
        process_of(house).begin(self._close_accounts(house))

    async def _close_accounts(self, house: House) -> None:
        closing = Closing(
            store=house.store, clock=self.clock, ids=self.ids, carriers=dict.fromkeys(("duffel", OPERATOR), _BILLING)
        )
        await closing.close_due()

    async def reconcile(self) -> None:
        """A process compares its records with everybody's."""
        house = self.random.choice(self.houses)
        process_of(house).begin(Reconciler(house.desk).run())

    async def disagreements(self) -> list[str]:
        """What records were ever found to disagree on, now that the last comparison was made in peace."""
        self.clock.advance(timedelta(hours=1))
        for waiting in (self.world.faults, self.operator.faults, self.bank.faults):
            waiting.remove()
        await Reconciler(self.shop.desk).run()
        found = await self.shop.rows(select(DiscrepancyRow).where(col(DiscrepancyRow.kind).not_in(LEFTOVERS)))
        return [f"{row.source} has {row.facts['theirs']} for {row.facts['ours']}: {row.kind}" for row in found]

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


def _ask_deposits(house: House) -> None:
    """The sandbox asks for none: teach it to want a quarter for some of its offers, always the same ones."""
    check = house.carrier.check

    async def with_deposit(ref: str) -> CarrierOffer:
        offer: CarrierOffer = await check(ref)
        quarter = Money(offer.total.minor // 4, offer.total.currency)
        return offer if offer.total.minor % 3 else replace(offer, deposit=quarter)

    house.carrier.check = with_deposit

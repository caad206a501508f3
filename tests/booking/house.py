"""The whole gateway below GraphQL, in one process: in-memory store, sandbox worlds, one clock that stands still."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import col, select

from app.booking.cancel import CancelWish, take_cancel
from app.booking.desk import Desk, Outcome, Terms, Tools
from app.booking.hear import hear
from app.booking.passengers import Passenger
from app.booking.pay import PayWish, take_pay
from app.booking.reserve import ReserveWish, take_reserve
from app.domain.clock import ManualClock
from app.domain.ids import REFERENCE_ALPHABET
from app.domain.itinerary import CarrierOffer, ExchangeRate, PassengerType
from app.domain.money import Money
from app.domain.partner import Partner, Scope, Viewer
from app.domain.search import Leg, SearchQuery, SeatRequest
from app.domain.travellers import Title
from app.journal.journal import Journal
from app.journal.runner import Runner
from app.payments.registry import Providers
from app.pricing.offers import OfferSeals, OfferToken
from app.pricing.price import price
from app.signing.digest import Digester
from app.signing.links import PaymentLinks
from app.signing.sealing import Sealer
from app.store.engine import Store
from app.store.partners import save_partner
from app.store.tables import BookingRow, EventRow, ItemRow, OperationRow, OperationState, PaymentRow, PaymentStatus
from app.verbs import chores, verbs
from carriers.registry import Carriers
from carriers.sandbox.duffel.world import DuffelWorld
from carriers.sandbox.exchange import Request, encode
from carriers.sandbox.octo.world import OctoWorld
from carriers.sandbox.payments.world import PaymentsWorld
from tests.carriers.worlds import START, TOKEN, WEBHOOK_SECRET, SandboxTransport, in_process, in_process_octo
from tests.memories import empty_store
from tests.payments.worlds import in_process_provider

OPERATOR = "aatkings"
SECRET = b"a key of thirty-two bytes for us"
TRAVEL_DAY = date(2026, 6, 1)
CREDIT = {code: Money.of("100000", code) for code in ("GBP", "EUR", "USD", "CHF")}
PARTNER = Partner(id="pa_1", name="Acme Travel", currency="GBP", credit=CREDIT)
OTHER = Partner(id="pa_2", name="Other Travel", currency="GBP")
# Nobody waits in these tests: an operation rests or ends before its client looks.
TERMS = Terms(client_wait_seconds=0)


class CountedIds:
    """Ids that are the same in every run."""

    def __init__(self) -> None:
        self.count = 0

    def new(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}_{self.count:06d}"

    def reference(self) -> str:
        self.count += 1
        digits, value = "", self.count
        for _ in range(6):
            value, digit = divmod(value, len(REFERENCE_ALPHABET))
            digits = REFERENCE_ALPHABET[digit] + digits
        return digits


def viewer(partner: Partner = PARTNER) -> Viewer:
    return Viewer(partner=partner, scopes=frozenset(Scope), actor=f"{partner.name} backend")


def passenger(given: str = "Ada", family: str = "Lovelace", born: date = date(1990, 12, 10)) -> Passenger:
    return Passenger(
        title=Title.MS,
        given_name=given,
        family_name=family,
        born_on=born,
        email="ada@example.org",
        phone="+442080160508",
    )


@dataclass
class House:
    """Everything, composed as the roof does it, over worlds and a store of the test's choice.

    The `carrier` is the airlines' in `world`; the `operator`, AAT Kings, runs `tours`.
    """

    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    store: Store = field(default_factory=empty_store)
    world: Any = None
    transport: Any = None
    tours: Any = None
    tours_transport: Any = None
    bank: Any = None
    bank_transport: Any = None
    ids: CountedIds = field(default_factory=CountedIds)
    overrides: dict[str, Any] = field(default_factory=dict)
    cards: tuple[Any, ...] | None = None

    def __post_init__(self) -> None:
        self.world = self.world or DuffelWorld(self.clock)
        self.transport = self.transport or SandboxTransport(self.world)
        self.tours = self.tours or OctoWorld(self.clock)
        self.tours_transport = self.tours_transport or SandboxTransport(self.tours)
        self.bank = self.bank or PaymentsWorld(self.clock)
        self.bank_transport = self.bank_transport or SandboxTransport(self.bank)
        self.compose()

    def compose(self) -> None:
        """Start the process anew over the same store and world."""
        self.carrier = in_process(self.world, self.clock, self.transport, **self.overrides)
        self.operator = in_process_octo(self.tours, self.clock, self.tours_transport, operator=OPERATOR)
        self.provider = in_process_provider(self.bank, self.clock, self.bank_transport)
        sealer = Sealer([SECRET])
        self.seals = OfferSeals(sealer, self.clock)
        tools = Tools(
            store=self.store,
            clock=self.clock,
            ids=self.ids,
            carriers=Carriers([self.carrier, self.operator]),
            providers=Providers((self.provider,) if self.cards is None else self.cards),
            payment_links=PaymentLinks(sealer, self.clock, "https://gateway.test"),
            seals=self.seals,
            vault=sealer,
            terms=TERMS,
        )
        self.journal = Journal(self.store, self.clock, self.ids, verbs(tools))
        duties: list[Any] = []
        self.runner = Runner(self.journal, chores=duties)
        self.desk = Desk(tools=tools, journal=self.journal, runner=self.runner, digester=Digester([SECRET]))
        duties += chores(self.desk)

    async def open(self) -> "House":
        """Let the partners in."""
        for partner in (PARTNER, OTHER):
            await self.terms(partner)
        return self

    async def terms(self, partner: Partner) -> None:
        """Agree a partner's terms."""
        await self.store.write(lambda session: save_partner(session, partner, self.clock.now()))

    async def offers(
        self,
        origin: str = "JFK",
        destination: str = "EWR",
        types: Sequence[PassengerType] = (PassengerType.ADULT,),
        departs: time | None = None,
    ) -> list[CarrierOffer]:
        """What the carrier offers, as search would find it; with `departs`, only what departs at that time."""
        leg = Leg(origin=origin, destination=destination, date=TRAVEL_DAY, departs_from=departs, departs_until=departs)
        query = SearchQuery(
            legs=(leg,),
            passengers=tuple(SeatRequest(type=kind) for kind in types),
        )
        found = await self.carrier.search(query, deadline=timedelta(seconds=20))
        return list(found.offers)

    def token(self, offer: CarrierOffer, partner: Partner = PARTNER, rate: ExchangeRate | None = None) -> str:
        """The token a search answer would carry for it."""
        currency = rate.target if rate else offer.total.currency
        sold = price(offer, currency=currency, fees=partner.fees, rate=rate)
        legs = tuple(
            Leg(origin=way.origin, destination=way.destination, date=way.departs_at.date()) for way in offer.journeys
        )
        token = OfferToken(
            carrier=offer.carrier,
            offer=offer.ref,
            price=sold,
            passengers=offer.passengers,
            holdable=offer.holdable,
            required=offer.required,
            document_kinds=offer.document_kinds,
            legs=legs,
            starts_on=offer.stay.key.starts_on if offer.stay else None,
            expires_at=offer.expires_at,
        )
        return self.seals.seal(token, partner.id)

    async def holdable(self) -> CarrierOffer:
        """An offer that can be held."""
        return next(offer for offer in await self.offers() if offer.holdable)

    async def reserve(self, key: str = "r1", *offers: CarrierOffer, **wish: Any) -> Outcome:
        """Reserve the offers for one adult, and let everything come to rest in this instant."""
        tokens = [self.token(offer) for offer in offers or (await self.holdable(),)]
        return await self.reserve_tokens(key, *tokens, **wish)

    async def reserve_tokens(self, key: str, *tokens: str, **wish: Any) -> Outcome:
        """Reserve what these tokens stand for."""
        passengers, who = wish.pop("passengers", (passenger(),)), wish.pop("viewer", viewer())
        asked = ReserveWish(offers=tokens, passengers=tuple(passengers), **wish)
        return await self.settled(await take_reserve(self.desk, who, key, asked))

    async def pay(self, booking_id: str, key: str = "p1", **wish: Any) -> Outcome:
        """Pay on account, and let everything come to rest in this instant."""
        asked = PayWish(booking_id=booking_id, **wish)
        return await self.settled(await take_pay(self.desk, viewer(), key, asked))

    async def cancel(self, booking_id: str, key: str = "c1") -> Outcome:
        """Cancel, and let everything come to rest in this instant."""
        return await self.settled(await take_cancel(self.desk, viewer(), key, CancelWish(booking_id=booking_id)))

    def fault(self, endpoint: str, kind: str, **how: Any) -> None:
        """Let this go wrong in the world that has the endpoint, once unless `times` says otherwise."""
        world = next(world for world in (self.world, self.tours, self.bank) if endpoint in world.endpoints)
        world.faults.add(world.endpoints, {"endpoint": endpoint, "kind": kind} | how)

    def declines(self, path: str, code: str, times: int = 1) -> None:
        """Let the carrier say no, with this code, to calls whose path ends so."""
        self.transport.declined += [(path, code)] * times

    def change_flight(self, reference: str | None, kind: str = "moved", **how: Any) -> None:
        """Let the airline move or cancel the first journey of the order with this reference."""
        body = encode({"booking_reference": reference, "kind": kind} | how)
        assert self.world.handle(Request("POST", "/_sandbox/airline_changes", {}, {}, body)).status == 201

    def change_departure(self, kind: str = "cancelled", **which: Any) -> None:
        """Let the operator cancel or move a departure, or the booking with this `uuid`."""
        body = encode({"kind": kind} | which)
        reply = self.tours.handle(Request("POST", "/_sandbox/departure_changes", {}, {}, body))
        assert reply.status == 200, reply.body

    def listen(self) -> None:
        """Register for the world's webhooks."""
        events = ["order.created", "order.creation_failed", "order.airline_initiated_change_detected"]
        wish = {"url": "http://gateway.test/hooks", "events": events}
        headers = {"authorization": f"Bearer {TOKEN}", "duffel-version": "v2"}
        reply = self.world.handle(Request("POST", "/air/webhooks", {}, headers, encode({"data": wish})))
        self.world._core.facts.webhooks[reply.json()["data"]["id"]].secret = WEBHOOK_SECRET

    async def deliver(self) -> int:
        """Hear every webhook that is due; answers how many events were new."""
        fresh = 0
        for message in self.world.pending_webhooks():
            fresh += await hear(self.desk, "duffel", message.headers, message.body)
            self.world.webhook_delivered(message.delivery_id, 200)
        return fresh

    async def settled(self, outcome: Outcome) -> Outcome:
        """The outcome once nothing runs any more in this instant."""
        await self.runner.drain()
        return await self.desk.outcome(outcome.operation_id)

    async def quiet(self, limit: timedelta = timedelta(days=4)) -> None:
        """Move time to whatever is due next, and run it, until no operation is open or the limit has passed."""
        until = self.clock.now() + limit
        while self.clock.now() < until:
            await self.runner.drain()
            due = await self.next_due(forms=True)
            if due is None:
                return
            self.clock.advance(max(due - self.clock.now(), timedelta(seconds=1)))

    async def later(self, by: timedelta) -> None:
        """Move time, and let come what is due then."""
        self.clock.advance(by)
        await self.runner.drain()

    async def settle_operations(self) -> None:
        """As `quiet`, but leave open forms to their payers."""
        while (due := await self.next_due()) is not None:
            self.clock.advance(max(due - self.clock.now(), timedelta(seconds=1)))
            await self.runner.drain()

    async def next_due(self, *, forms: bool = False) -> datetime | None:
        """When the next open operation is due, or the next look at a card form."""
        due = await self.rows(select(OperationRow.due_at).where(OperationRow.state == OperationState.OPEN))
        looks = select(PaymentRow.check_at).where(
            # What is due already waits for an operation that holds the booking.
            PaymentRow.status == PaymentStatus.PENDING,
            col(PaymentRow.check_at) > self.clock.now(),
        )
        return min([*due, *(await self.rows(looks) if forms else [])], default=None)

    async def operations(self, verb: str) -> list[OperationRow]:
        """The verb's operations, oldest first."""
        return await self.rows(select(OperationRow).where(OperationRow.verb == verb).order_by(OperationRow.id))

    async def rows(self, query: Any) -> list[Any]:
        """The rows a select answers."""
        return list(await self.store.read(lambda session: session.exec(query).all()))

    async def booking(self, booking_id: str | None) -> BookingRow:
        """The booking as it is stored now."""
        return await self.store.read(lambda session: session.get_one(BookingRow, booking_id))

    async def items(self, booking_id: str | None) -> list[ItemRow]:
        """The booking's items in their order."""
        return await self.rows(select(ItemRow).where(ItemRow.booking_id == booking_id).order_by(ItemRow.position))

    async def timeline(self, booking_id: str | None) -> list[str]:
        """The kinds of the booking's events, in their order."""
        return await self.rows(select(EventRow.kind).where(EventRow.booking_id == booking_id).order_by(EventRow.id))

    def orders(self, *states: str) -> list[Any]:
        """The world's orders, of these states where any are given."""
        return [order for order in self.world.ledger()["orders"] if not states or order["state"] in states]

"""The post office: the house with its couriers, and partners' backends that answer as a test wants."""

import asyncio
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlmodel import select

from app.booking.facts import Author, tell
from app.delivery.announce import Announcer
from app.delivery.courier import Courier
from app.delivery.endpoints import NewEndpoint, add_endpoint, give_secret
from app.delivery.letters import Letters
from app.domain.errors import Trouble
from app.domain.events import EventKind
from app.domain.money import Money
from app.domain.payment import BillingAddress
from app.payments.registry import Providers
from app.signing.keyring import Keyring
from app.signing.sealing import Sealer
from app.signing.tokens import Tokens
from app.store.delivery_tables import DeliveryRow, EndpointFormat, EndpointRow
from app.store.tables import EventRow, PaymentMethod, PaymentRow, PaymentStatus
from app.wire.messages import Response
from app.wire.wire import Wire
from tests.booking.house import PARTNER, SECRET, House

ISSUER = "https://gateway.example"
HOOK = "https://shop.example/hooks"
CALLBACK = "https://pay.shop.example/callbacks"
ADDRESS = BillingAddress(
    line1="11 Grosvenor Place", line2="", city="Kraków", country="United Kingdom", state="", post_code="SW1X 7HH"
)
KEYRING = Keyring.generate()


class Backends:
    """Partners' backends as a transport: what was posted to each URL, and answered with, in turn; 200 otherwise."""

    def __init__(self):
        self.posts = defaultdict(list)
        self.answers = defaultdict(list)
        self.gates = {}

    async def send(self, request, timeout):
        self.posts[request.url].append(request)
        if request.url in self.gates:
            await self.gates[request.url].wait()
        answer = self.answers[request.url].pop(0) if self.answers[request.url] else 200
        if isinstance(answer, BaseException):
            raise answer
        return answer if isinstance(answer, Response) else Response(status=answer)


class Provider:
    """A payment provider as far as deliveries know one: it says where the payer of `ch_1` is billed."""

    def __init__(self):
        self.profile = type("Profile", (), {"code": "cards"})
        self.address = ADDRESS
        self.away = False
        self.asked = []

    async def billing(self, ref):
        self.asked.append(ref)
        if self.away:
            raise Trouble("cards.example could not be reached.")
        return self.address


@dataclass
class Office:
    """Everything that carries a booking's events to its partner."""

    house: House
    keyring: Keyring = KEYRING
    backends: Backends = field(default_factory=Backends)
    provider: Provider = field(default_factory=Provider)

    def __post_init__(self):
        self.clock = self.house.clock
        self.sealer = Sealer([SECRET])
        self.open()

    def open(self, store=None):
        """Start the process anew over the same store and backends, by the office's own clock."""
        store, clock = store or self.house.store, self.clock
        seconds = lambda: clock.now().timestamp()  # noqa: E731
        self.wire = Wire(self.backends, clock, monotonic=seconds, sleep=self.sleep, jitter=lambda: 0.5)
        self.letters = Letters(
            clock=clock,
            sealer=self.sealer,
            tokens=Tokens(self.keyring, ISSUER),
            providers=Providers([self.provider]),
            selling_company="FAREGATE",
        )
        self.announcer = Announcer(store=store, clock=clock, ids=self.house.ids)
        self.courier = Courier(store, clock, self.wire, self.letters, chance=lambda: 0.5)

    async def sleep(self, seconds):
        self.house.clock.advance(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    async def endpoint(
        self, url=HOOK, form=EndpointFormat.STANDARD_WEBHOOKS, events=(), partner=PARTNER
    ) -> tuple[str, str]:
        """Register an endpoint; its id and secret."""
        wish = NewEndpoint(partner_id=partner.id, url=url, format=form, events=events)

        def add(session):
            row = add_endpoint(session, wish, self.house.ids, self.house.clock.now())
            secret = (
                give_secret(row, self.sealer, self.house.clock.now())
                if form is EndpointFormat.STANDARD_WEBHOOKS
                else ""
            )
            return row.id, secret

        return await self.house.store.write(add)

    async def callback(self, **more: Any) -> tuple[str, str]:
        """Register an endpoint for payment callbacks."""
        return await self.endpoint(CALLBACK, EndpointFormat.PAYMENT_CALLBACK, **more)

    async def paid(self, booking_id, kind=EventKind.PAYMENT_CAPTURED, method=PaymentMethod.CARD, minor=12345):
        """Let a payment of the booking end so; its id."""
        now = self.house.clock.now()
        payment = PaymentRow(
            id=self.house.ids.new("py"),
            partner_id=PARTNER.id,
            booking_id=booking_id,
            operation_id="op_x",
            method=method,
            status=PaymentStatus.CAPTURED,
            amount_minor=minor,
            currency="GBP",
            provider="cards" if method == PaymentMethod.CARD else None,
            charge=self.house.ids.new("ch") if method == PaymentMethod.CARD else None,
            created_at=now,
        )
        author = Author(partner_id=PARTNER.id, booking_id=booking_id, operation_id="op_x", actor="system")

        def write(session):
            session.add(payment)
            amount = Money(minor, "GBP")
            tell(session, author, kind, now, amount=amount, method=method, payment=payment.id)

        await self.house.store.write(write)
        return payment.id

    async def tick(self):
        """Announce what is new, and deliver what is due in this instant."""
        await self.announcer.announce()
        await self.courier.deliver()
        await self.courier.rest()

    async def later(self, by: timedelta):
        """Move time, and deliver what is due then."""
        self.house.clock.advance(by)
        await self.tick()

    def posted(self, url=HOOK):
        """What was posted there so far, as JSON."""
        return [json.loads(request.body) for request in self.backends.posts[url]]

    async def deliveries(self, url=None) -> list[DeliveryRow]:
        """The deliveries, oldest first, to this URL where one is given."""
        query = select(DeliveryRow).join(EndpointRow, EndpointRow.id == DeliveryRow.endpoint_id)
        wanted = query.where(EndpointRow.url == url) if url else query
        return await self.house.rows(wanted.order_by(DeliveryRow.event_id, DeliveryRow.id))

    async def unannounced(self):
        """The kinds that nobody was told of yet."""
        return await self.house.rows(select(EventRow.kind).where(EventRow.announced.is_(False)))

"""Accounts with bookings on them, posted as the verbs post them, and closed by hand."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from sqlmodel import select

from app import ledger
from app.accounts.closing import Closing
from app.domain.clock import ManualClock
from app.domain.itinerary import Fee, Price
from app.domain.money import Money
from app.domain.partner import Billing, Partner
from app.ledger import EntryKind
from app.store.account_tables import StatementLineRow, StatementRow
from app.store.engine import Store
from app.store.partners import save_partner
from app.store.tables import BookingRow, EntryRow, ItemRow
from tests.booking.house import CountedIds
from tests.carriers.worlds import START
from tests.memories import empty_store

CARRIER = "duffel"
ACME = Partner(id="pa_1", name="Acme Travel", currency="GBP", commission_percent=Decimal(5))
OTHER = Partner(id="pa_2", name="Other Travel", currency="EUR", billing=Billing(day=15, zone="Europe/Paris"))


@dataclass(frozen=True)
class By:
    """Who posts."""

    operation_id: str
    partner_id: str
    booking_id: str


@dataclass
class Books:
    """A store with two partners, and what was sold."""

    store: Store = field(default_factory=empty_store)
    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    ids: CountedIds = field(default_factory=CountedIds)
    carriers: dict = field(default_factory=dict)

    async def open(self, *partners):
        for partner in partners or (ACME, OTHER):
            await self.store.write(lambda session, partner=partner: save_partner(session, partner, self.clock.now()))
        return self

    @property
    def closing(self):
        return Closing(store=self.store, clock=self.clock, ids=self.ids, carriers=self.carriers)

    async def sell(self, minor=10000, fee=500, partner=ACME, currency=None, cost=None, at=None):
        """Sell one item on account; its price is `minor` and the fee."""
        currency = currency or partner.currency
        price = Price(
            base=Money(minor - minor // 5, currency),
            tax=Money(minor // 5, currency),
            fees=(Fee(name="Service", amount=Money(fee, currency), refundable=False),) if fee else (),
            carrier_total=Money(minor if cost is None else cost, currency),
        )
        return await self.store.write(lambda session: self._sell(session, partner, price, at or self.clock.now()))

    def _sell(self, session, partner, price, at):
        by = By(self.ids.new("op"), partner.id, self.ids.new("bk"))
        facts = {"partner_id": partner.id, "currency": price.currency, "total_minor": price.total.minor}
        reference, own = self.ids.reference(), f"own {self.ids.count}"
        session.add(
            BookingRow(
                id=by.booking_id, reference=reference, partner_reference=own, state="TICKETED", created_at=at, **facts
            )
        )
        session.flush()
        item = ItemRow(
            id=self.ids.new("it"),
            partner_id=partner.id,
            booking_id=by.booking_id,
            position=0,
            carrier=CARRIER,
            state="TICKETED",
            price={},
            passengers={},
            order_reference=f"PNR{self.ids.count}",
        )
        session.add(item)
        session.flush()
        cost = ledger.carrier_cost(price.carrier_total, CARRIER)
        ledger.post(session, by, EntryKind.CARRIER_COST, cost, at, item.id)
        ledger.post(session, by, EntryKind.SALE, ledger.sale(price, partner.id, CARRIER), at, item.id)
        ledger.post(session, by, EntryKind.COMMISSION, ledger.commission(price.commissionable, partner), at, item.id)
        ledger.post(session, by, EntryKind.PAYMENT, ledger.payment_on_account(price.total, partner.id), at)
        return by.booking_id

    async def give_back(self, minor, partner=ACME, currency=None):
        """Cancel an order of a new booking at the carrier, which keeps nothing; nobody paid for it."""
        booking = await self.sell(minor, 0, partner, currency)
        by = By(self.ids.new("op"), partner.id, booking)
        money = Money(minor, currency or partner.currency)

        def body(session):
            item = session.exec(select(ItemRow).where(ItemRow.booking_id == booking)).one()
            lines = ledger.carrier_cancelled(money, money, CARRIER)
            ledger.post(session, by, EntryKind.CARRIER_REFUND, lines, self.clock.now(), item.id)

        await self.store.write(body)
        return booking

    async def close(self, *, after=timedelta()):
        self.clock.advance(after)
        await self.closing.close_due()

    async def rows(self, query):
        return list(await self.store.read(lambda session: session.exec(query).all()))

    async def statements(self, party=ACME.id, **facts):
        query = select(StatementRow).where(StatementRow.party == party).order_by(StatementRow.ends_at)
        found = await self.rows(query)
        return [row for row in found if all(getattr(row, name) == value for name, value in facts.items())]

    async def lines(self, statement):
        query = select(StatementLineRow).where(StatementLineRow.statement_id == statement.id)
        return await self.rows(query.order_by(StatementLineRow.position))

    async def sums(self):
        """What the whole ledger sums to, by currency."""
        found = defaultdict(int)
        for entry in await self.rows(select(EntryRow)):
            found[entry.currency] += entry.amount_minor
        return found

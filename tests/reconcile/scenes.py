"""A house whose records are compared, and what others do to its orders and charges behind its back."""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlmodel import select

from app.domain.recovery import Call
from app.reconcile.job import Reconciler
from app.store.aftersales_tables import DiscrepancyRow
from app.store.tables import StepRow
from carriers.sandbox.exchange import Request, encode
from tests.booking.house import House
from tests.carriers.contract import party
from tests.carriers.worlds import TOKEN
from tests.payments.worlds import ask

# Later than anything that was asked could still have an effect unseen.
SETTLED = timedelta(minutes=10)


@dataclass
class Office(House):
    """The house, and the job that compares."""

    reconciler: Reconciler = field(init=False)

    def compose(self) -> None:
        super().compose()
        self.reconciler = Reconciler(self.desk)

    async def reconcile(self, after: timedelta = SETTLED) -> list[DiscrepancyRow]:
        """Let time pass, compare, and let the repairs come to rest; what waits for a person."""
        self.clock.advance(after)
        await self.reconciler.run()
        await self.runner.drain()
        await self.settle_operations()
        return [row for row in await self.discrepancies() if row.state == "OPEN"]

    async def discrepancies(self) -> list[DiscrepancyRow]:
        """Every discrepancy, oldest first."""
        return await self.rows(select(DiscrepancyRow).order_by(DiscrepancyRow.found_at, DiscrepancyRow.id))

    def at_carrier(self, method: str, path: str, data=None):
        """One call of the carrier's API by somebody else with our token, such as its own dashboard."""
        headers = {"authorization": f"Bearer {TOKEN}", "duffel-version": "v2"}
        body = b"" if data is None else encode({"data": data})
        reply = self.world.handle(Request(method, path, {}, headers, body))
        assert reply.status < 300, reply.json()
        return reply.json()["data"]

    def cancel_there(self, order: str) -> None:
        """Cancel an order at the carrier, behind our back."""
        quote = self.at_carrier("POST", "/air/order_cancellations", {"order_id": order})
        self.at_carrier("POST", f"/air/order_cancellations/{quote['id']}/actions/confirm")

    def at_bank(self, charge: str, verb: str, **data) -> None:
        """One verb on a charge at the provider, behind our back."""
        assert ask(self.bank, "POST", f"/v1/charges/{charge}/{verb}", data, f"behind our back {verb}").status < 300

    def charged(self):
        """The provider's charges, oldest first."""
        return self.bank.ledger()["charges"]

    async def order_with(self, key: str, offer, *, buy: bool = False):
        """An order that carries this key, and that no step of ours has heard of."""
        verb = self.carrier.buy if buy else self.carrier.hold
        return await verb(*party(offer), Call(key=key, send_by=self.clock.now() + timedelta(seconds=30)))

    async def key_of(self, item_id: str) -> str:
        """The key of the step that held or bought the item."""
        steps = select(StepRow.key).where(StepRow.item_id == item_id, StepRow.name.in_(["hold", "buy"]))
        return (await self.rows(steps))[0]

    def state_of(self, order: str) -> str:
        """What the carrier's ledger says of an order."""
        return next(each["state"] for each in self.orders() if each["order_id"] == order)

    def order_facts(self, order: str):
        """The world's own facts of an order, to be altered."""
        return self.world._core.facts.orders[order]

    async def refused(self, offer):
        """The item of a booking whose hold was refused, and the key of that hold."""
        self.fault("orders.create", "order_not_created")
        (item,) = await self.items((await self.reserve("refused", offer)).booking_id)
        assert item.state == "REJECTED" and item.order_ref is None
        return item, await self.key_of(item.id)

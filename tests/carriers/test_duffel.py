"""Duffel keeps the carrier contract, over real HTTP to the sandbox."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import date

import pytest

from app.domain.clock import ManualClock
from app.domain.itinerary import PassengerType
from app.domain.money import Money, total
from app.domain.search import Leg, SearchQuery, SeatRequest
from carriers.contract import Ability, Carrier, HeardKind, Verb
from carriers.sandbox.duffel import airline_changes
from carriers.sandbox.duffel.world import DuffelWorld
from tests.carriers.change_contract import ChangeContract
from tests.carriers.contract import BuyContract, CarrierContract, WebhookContract
from tests.carriers.exchange_contract import ExchangeContract
from tests.carriers.refund_contract import RefundContract
from tests.carriers.services_contract import ServicesContract
from tests.carriers.worlds import START, WEBHOOK_SECRET, in_process, over_http

ENDPOINTS = {
    Verb.HOLD: "orders.create",
    Verb.BUY: "orders.create",
    Verb.PAY: "payments.create",
    Verb.CANCEL: "cancellations.confirm",
    Verb.REFUND: "cancellations.confirm",
    Verb.EXCHANGE: "order_changes.confirm",
    Verb.ADD_SERVICES: "orders.add_services",
    Verb.ACCEPT: "airline_changes.accept",
}
EVENTS = {
    HeardKind.ORDER_CREATED: "order.created",
    HeardKind.ORDER_FAILED: "order.creation_failed",
    HeardKind.ORDER_CHANGED: "order.airline_initiated_change_detected",
}
ADULT = SeatRequest(type=PassengerType.ADULT)
SEATED = SearchQuery(legs=(Leg(origin="LHR", destination="MAD", date=date(2026, 4, 24)),), passengers=(ADULT,))
QUERY = SearchQuery(legs=(Leg(origin="JFK", destination="EWR", date=date(2026, 4, 24)),), passengers=(ADULT,))


def signed(event: dict, at: int, secret: str = WEBHOOK_SECRET) -> tuple[dict[str, str], bytes]:
    """The event as Duffel posts it."""
    body = json.dumps(event).encode()
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Duffel-Signature": f"t={at},v1={digest}"}, body


@dataclass
class DuffelScene:
    """Duffel's world behind its carrier."""

    carrier: Carrier
    clock: ManualClock
    world: DuffelWorld
    query: SearchQuery = QUERY
    seated: SearchQuery = SEATED

    def without(self, ability: Ability) -> Carrier:
        return in_process(self.world, self.clock, abilities=[each for each in Ability if each is not ability])

    def lose_answer(self, verb: Verb) -> None:
        self.fault(ENDPOINTS[verb], "lost_reply")

    def sell_out(self) -> None:
        self.fault("orders.create", "sold_out")

    def take_service(self, verb: Verb) -> None:
        self.fault(ENDPOINTS[verb], "service_gone")

    def move(self, order: str, *, again: bool = False) -> None:
        self._change(order, "moved", 30 if again else 90)

    def ground(self, order: str) -> None:
        self._change(order, "cancelled")

    def _change(self, order: str, kind: str, *minutes: int) -> None:
        core = self.world._core
        found = core.facts.orders[order]
        airline_changes.change(core, found, found.slices[0], kind, *minutes)

    def accepted(self) -> int:
        return sum(change["action_taken"] == "accepted" for change in self.world.ledger()["airline_changes"])

    def fault(self, endpoint: str, kind: str, **more) -> None:
        self.world.faults.add(self.world.endpoints, {"endpoint": endpoint, "kind": kind, **more})

    def orders(self) -> list[str]:
        live = [order for order in self.world.ledger()["orders"] if order["state"] in {"held", "paid"}]
        return [order["metadata"]["faregate_key"] for order in live]

    def charges(self) -> int:
        return len(self.world.ledger()["charges"])

    def settled(self) -> Money:
        took, gave = (self.world.ledger()[kind] for kind in ("charges", "refunds"))
        amounts = [Money.of(one["amount"], one["currency"]) for one in took]
        return total((*amounts, *(-Money.of(one["amount"], one["currency"]) for one in gave)), amounts[0].currency)

    def refunds(self) -> int:
        return len(self.world.ledger()["refunds"])

    def webhook(self, kind: HeardKind, order: str, key: str) -> tuple[dict[str, str], bytes]:
        subject = {"id": order, "metadata": {"faregate_key": key}}
        event = {"id": "wev_1", "type": EVENTS[kind], "data": {"object": subject}}
        return signed(event, int(self.clock.now().timestamp()))


class TestDuffel(
    CarrierContract,
    BuyContract,
    RefundContract,
    ExchangeContract,
    ServicesContract,
    ChangeContract,
    WebhookContract,
):
    @pytest.fixture
    async def scene(self):
        clock = ManualClock(START)
        world = DuffelWorld(clock)
        async with over_http(world, clock) as carrier:
            yield DuffelScene(carrier, clock, world)

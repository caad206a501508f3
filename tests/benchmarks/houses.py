"""The whole gateway from GraphQL to a real database, in one process over an in-process carrier; and what it costs."""

import random
from dataclasses import dataclass, field

from sqlalchemy import event

from app.store.engine import SqlStore
from tests.booking.house import House
from tests.schema.gateway import ADA, PAY, RESERVE, Gateway, services

_BEGINNINGS = ("BEGIN",)


@dataclass
class Costs:
    """SQL statements and commits since the last look."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0

    def watch(self, store: SqlStore) -> "Costs":
        engine = store.engine.sync_engine
        event.listen(engine, "before_cursor_execute", self._statement)
        event.listen(engine, "commit", self._commit)
        return self

    def _statement(self, _connection, _cursor, statement, *_about) -> None:
        if not statement.startswith(_BEGINNINGS):
            self.statements.append(statement)

    def _commit(self, _connection) -> None:
        self.commits += 1

    def take(self) -> tuple[int, int]:
        """Statements and commits, counted from zero again."""
        counted = len(self.statements), self.commits
        self.statements.clear()
        self.commits = 0
        return counted


async def gateway_over(url: str) -> Gateway:
    """A gateway whose clients wait for what they ask."""
    house = await House(store=SqlStore(url)).open()
    return Gateway(house, services(house))


async def tokens(gateway: Gateway, many: int) -> list[str]:
    """So many offers, each of a search of its own, on flights that still have seats."""
    chance, found = random.Random(1), []
    for _ in range(many):
        offers = [offer for offer in await gateway.house.offers("LHR", "CDG") if offer.holdable]
        found.append(gateway.house.token(chance.choice(offers)))
    return found


async def reserve(gateway: Gateway, token: str) -> str:
    """A booking that is held."""
    payload = await gateway.act(RESERVE, offers=[token], passengers=[ADA])
    assert payload["booking"]["state"] == "HELD", payload
    booking: str = payload["booking"]["id"]
    return booking


async def pay(gateway: Gateway, booking: str) -> None:
    """Paid and ticketed."""
    payload = await gateway.act(PAY, bookingId=booking, method={"onAccount": {"reference": "INV-7"}})
    assert payload["booking"]["state"] == "TICKETED", payload

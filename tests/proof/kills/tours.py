"""Clients who reserve departures of a tour, alone or with a flight, and what each of them means to do with theirs."""

from datetime import UTC, date, datetime, timedelta

from app.cli.demo import operations
from tests.proof.kills.clients import FRESH_KEYS, PERSON, TRY_AGAIN, Client
from tests.proof.kills.stage import Json

TOUR = "aatkings:red-centre-explorer"
_OPTION = f"{TOUR}:classic"
# On this tour the weekdays say what there is: many places, one, or none unless the operator grants them.
_MANY, _LAST, _ON_REQUEST = 0, 1, 3
# Its rest is due sixty days before: within the week that a campaign lets pass, or long after that.
_SOON, _FAR = 62, 80
_WEEKS = 20
_FOUND = """
query Found($tour: ID!, $option: ID!, $day: Date!) {
  departures(tour: $tour, option: $option, from: $day, to: $day) {
    nodes { availability { offer(rooms: [{type: SINGLE, adults: 1}]) { offer { token } } } }
  }
}
"""
_DEPOSIT = "query Deposit($id: ID!) { booking(id: $id) { deposit { amount currency } } }"
PLANS = (
    "tour", "tour", "tour and flight", "tour by card", "tour in two parts", "tour in two parts", "tour on a deposit",
    "tour refund", "tour exchange", "tour request", "tour request", "tour left",
)  # fmt: skip


class TourClient(Client):
    """One traveller's single room of a departure. `plan` is one of `PLANS`."""

    @property
    def by_card(self) -> bool:
        """Whether it may pay by card."""
        return self.plan == "tour by card"

    async def live(self) -> None:
        """Find a departure, reserve, and do what it plans."""
        offers = [await self._departure()]
        if self.plan == "tour and flight":
            offers.append(await self._offer())
        made = await self.wish(
            "reserve", operations.RESERVE, {"offers": offers, "passengers": [PERSON | {"givenName": "Ada"}]}
        )
        if made.errors:
            return
        self.booking = made.booking
        plans = {"tour": self._pay, "tour and flight": self._pay, "tour by card": self._pay_by_card}
        plans |= {"tour in two parts": self._in_two_parts, "tour on a deposit": self._pay_deposit}
        plans |= {"tour refund": self._refund, "tour exchange": self._exchange}
        await plans.get(self.plan, self._leave)()

    @property
    def paid_in_full(self) -> bool:
        """Whether the gateway said that all of it was paid."""
        if self.by_card:
            return self.told_charged
        return any(
            promise.verb == "pay" and promise.done and "amount" not in promise.input for promise in self.promises
        )

    async def come_back(self) -> None:
        """Pay what the operator has accepted meanwhile."""
        if self.plan == "tour request" and self.booking is not None:
            await self._pay()

    def instead(self, item: Json) -> Json:
        """The same tour some weeks later."""
        day = self._day(_MANY, _FAR) + timedelta(weeks=self.chance.randint(1, 3))
        return {"item": item["id"], "departure": f"{_OPTION}:{day}"}

    async def _in_two_parts(self) -> None:
        await self._pay_deposit()
        if self.told("pay"):
            await self._pay()

    async def _pay_deposit(self) -> None:
        deposit = (await self._asked(_DEPOSIT, id=self.booking))["booking"]["deposit"]
        wanted = {"bookingId": self.booking, "method": {"onAccount": {}}, "amount": deposit}
        for _ in range(FRESH_KEYS):
            if not set((await self.wish("pay", operations.PAY, wanted)).errors) & TRY_AGAIN:
                return

    async def _departure(self) -> str:
        """An offer of a day as the plan wants it."""
        kind = _ON_REQUEST if self.plan == "tour request" else self.chance.choice((_MANY, _MANY, _MANY, _LAST))
        soon = self.plan == "tour on a deposit"
        day = self._day(_MANY if soon else kind, _SOON if soon else _FAR)
        found = await self._asked(_FOUND, tour=TOUR, option=_OPTION, day=str(day))
        offer: str = found["departures"]["nodes"][0]["availability"]["offer"]["offer"]["token"]
        return offer

    def _day(self, weekday: int, days: int) -> date:
        first = datetime.now(UTC).date() + timedelta(days=days)
        weeks = self.number % _WEEKS if days == _FAR else 0
        return first + timedelta(days=(weekday - first.weekday()) % 7, weeks=weeks)

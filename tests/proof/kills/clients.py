"""Clients as they should be: a key for each wish, and the same key again until they have an answer."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.cli.demo import operations
from tests.proof.kills.stage import Json, Stage

# Found in no log and no journal: if it is, somebody wrote down who travels.
FAMILY_NAME = "Quillfeather"
_PERSON = {
    "title": "MS",
    "familyName": FAMILY_NAME,
    "bornOn": "1990-12-10",
    "email": "quill@example.org",
    "phone": "+442080160508",
}
_GIVEN_NAMES = ("Ada", "Grace", "Edith")
_DAYS = 300
_PAUSE_SECONDS = 0.3
_FRESH_KEYS = 4
# Retried with a fresh key: the hold is still there.
_TRY_AGAIN = {"CARRIER_UNAVAILABLE", "PRICE_CHANGED"}


@dataclass
class Promise:
    """What the gateway was asked under one key, and the answer it gave to that key once the operation had ended."""

    verb: str
    mutation: str
    input: Json
    booking: str | None = None
    state: str | None = None
    errors: list[str] = field(default_factory=list)
    tries: int = 0

    @property
    def answer(self) -> tuple[str | None, list[str]]:
        """What must be the same for ever under this key."""
        return self.booking, self.errors


@dataclass
class Client:
    """One traveller's booking: `plan` is pay, cancel or leave."""

    stage: Stage
    chance: random.Random
    number: int
    plan: str
    promises: list[Promise] = field(default_factory=list)
    booking: str | None = None
    passengers: int = 1
    cuts: int = 0

    async def live(self) -> None:
        """Search, reserve, and do what it plans."""
        self.passengers = self.chance.randint(1, 2)
        offer = await self._offer()
        people = [_PERSON | {"givenName": name} for name in _GIVEN_NAMES[: self.passengers]]
        made = await self._wish("reserve", operations.RESERVE, {"offers": [offer], "passengers": people})
        if made.errors:
            return
        self.booking = made.booking
        if self.plan == "pay":
            await self._pay()
        elif self.plan == "cancel":
            await self._wish("cancel", operations.CANCEL, {"bookingId": self.booking})

    async def ask_again(self) -> list[str]:
        """Whatever was answered is answered again, and the same; complaints otherwise."""
        found = []
        for promise in self.promises:
            before = promise.answer
            await self._until_answered(promise)
            if promise.answer != before:
                found.append(f"{promise.verb} answered {before}, and now {promise.answer}")
        return found

    async def _pay(self) -> None:
        wanted: Json = {"bookingId": self.booking, "method": {"onAccount": {"reference": f"INV-{self.number}"}}}
        for _ in range(_FRESH_KEYS):
            paid = await self._wish("pay", operations.PAY, wanted)
            if not set(paid.errors) & _TRY_AGAIN:
                return
            total = (await self._asked(operations.SHOW, id=self.booking))["booking"]["total"]
            wanted |= {"acceptUpTo": total}

    async def _offer(self) -> str:
        """An offer of this client's own: a search of its own, on a day of its own."""
        day = datetime.now(UTC).date() + timedelta(days=10 + self.number % _DAYS)
        legs = [{"origin": "JFK", "destination": "EWR", "date": str(day)}]
        wanted = {"legs": legs, "passengers": [{"type": "ADULT"}] * self.passengers}
        while True:
            found = (await self._asked(operations.SEARCH, input=wanted))["search"]
            if found["itineraries"]:
                offer: str = self.chance.choice(found["itineraries"])["offer"]
                return offer
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _wish(self, verb: str, mutation: str, wanted: Json) -> Promise:
        key = f"{verb}-{self.number}-{len(self.promises)}"
        promise = Promise(verb, mutation, {"idempotencyKey": key, **wanted})
        self.promises.append(promise)
        if self.chance.random() < 0.2:
            # An impatient client: sends twice at once.
            await asyncio.gather(self._until_answered(promise), self._until_answered(promise))
        else:
            await self._until_answered(promise)
        return promise

    async def _until_answered(self, promise: Promise) -> None:
        """Send it until its operation has ended; every answer to one key must tell the same booking."""
        while True:
            promise.tries += 1
            patience = 0.3 if self.chance.random() < 0.1 else 15
            payload = (await self._asked(promise.mutation, patience, input=promise.input))[promise.verb]
            booking = (payload["booking"] or {}).get("id")
            assert None in {promise.booking, booking} or promise.booking == booking, f"{promise} became {booking}"
            promise.booking = booking or promise.booking
            errors = [error["code"] for error in payload["errors"]]
            open_still = payload["operation"] and payload["operation"]["state"] == "OPEN"
            if not open_still and "BOOKING_BUSY" not in errors:
                promise.errors, promise.state = errors, (payload["operation"] or {}).get("state")
                return
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _asked(self, operation: str, patience: float = 15, **variables: object) -> Json:
        """The answer of whichever gateway lives, however often the connection is cut."""
        while True:
            try:
                return await self.stage.ask(operation, patience=patience, **variables)
            except (OSError, TimeoutError):
                self.cuts += 1
                patience = 15
                await asyncio.sleep(_PAUSE_SECONDS)

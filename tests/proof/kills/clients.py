"""Clients as they should be: a key for each wish, and the same key again until they have an answer."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.cli.demo import operations
from tests.proof.kills import aftersales, payers
from tests.proof.kills.stage import Json, Stage

# Found in no log and no journal: if it is, somebody wrote down who travels.
FAMILY_NAME = "Quillfeather"
PERSON = {
    "title": "MS",
    "familyName": FAMILY_NAME,
    "bornOn": "1990-12-10",
    "email": "quill@example.org",
    "phone": "+442080160508",
}
_GIVEN_NAMES = ("Ada", "Grace", "Edith")
_DAYS = 300
_PAUSE_SECONDS = 0.3
FRESH_KEYS = 4
# Retried with a fresh key: the hold is still there.
TRY_AGAIN = {"CARRIER_UNAVAILABLE", "PRICE_CHANGED", "PAYMENT_UNAVAILABLE"}
# A callback that is lost costs half a minute, until the gateway looks by itself.
_LOOKS = 110
_PAY_BY_CARD = (
    """
mutation Pay($input: PayInput!) {
  pay(input: $input) {
    booking { ...Told } operation { id state } errors { code }
    outcome { kind: __typename ... on PaymentActionRequired { formUrl } }
  }
}
"""
    + operations.BOOKING
)


@dataclass
class Promise:
    """What the gateway was asked under one key, and the answer it gave to that key once the operation had ended."""

    verb: str
    mutation: str
    input: Json
    booking: str | None = None
    state: str | None = None
    errors: list[str] = field(default_factory=list)
    outcome: Json = field(default_factory=dict)
    quotes: list[str] = field(default_factory=list)
    tries: int = 0

    @property
    def answer(self) -> tuple[str | None, list[str], list[str]]:
        """What must be the same for ever under this key."""
        return self.booking, self.errors, self.quotes

    @property
    def done(self) -> bool:
        """Whether the gateway said that it is done."""
        return self.state == "DONE" and not self.errors


@dataclass
class Client:
    """One traveller's booking. `plan` is pay, card, waver (pay by card and cancel at once), cancel or leave.

    Or, after they paid: refund, card refund or exchange.
    """

    stage: Stage
    chance: random.Random
    number: int
    plan: str
    promises: list[Promise] = field(default_factory=list)
    booking: str | None = None
    passengers: int = 1
    cuts: int = 0
    # What payers did in forms, and whether the gateway said that a card was charged.
    cards: Counter[str] = field(default_factory=Counter)
    told_charged: bool = False

    @property
    def by_card(self) -> bool:
        """Whether it may pay by card."""
        return self.plan in {"card", "card refund", "waver"}

    @property
    def choosy(self) -> bool:
        """Whether it wants a fare that can be given back."""
        return self.plan in {"refund", "card refund", "exchange"}

    def told(self, verb: str) -> bool:
        """Whether the gateway said that this was done."""
        return any(promise.verb == verb and promise.done for promise in self.promises)

    async def live(self) -> None:
        """Search, reserve, and do what it plans."""
        self.passengers = self.chance.randint(1, 2)
        offer = await self._offer()
        people = [PERSON | {"givenName": name} for name in _GIVEN_NAMES[: self.passengers]]
        made = await self.wish("reserve", operations.RESERVE, {"offers": [offer], "passengers": people})
        if made.errors:
            return
        self.booking = made.booking
        plans = {"pay": self._pay, "card": self._pay_by_card, "waver": self._waver, "cancel": self._cancel}
        plans |= {"refund": self._refund, "card refund": self._refund, "exchange": self._exchange}
        await plans.get(self.plan, self._leave)()

    async def ask(self, operation: str, patience: float = 15, **variables: object) -> Json:
        """One answer, as its partner; OSError or TimeoutError when cut off."""
        token = self.stage.card_token if self.by_card else self.stage.token
        return await self.stage.ask(operation, token=token, patience=patience, **variables)

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
        for _ in range(FRESH_KEYS):
            paid = await self.wish("pay", operations.PAY, wanted)
            if not set(paid.errors) & TRY_AGAIN:
                return
            total = (await self._asked(operations.SHOW, id=self.booking))["booking"]["total"]
            wanted |= {"acceptUpTo": total}

    async def ticketed(self) -> Json | None:
        """The item that can be travelled with, as it is shown."""
        items = (await self._asked(operations.SHOW, id=self.booking))["booking"]["items"]
        return next((item for item in items if item["state"] in {"CONFIRMED", "TICKETED"}), None)

    async def come_back(self) -> None:
        """Minutes later; nothing is left to do."""

    def instead(self, item: Json) -> Json:
        """What to have instead of the item: the same journeys some days later."""
        days = timedelta(days=self.chance.randint(1, 3))
        return {"item": item["id"], "journeys": [aftersales.later(journey, days) for journey in item["journeys"]]}

    async def _refund(self) -> None:
        await (self._pay_by_card() if self.by_card else self._pay())
        if self.told_charged or self.told("pay"):
            await aftersales.refund(self)

    async def _exchange(self) -> None:
        await self._pay()
        if self.told("pay"):
            await aftersales.exchange(self)

    async def _cancel(self) -> None:
        await self.wish("cancel", operations.CANCEL, {"bookingId": self.booking})

    async def _leave(self) -> None:
        """Never come back."""

    async def _waver(self) -> None:
        """Pay by card, and cancel before anybody knows how that went."""
        (form,) = await self._forms(1)
        await asyncio.gather(self._fill_in([form]), self._cancel())

    async def _pay_by_card(self) -> None:
        """Ask for a form, sometimes for two, until one is paid or there is nothing to pay any more."""
        for _ in range(FRESH_KEYS):
            forms = await self._forms(2 if self.chance.random() < 0.2 else 1)
            await self._fill_in(forms)
            await asyncio.gather(*(self._until_decided(form) for form in forms))
            self.told_charged = any(form.outcome.get("kind") == "PaymentSucceeded" for form in forms)
            waiting = any(form.outcome.get("kind") in payers.WAITING for form in forms)
            again = any(set(form.errors) <= TRY_AGAIN for form in forms)
            if self.told_charged or waiting or not again:
                return

    async def _forms(self, number: int) -> list[Promise]:
        wanted = {"bookingId": self.booking, "method": {"card": {}}}
        return [await self.wish("pay", _PAY_BY_CARD, wanted) for _ in range(number)]

    async def _fill_in(self, forms: list[Promise]) -> None:
        urls = [form.outcome["formUrl"] for form in forms if form.outcome.get("formUrl")]
        await asyncio.gather(*(payers.fill_in(self.stage, self.chance, url, self.cards) for url in urls))

    async def _until_decided(self, form: Promise) -> None:
        """Ask what has become of the payment, until it is decided or takes too long."""
        for _ in range(_LOOKS):
            if form.outcome.get("kind") not in payers.WAITING:
                return
            await asyncio.sleep(_PAUSE_SECONDS)
            await self._until_answered(form)

    async def _offer(self) -> str:
        """An offer of this client's own: a search of its own, on a day of its own."""
        day = datetime.now(UTC).date() + timedelta(days=10 + self.number % _DAYS)
        legs = [{"origin": "JFK", "destination": "EWR", "date": str(day)}]
        wanted = {"legs": legs, "passengers": [{"type": "ADULT"}] * self.passengers}
        only = {"holdable": True, "refundable": self.choosy}
        while True:
            found = (await self._asked(operations.SEARCH, input=wanted, filter=only))["search"]
            if found["itineraries"]:
                offer: str = self.chance.choice(found["itineraries"])["offer"]
                return offer
            await asyncio.sleep(_PAUSE_SECONDS)

    async def wish(self, verb: str, mutation: str, wanted: Json) -> Promise:
        """Ask for this under a key of its own until it is answered."""
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
                promise.outcome = payload.get("outcome") or {}
                found = payload.get("quotes") or filter(None, [payload.get("quote")])
                promise.quotes = sorted(quote["id"] for quote in found)
                return
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _asked(self, operation: str, patience: float = 15, **variables: object) -> Json:
        """The answer of whichever gateway lives, however often the connection is cut."""
        while True:
            try:
                return await self.ask(operation, patience, **variables)
            except (OSError, TimeoutError):
                self.cuts += 1
                patience = 15
                await asyncio.sleep(_PAUSE_SECONDS)

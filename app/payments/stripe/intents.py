"""Stripe's endpoints as we use them: PaymentIntents, their charges and their refunds, each as plain JSON.

Reads raise NotFound or Trouble, changing calls No, Trouble or Unknown.
"""

from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any, Final

from stripe import ListObject
from stripe.params import (
    PaymentIntentCaptureParams,
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    RefundCreateParams,
)

from app.domain.recovery import Call
from app.payments.stripe import metadata
from app.payments.stripe.calls import Calls
from app.payments.stripe.errors import reading, writing
from app.payments.stripe.hear import Json
from app.payments.stripe.say import EXPAND

_PAGE: Final = 100


class Intents:
    """The endpoints of one account."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def create(self, parameters: PaymentIntentCreateParams, call: Call, key: str | None) -> Json:
        """A new intent; without a key Stripe's library makes up one."""
        with writing():
            told = await self._calls.writer(call).payment_intents.create_async(parameters, {"idempotency_key": key})
        return told.to_dict()

    async def confirm(self, ref: str, parameters: PaymentIntentConfirmParams, call: Call) -> Json:
        """Try a card, once for each key."""
        with writing():
            told = await self._calls.writer(call).payment_intents.confirm_async(
                ref, parameters, {"idempotency_key": call.key}
            )
        return told.to_dict()

    async def capture(self, ref: str, parameters: PaymentIntentCaptureParams, call: Call) -> Json:
        """Take the money. Without a key of ours, under which Stripe would repeat an old fault for a day.

        It needs none: an intent is captured once, and its metadata then says by which call.
        """
        with writing():
            told = await self._calls.writer(call).payment_intents.capture_async(ref, parameters)
        return told.to_dict()

    async def cancel(self, ref: str, call: Call) -> Json:
        """End it; without a key of ours, since to cancel twice is to cancel."""
        with writing():
            told = await self._calls.writer(call).payment_intents.cancel_async(ref, {"expand": EXPAND})
        return told.to_dict()

    async def refund(self, parameters: RefundCreateParams, call: Call) -> Json:
        """Give back, once for each key."""
        with writing():
            told = await self._calls.writer(call).refunds.create_async(parameters, {"idempotency_key": call.key})
        return told.to_dict()

    async def get(self, ref: str) -> Json:
        """One intent with its latest charge."""
        with reading():
            told = await self._calls.reader().payment_intents.retrieve_async(ref, {"expand": EXPAND})
        return told.to_dict()

    async def since(self, earliest: datetime) -> AsyncGenerator[Json, None]:
        """Every intent made since then, newest first. Stripe's search lags, its lists do not."""
        with reading():
            listed = await self._calls.reader().payment_intents.list_async(
                {"created": {"gte": int(earliest.timestamp())}, "limit": _PAGE, "expand": ["data.latest_charge"]}
            )
            async for told in listed.auto_paging_iter():
                yield told.to_dict()

    async def find(self, key: str, earliest: datetime) -> Json | None:
        """The newest intent since then that our call with this key made."""
        async with aclosing(self.since(earliest)) as made:
            return await anext((intent async for intent in made if metadata.key(intent) == key), None)

    async def refunds_since(self, earliest: datetime) -> Mapping[str, Sequence[Json]]:
        """All that was given back since then, or tried to, by intent."""
        with reading():
            listed = await self._calls.reader().refunds.list_async(
                {"created": {"gte": int(earliest.timestamp())}, "limit": _PAGE}
            )
            made = await _all(listed)
        by_intent: dict[str, list[Json]] = defaultdict(list)
        for told in made:
            by_intent[str(told.get("payment_intent"))].append(told)
        return by_intent

    async def refunds(self, ref: str) -> Sequence[Json]:
        """All that was given back of an intent, or tried to."""
        with reading():
            return await _all(await self._calls.reader().refunds.list_async({"payment_intent": ref, "limit": _PAGE}))

    async def attempts(self, ref: str) -> int:
        """How many cards were tried: each attempt is a charge of its own."""
        with reading():
            listed = await self._calls.reader().charges.list_async({"payment_intent": ref, "limit": _PAGE})
            return len(await _all(listed))


async def _all(listed: ListObject[Any]) -> Sequence[Json]:
    return [told.to_dict() async for told in listed.auto_paging_iter()]

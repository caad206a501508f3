"""Orders cancelled and refunded through Duffel's order cancellations: a quote first, and then its confirmation."""

from typing import NoReturn

from app.domain.aftersales import RuleGround
from app.domain.clock import Clock
from app.domain.errors import Trouble, Unknown
from app.domain.recovery import Call
from app.domain.refusals import NotFound, QuoteExpired
from app.wire.account import path
from app.wire.facts import Incomplete, Json
from carriers.contract import Cancelled, RefundTerms
from carriers.duffel import errors, hear, say
from carriers.duffel.calls import Calls
from carriers.duffel.errors import Declined, Meaning
from carriers.duffel.reading import reading, told
from carriers.duffel.terms import is_grounded, not_refundable, over, refund_terms, refused

_CANCELLATIONS = "/air/order_cancellations"
# Only the latest quote can be confirmed, so a concurrent one makes ours stale.
_QUOTES = 3


class Refunds:
    """The order cancellations of one account; `carrier` is its code."""

    def __init__(self, calls: Calls, clock: Clock, carrier: str) -> None:
        self._calls = calls
        self._clock = clock
        self._carrier = carrier

    async def cancel(self, order: str, call: Call) -> Cancelled:
        """Ask what cancelling gives back and confirm it; one already cancelled is success."""
        for _ in range(_QUOTES):
            try:
                return await self._confirm_any(await self._quote(order), order, call)
            except Declined as no:
                if no.meaning is Meaning.ALREADY_CANCELLED:
                    return await self._cancelled(order)
                if no.meaning is not Meaning.STALE_QUOTE:
                    raise errors.refusal(no, self._carrier) from None
        raise Trouble("Somebody else keeps asking Duffel to cancel the same order.")

    async def quote(self, order: str) -> RefundTerms:
        """What a paid order gives back now; NotRefundable says why nothing."""
        with reading(self._carrier):
            data = await self._order(order)
            no = over(hear.order(data), self._clock.now(), grounded=is_grounded(data))
            if no is not None:
                raise no
            terms = refund_terms(data, await self._offered(order, data), self._clock.now())
        if terms.refund is not None and not terms.refund:
            raise not_refundable(RuleGround.FARE_CONDITIONS)
        return terms

    async def confirm(self, terms: str, call: Call) -> Cancelled:
        """Confirm exactly this quote; one confirmed before is success, any other end of its order is not."""
        try:
            return hear.cancelled(hear.content(await self._confirmed(terms, call)))
        except Incomplete as error:
            raise Unknown(str(error)) from None
        except Declined as no:
            return await self._not_confirmed(no, terms)

    async def look(self, terms: str) -> Cancelled | None:
        """What became of this quote; None while it is not confirmed."""
        with reading(self._carrier):
            found = hear.content(await self._calls.get(path("air", "order_cancellations", terms)))
            return hear.cancelled(found) if found.get("confirmed_at") else None

    async def _offered(self, order: str, data: Json) -> Json:
        """The airline's quote for the order."""
        try:
            return await self._quote(order)
        except Declined as no:
            if no.meaning in {Meaning.ALREADY_CANCELLED, Meaning.REFUSED}:
                raise refused(no, data) from None
            raise

    async def _not_confirmed(self, no: Declined, terms: str) -> Cancelled:
        """Our own lost attempt may have confirmed it; else its time is over, or the order's."""
        try:
            done = await self.look(terms)
        except NotFound:
            done = None
        except Trouble:
            raise Unknown("Duffel does not confirm these terms, and does not show what became of them.") from None
        return done or _no_longer(no)

    async def _quote(self, order: str) -> Json:
        """A fresh quote. It changes nothing, so a lost one is simply asked for again."""
        with told():
            return hear.content(await self._calls.ask(_CANCELLATIONS, say.cancellation(order)))

    async def _confirm_any(self, quote: Json, order: str, call: Call) -> Cancelled:
        with told():
            ref = hear.ref(quote)
        answer = await self._confirmed(ref, call)
        try:
            return hear.cancelled(hear.content(answer))
        except Incomplete:
            return Cancelled(ref=order, refund=None)

    async def _confirmed(self, ref: str, call: Call) -> object:
        return await self._calls.change(path("air", "order_cancellations", ref, "actions", "confirm"), None, call)

    async def _cancelled(self, ref: str) -> Cancelled:
        """What the order's own record says of its cancellation; unpaid space that lapsed has none."""
        with reading(self._carrier):
            done = (await self._order(ref)).get("cancellation")
            return hear.cancelled(done) if done else Cancelled(ref=ref, refund=None)

    async def _order(self, ref: str) -> Json:
        return hear.content(await self._calls.get(path("air", "orders", ref)))


def _no_longer(no: Declined) -> NoReturn:
    if no.meaning is Meaning.ALREADY_CANCELLED:
        raise not_refundable(RuleGround.ENDED)
    if no.meaning is Meaning.REFUSED:
        raise not_refundable(RuleGround.CARRIER_DECIDES)
    raise QuoteExpired(message="The airline no longer gives back what it quoted; ask for a new quote.")

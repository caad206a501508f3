"""Orders exchanged through Duffel's order changes: a request for offers, one of them selected, and its confirmation.

Sources: duffel.com/docs/guides/changing-an-order, duffel.com/docs/api/order-changes.
"""

from collections.abc import Sequence

from app.domain.aftersales import RuleGround
from app.domain.clock import Clock
from app.domain.errors import Refusal, Trouble, Unknown
from app.domain.money import Money
from app.domain.recovery import Call
from app.domain.refusals import PriceChanged, QuoteExpired, SoldOut
from app.wire.account import path
from app.wire.facts import Incomplete, Json
from carriers.contract import CarrierOrder, ExchangeOffer, ExchangeWish, PendingExchange
from carriers.duffel import errors, hear, say
from carriers.duffel.calls import Calls
from carriers.duffel.errors import Declined, Meaning
from carriers.duffel.exchange_rules import check_changeable, not_exchangeable, refused
from carriers.duffel.hear_exchange import OrderChange, exchange_offers, order_change
from carriers.duffel.reading import reading

_GONE = frozenset({Meaning.SOLD_OUT, Meaning.OFFER_EXPIRED, Meaning.NOT_FOUND, Meaning.PRICE_CHANGED})


class Exchanges:
    """The order changes of one account; `carrier` is its code."""

    def __init__(self, calls: Calls, clock: Clock, carrier: str) -> None:
        self._calls = calls
        self._clock = clock
        self._carrier = carrier

    async def quote(self, wish: ExchangeWish) -> Sequence[ExchangeOffer]:
        """What the airline offers in the place of some journeys of a paid order; NotExchangeable says why nothing."""
        with reading(self._carrier):
            data = await self._order(wish.order)
            order = hear.order(data)
            check_changeable(data, order, wish, self._clock.now())
        with reading(self._carrier, refused):
            answer = await self._calls.ask("/air/order_change_requests", say.change_request(wish, order))
            found = exchange_offers(order, wish, hear.content(answer))
        if not found:
            raise not_exchangeable(RuleGround.NO_ALTERNATIVE)
        return found

    async def prepare(self, offer: str) -> PendingExchange:
        """Select an offer, or find that a lost attempt of ours has selected it. Nothing changes yet."""
        with reading(self._carrier, _no_longer):
            offered = hear.content(await self._calls.get(path("air", "order_change_offers", offer)))
            selected = offered.get("order_change_id")
            if selected:
                return (await self._change(selected)).pending
            answer = await self._calls.ask("/air/order_changes", say.change(offer))
            return order_change(hear.content(answer)).pending

    async def confirm(self, pending: PendingExchange, call: Call) -> CarrierOrder:
        """Make the exchange and settle its balance. Whatever Duffel answers, one that is made is success."""
        # Where nothing is to be paid, nothing is sent that Duffel could check: then the balance is looked at first.
        if pending.balance <= Money.zero(pending.balance.currency):
            done = await self._unless_moved(pending)
            if done is not None:
                return done
        where = path("air", "order_changes", pending.ref, "actions", "confirm")
        try:
            answer = await self._calls.change(where, say.change_payment(pending.balance), call)
            change = order_change(hear.content(answer))
        except Incomplete as error:
            raise Unknown(str(error), settle_delay=self._calls.accepted_delay) from None
        except Declined as no:
            return await self._not_confirmed(no, pending)
        return await self._after(change)

    async def look(self, pending: PendingExchange) -> CarrierOrder | None:
        """The order after the exchange; None while it is not made."""
        with reading(self._carrier):
            change = await self._known(pending)
            if change is None or not change.made:
                return None
            order = hear.order(await self._order(change.order))
        if not change.seen_in(order):
            raise Trouble("Duffel has made the exchange, and does not show it in the order yet.")
        return order

    async def _unless_moved(self, pending: PendingExchange) -> CarrierOrder | None:
        with reading(self._carrier, _no_longer):
            change = await self._change(pending.ref)
        if change.made:
            return await self._after(change)
        _check_balance(pending, change)
        return None

    async def _not_confirmed(self, no: Declined, pending: PendingExchange) -> CarrierOrder:
        """Our own lost attempt may have made it; else the airline has said why not."""
        try:
            with reading(self._carrier):
                change = await self._known(pending)
        except Trouble:
            raise Unknown("Duffel does not confirm the exchange, and does not show what became of it.") from None
        if no.meaning is Meaning.ALREADY_CHANGED or (change and change.made):
            return await self._after(change)
        if no.meaning is Meaning.SOLD_OUT:
            raise SoldOut(message="The airline no longer has what this exchange would give.")
        if no.meaning is Meaning.PRICE_CHANGED and change:
            _check_balance(pending, change)
        raise _no_longer(no, self._carrier)

    async def _after(self, change: OrderChange | None) -> CarrierOrder:
        """The order after a change that Duffel calls made; Unknown until Duffel shows it."""
        if change is None or not change.made:
            raise self._unseen()
        try:
            with reading(self._carrier):
                order = hear.order(await self._order(change.order))
        except (Refusal, Trouble):
            raise Unknown("The exchange was made, and the order could not be read afterwards.") from None
        if not change.seen_in(order):
            raise self._unseen()
        return order

    def _unseen(self) -> Unknown:
        return Unknown("Duffel does not show the exchange yet.", settle_delay=self._calls.accepted_delay)

    async def _known(self, pending: PendingExchange) -> OrderChange | None:
        """The change as it is now; None where Duffel knows none."""
        try:
            return await self._change(pending.ref)
        except Declined as no:
            if no.meaning is not Meaning.NOT_FOUND:
                raise
            return None

    async def _change(self, ref: str) -> OrderChange:
        return order_change(hear.content(await self._calls.get(path("air", "order_changes", ref))))

    async def _order(self, ref: str) -> Json:
        return hear.content(await self._calls.get(path("air", "orders", ref)))


def _check_balance(pending: PendingExchange, change: OrderChange) -> None:
    old, new = pending.balance, change.pending.balance
    if new != old:
        message = f"The airline now asks {new} for the exchange instead of {old}."
        raise PriceChanged(message=message, old_total=old, new_total=new)


def _no_longer(no: Declined, carrier: str) -> Refusal:
    """The airline's no to what it offered before."""
    if no.meaning in _GONE:
        return QuoteExpired(message="The airline no longer offers this exchange; ask for a new quote.")
    if no.meaning is Meaning.REFUSED:
        return errors.refusal(no, carrier)
    return refused(no, carrier)

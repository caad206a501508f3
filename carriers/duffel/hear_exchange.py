"""Duffel's order change offers and order changes in our words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.aftersales import RefundForm
from app.domain.itinerary import Journey
from app.domain.money import Money
from app.wire.facts import Incomplete, Json, instant, text
from carriers.contract import CarrierOrder, ExchangeOffer, ExchangeWish, PendingExchange
from carriers.duffel import hear
from carriers.duffel.facts import at_least_zero, money, whole
from carriers.duffel.journeys import journeys


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderChange:
    """A selected change of `order`; `removed` are the journeys that go, by their references there."""

    pending: PendingExchange
    order: str
    removed: frozenset[str]
    made: bool

    def seen_in(self, order: CarrierOrder) -> bool:
        """Whether the order shows it."""
        return not any(journey.ref in self.removed for journey in order.journeys)


def order_change(data: Json) -> OrderChange:
    """A change, and whether it is made."""
    with whole("order change"):
        return OrderChange(
            pending=PendingExchange(ref=text(data["id"]), balance=money(data, "change_total")),
            order=text(data["order_id"]),
            removed=_removed(data),
            made=data["confirmed_at"] is not None,
        )


def exchange_offers(order: CarrierOrder, wish: ExchangeWish, data: Json) -> Sequence[ExchangeOffer]:
    """Every complete offer for the wish; Incomplete when there are offers and none of them is."""
    with whole("order change request"):
        listed: Sequence[Json] = list(data["order_change_offers"])
    found = tuple(_complete(order, wish, listed))
    if listed and not found:
        raise Incomplete("Duffel sent no usable order change offer.")
    return found


def _complete(order: CarrierOrder, wish: ExchangeWish, listed: Sequence[Json]) -> Iterator[ExchangeOffer]:
    wanted = {piece.journey for piece in wish.replaced}
    for data in listed:
        try:
            found = _exchange_offer(order, data)
        except Incomplete:
            continue
        if {journey.ref for journey in found.removed} == wanted:
            yield found


def _exchange_offer(order: CarrierOrder, data: Json) -> ExchangeOffer:
    with whole("order change offer"):
        gone = _removed(data)
        removed = tuple(journey for journey in order.journeys if journey.ref in gone)
        kept = tuple(journey for journey in order.journeys if journey.ref not in gone)
        added = _added(data)
        balance = money(data, "change_total")
        fee = _fee(data, balance)
        return ExchangeOffer(
            ref=text(data["id"]),
            order=order.ref,
            journeys=tuple(sorted(kept + added, key=lambda journey: journey.departs_at)),
            removed=removed,
            added=added,
            balance=balance,
            fee=fee,
            total=_total(data, order.total + balance - fee),
            form=_form(data, balance),
            expires_at=instant(data["expires_at"]),
            conditions=hear.conditions(data.get("conditions")),
        )


def _removed(data: Json) -> frozenset[str]:
    return frozenset(text(piece["id"]) for piece in data["slices"]["remove"])


def _added(data: Json) -> tuple[Journey, ...]:
    """The new journeys. Some airlines tell what each passenger has on them only once they are booked."""
    return journeys(
        {**piece, "segments": [{"passengers": (), **segment} for segment in piece["segments"]]}
        for piece in data["slices"]["add"]
    )


def _fee(data: Json, balance: Money) -> Money:
    """The penalty; Duffel leaves it out where there is none."""
    told = data.get("penalty_total_amount") is not None
    return at_least_zero(money(data, "penalty_total")) if told else Money.zero(balance.currency)


def _total(data: Json, worked_out: Money) -> Money:
    """What the order costs afterwards; where Duffel does not tell, it is what the balance makes of it."""
    return money(data, "new_total") if data.get("new_total_amount") is not None else worked_out


def _form(data: Json, balance: Money) -> RefundForm:
    """What comes back; where something does, Duffel must say as what."""
    if balance >= Money.zero(balance.currency):
        return RefundForm.MONEY
    return hear.REFUND_FORMS[text(data["refund_to"])]

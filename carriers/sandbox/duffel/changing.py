"""What an airline does about an exchange: offers it, and makes it. No wire words here."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from app.domain.money import Money
from carriers.sandbox.duffel import booking, magic, seats
from carriers.sandbox.duffel.airlines import AIRLINES
from carriers.sandbox.duffel.answering import answer_airline, changed_by_airline, unanswered
from carriers.sandbox.duffel.booked import BookedSlice, booked, shares
from carriers.sandbox.duffel.change_facts import ChangeOffer, ChangeRequest, OrderChange
from carriers.sandbox.duffel.core import Core
from carriers.sandbox.duffel.facts import Charge, Order, OrderState, Refund
from carriers.sandbox.duffel.fares import change_penalty
from carriers.sandbox.duffel.itineraries import Journey
from carriers.sandbox.duffel.search import offers
from carriers.sandbox.duffel.webhooks import announce


def changeable(core: Core, order: Order, piece: BookedSlice) -> bool:
    """Whether the journey can be exchanged: it is paid, has not begun, and its fare or the airline allows it."""
    if order.state is not OrderState.PAID or core.now() >= piece.journey[0].departs:
        return False
    told = AIRLINES[order.offer.airline].states_rules
    return changed_by_airline(core, order) or (told and piece.offer.brand.change_fee is not None)


def can_change(core: Core, order: Order) -> bool:
    """Whether any journey of the order can be exchanged."""
    return any(changeable(core, order, piece) for piece in order.slices)


def change_offers(core: Core, request: ChangeRequest) -> Iterator[ChangeOffer]:
    """What the airline offers for the request now: journeys with seats that fit to what is kept."""
    order = core.facts.orders[request.order_id]
    before = _priced(core, order)
    removed = [piece for piece in before if piece.id in request.removed]
    if core.now() >= request.expires_at or len(removed) < len(request.removed):
        return
    if not all(changeable(core, order, piece) for piece in removed):
        return
    penalty = _penalty(core, order, removed)
    for offer in offers(request.search, (order.offer.airline,)):
        offer_id = f"oco_{offer.id[4:]}"
        found = ChangeOffer(offer_id, request, before, booked(offer, offer.first_price(), offer_id), penalty)
        if seats.available(core, offer) and _follows(found.slices) and not _same(found):
            yield found


def _priced(core: Core, order: Order) -> tuple[BookedSlice, ...]:
    own = shares(order.slices, booking.current_price(core, order))
    return tuple(replace(piece, price=share) for piece, share in zip(order.slices, own, strict=True))


def _penalty(core: Core, order: Order, removed: Sequence[BookedSlice]) -> Money:
    free = Money.zero(order.agreed.total.currency)
    # Whoever changes the flights first bears what that costs.
    if changed_by_airline(core, order):
        return free
    return change_penalty([(piece.offer.brand, piece.price) for piece in removed]) or free


def _follows(slices: tuple[BookedSlice, ...]) -> bool:
    return all(first.journey[-1].arrives < second.journey[0].departs for first, second in pairwise(slices))


def _same(offer: ChangeOffer) -> bool:
    return [_kind(piece) for piece in offer.added] == [_kind(piece) for piece in offer.removed]


def _kind(piece: BookedSlice) -> tuple[object, ...]:
    return piece.journey, piece.offer.search.cabin, piece.offer.brand


def select(core: Core, offer: ChangeOffer) -> OrderChange:
    """A pending change; selecting the same offer again is the same change. Nothing changes yet."""
    selected = selection(core, offer.id)
    if selected is not None:
        return selected
    order = core.facts.orders[offer.request.order_id]
    change = OrderChange(core.new_id("oce"), order.id, offer, offer.balance, refund_to(order, offer), core.now())
    core.facts.changes[change.id] = change
    return change


def selection(core: Core, offer_id: str) -> OrderChange | None:
    """The change that was made of an offer."""
    return next((change for change in core.facts.changes.values() if change.offer.id == offer_id), None)


def refund_to(order: Order, offer: ChangeOffer) -> str | None:
    """Where the money goes that an offer gives back; None where it gives none."""
    if offer.balance >= Money.zero(offer.balance.currency):
        return None
    return "voucher" if order.offer.search.route == magic.AIRLINE_CREDITS else "original_form_of_payment"


def outdated(core: Core, change: OrderChange) -> bool:
    """Whether the order is no longer what the change was offered for."""
    order, offer = core.facts.orders[change.order_id], change.offer
    now = {piece.id: piece for piece in order.slices}
    if _journeys(order.slices) != _journeys(offer.before):
        return True
    return not all(changeable(core, order, now[piece.id]) for piece in offer.removed)


def _journeys(slices: Sequence[BookedSlice]) -> dict[str, Journey]:
    return {piece.id: piece.journey for piece in slices}


def reprice(change: OrderChange, percent: int) -> None:
    """Let the airline ask another fare for the new journeys."""
    factor = 1 + Decimal(percent) / 100
    dearer = tuple(replace(piece, price=piece.price.times(factor)) for piece in change.offer.added)
    change.offer = replace(change.offer, added=dearer)


def make(core: Core, change: OrderChange, kind: str, documents_after: timedelta) -> None:
    """Exchange the seats, the money and, now or later, the tickets."""
    order, offer = core.facts.orders[change.order_id], change.offer
    seats.free(core, offer.removed)
    seats.take(core, offer.added)
    order.slices, order.agreed = offer.slices, offer.new_price
    change.confirmed_at = core.now()
    gone = {piece.id for piece in offer.removed}
    answered = [told for told in unanswered(core, order) if told.before.id in gone]
    answer_airline(core, answered, "changed")
    _settle(core, change, kind)
    for document in order.live_documents:
        document.state = "exchanged"
    booking.issue_documents_after(core, order, documents_after)
    announce(core, "air.order.changed", change.id, {"id": order.id, "order_id": order.id})


def _settle(core: Core, change: OrderChange, kind: str) -> None:
    balance, nothing = change.offer.balance, Money.zero(change.offer.balance.currency)
    if balance > nothing:
        charge = Charge(core.new_id("pay"), change.order_id, balance, kind, core.now(), change.id)
        core.facts.charges[charge.id] = charge
    elif balance < nothing:
        to = change.refund_to or kind
        refund = Refund(core.new_id("ref"), change.order_id, None, -balance, to, core.now(), change.id)
        core.facts.refunds.append(refund)

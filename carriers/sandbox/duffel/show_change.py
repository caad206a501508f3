"""How Duffel writes an exchange: its request, its offers, and the change itself."""

from collections.abc import Iterable

from carriers.sandbox.duffel.booked import BookedSlice, parts
from carriers.sandbox.duffel.change_facts import ChangeOffer, ChangeRequest, OrderChange
from carriers.sandbox.duffel.changing import refund_to, selection
from carriers.sandbox.duffel.core import Core, maybe_stamp, stamp
from carriers.sandbox.duffel.fares import Part, conditions
from carriers.sandbox.duffel.services import cost_of
from carriers.sandbox.duffel.show_offer import journey_json
from carriers.sandbox.exchange import Json


def change_request_json(request: ChangeRequest) -> Json:
    """A request, without its offers."""
    return {
        "id": request.id,
        "order_id": request.order_id,
        "live_mode": False,
        "created_at": stamp(request.search.created_at),
        "updated_at": stamp(request.search.created_at),
        "slices": {
            "add": [
                {
                    "origin": piece.origin,
                    "destination": piece.destination,
                    "departure_date": piece.day.isoformat(),
                    "cabin_class": request.search.cabin,
                }
                for piece in request.search.slices
            ],
            "remove": [{"slice_id": slice_id} for slice_id in request.removed],
        },
    }


def change_offer_json(core: Core, offer: ChangeOffer) -> Json:
    """An offer, and the change that was made of it."""
    order = core.facts.orders[offer.request.order_id]
    selected = selection(core, offer.id)
    rules = conditions(order.offer.airline, parts(offer.slices, offer.new_price))
    made: Json = {
        "id": offer.id,
        "order_change_id": selected.id if selected else None,
        "created_at": stamp(offer.request.search.created_at),
        "updated_at": stamp(offer.request.search.created_at),
        "refund_to": refund_to(order, offer),
        "conditions": rules,
        "private_fares": [],
    }
    return made | _terms(core, offer)


def change_json(core: Core, change: OrderChange) -> Json:
    """A change, pending or confirmed."""
    made = {
        "id": change.id,
        "order_id": change.order_id,
        "created_at": stamp(change.created_at),
        "updated_at": stamp(core.now()),
        "confirmed_at": maybe_stamp(change.confirmed_at),
        "refund_to": change.refund_to,
    }
    return made | _terms(core, change.offer)


def _terms(core: Core, offer: ChangeOffer) -> Json:
    """What an offer and the change of it have in common."""
    extras, currency = cost_of(core.facts.orders[offer.request.order_id]), offer.penalty.currency
    return {
        "live_mode": False,
        "expires_at": stamp(offer.request.expires_at),
        "change_total_amount": str(offer.balance.amount),
        "change_total_currency": currency,
        "new_total_amount": str((offer.new_price.total + extras).amount),
        "new_total_currency": currency,
        "penalty_total_amount": str(offer.penalty.amount),
        "penalty_total_currency": currency,
        "available_payment_types": ["balance"],
        "slices": {"add": _slices(offer, offer.added), "remove": _slices(offer, offer.removed)},
    }


def _slices(offer: ChangeOffer, slices: Iterable[BookedSlice]) -> list[Json]:
    return [slice_json(piece, offer.request.order_id, (piece.offer.brand, piece.price)) for piece in slices]


def slice_json(piece: BookedSlice, order_id: str, part: Part) -> Json:
    """A journey that an order has, had, or could have, with the conditions that it has alone."""
    rules = conditions(piece.offer.airline, [part])
    return {"id": piece.id} | journey_json(piece.offer, piece.journey, rules, order_id)

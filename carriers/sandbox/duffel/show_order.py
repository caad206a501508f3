"""How Duffel writes an order, a payment and a cancellation."""

from carriers.sandbox.chance import base62
from carriers.sandbox.duffel import answering, booking
from carriers.sandbox.duffel.airlines import AIRLINES, airline_json
from carriers.sandbox.duffel.booked import BookedSlice, parts
from carriers.sandbox.duffel.change_facts import OrderChange
from carriers.sandbox.duffel.changing import can_change, changeable
from carriers.sandbox.duffel.core import Core, maybe_stamp, stamp
from carriers.sandbox.duffel.facts import AirlineChange, Cancellation, Charge, Document, Order, OrderState
from carriers.sandbox.duffel.fares import Price, conditions
from carriers.sandbox.duffel.services import flown_extras
from carriers.sandbox.duffel.show_change import change_json, slice_json
from carriers.sandbox.duffel.show_service import extra_json, show_seats
from carriers.sandbox.exchange import Json


def order_json(core: Core, order: Order) -> Json:
    """An order as it is now."""
    cost, full = booking.current_price(core, order), booking.full_price(core, order)
    return {
        "id": order.id,
        "live_mode": False,
        "content": "managed",
        "type": "hold" if order.held else "instant",
        "created_at": stamp(order.created_at),
        "synced_at": stamp(core.now()),
        "cancelled_at": maybe_stamp(order.cancelled_at),
        "void_window_ends_at": maybe_stamp(booking.void_window(order)),
        "offer_id": order.offer.id,
        "booking_reference": order.booking_reference,
        "owner": airline_json(order.offer.airline),
        "base_amount": str(full.base.amount),
        "base_currency": full.base.currency,
        "tax_amount": str(full.tax.amount),
        "tax_currency": full.tax.currency,
        "total_amount": str(full.total.amount),
        "total_currency": full.total.currency,
        "payment_status": _payment_status(core, order),
        "available_actions": _available_actions(core, order),
        "conditions": conditions(order.offer.airline, parts(order.slices, cost)),
        "documents": [_document_json(document) for document in order.documents if document.state != "exchanged"],
        "passengers": [_passenger_json(passenger) for passenger in order.passengers],
        "slices": show_seats(order, _slices(core, order, cost)),
        "services": [extra_json(order, extra) for extra in flown_extras(order)],
        "metadata": order.metadata,
        "users": [],
        "changes": [change_json(core, change) for change in _changes(core, order)],
        "airline_initiated_changes": [airline_change_json(core, change) for change in airline_changes(core, order.id)],
        "cancellation": _cancellation_of(core, order),
    }


def _slices(core: Core, order: Order, cost: Price) -> list[Json]:
    own = parts(order.slices, cost)
    return [
        slice_json(piece, order.id, part) | {"changeable": changeable(core, order, piece)}
        for piece, part in zip(order.slices, own, strict=True)
    ]


def _changes(core: Core, order: Order) -> list[OrderChange]:
    return [change for change in core.facts.changes.values() if change.order_id == order.id and change.confirmed_at]


def _payment_status(core: Core, order: Order) -> Json:
    awaiting = order.state is OrderState.HELD
    return {
        "awaiting_payment": awaiting,
        "payment_required_by": maybe_stamp(order.pay_by) if awaiting else None,
        "price_guarantee_expires_at": maybe_stamp(booking.guaranteed_until(core, order)) if awaiting else None,
        "paid_at": maybe_stamp(order.paid_at),
    }


def _available_actions(core: Core, order: Order) -> list[str]:
    if order.state in {OrderState.CANCELLED, OrderState.EXPIRED}:
        return []
    possible = {"cancel": booking.can_cancel(core, order), "change": can_change(core, order), "update": True}
    return [action for action, allowed in possible.items() if allowed]


def _document_json(document: Document) -> Json:
    return {
        "type": "electronic_ticket",
        "unique_identifier": document.number,
        "passenger_ids": [document.passenger_id],
    }


def _passenger_json(passenger: Json) -> Json:
    shown = {name: value for name, value in passenger.items() if name != "identity_documents"}
    return shown | {"loyalty_programme_accounts": passenger.get("loyalty_programme_accounts") or []}


def _cancellation_of(core: Core, order: Order) -> Json | None:
    confirmed = (
        found for found in core.facts.cancellations.values() if found.order_id == order.id and found.confirmed_at
    )
    return next((cancellation_json(core, found) for found in confirmed), None)


def airline_changes(core: Core, order_id: str | None) -> list[AirlineChange]:
    """The airlines' changes, newest first; of one order, where it is named."""
    found = reversed(core.facts.airline_changes.values())
    return [change for change in found if order_id in {None, change.order_id}]


def airline_change_json(core: Core, change: AirlineChange) -> Json:
    """A change from the airline's side. Duffel tells no deadline for it."""
    return {
        "id": change.id,
        "order_id": change.order_id,
        "live_mode": False,
        "created_at": stamp(change.created_at),
        "updated_at": stamp(change.action_taken_at or change.created_at),
        "action_taken": change.action_taken,
        "action_taken_at": maybe_stamp(change.action_taken_at),
        "available_actions": answers(core, change),
        "removed": [_changed_slice(change, change.before)],
        "added": [_changed_slice(change, change.after)] if change.after else [],
        "travel_agent_ticket": None,
    }


def _changed_slice(change: AirlineChange, piece: BookedSlice) -> Json:
    return slice_json(piece, change.order_id, (piece.offer.brand, piece.price))


def answers(core: Core, change: AirlineChange) -> list[str]:
    """What can be done about it through Duffel; nothing once it was answered or its journey changed again."""
    order = core.facts.orders[change.order_id]
    pending = answering.unanswered(core, order)
    if change not in pending or not answering.changed_by_airline(core, order):
        return []
    if order.state is not OrderState.PAID:
        return ["cancel"] if order.state is OrderState.HELD else []
    possible = ["cancel", "change"] if can_change(core, order) else ["cancel"]
    # Accepting accepts the whole order as it is.
    if change is not airline_changes(core, order.id)[0] or any(missing.after is None for missing in pending):
        return possible
    # What an airline without stated rules has changed is settled with itself, and Duffel only told of it.
    return ["accept" if AIRLINES[order.offer.airline].states_rules else "update", *possible]


def payment_json(charge: Charge) -> Json:
    """A payment."""
    return {
        "id": charge.id,
        "order_id": charge.order_id,
        "live_mode": False,
        "type": charge.type,
        "amount": str(charge.amount.amount),
        "currency": charge.amount.currency,
        "status": "succeeded",
        "created_at": stamp(charge.at),
    }


def cancellation_json(core: Core, cancellation: Cancellation) -> Json:
    """A cancellation, quoted or confirmed."""
    return {
        "id": cancellation.id,
        "order_id": cancellation.order_id,
        "live_mode": False,
        "created_at": stamp(cancellation.created_at),
        "expires_at": stamp(cancellation.expires_at),
        "confirmed_at": maybe_stamp(cancellation.confirmed_at),
        "refund_to": cancellation.to,
        "refund_amount": str(cancellation.refund.amount) if cancellation.told else None,
        "refund_currency": cancellation.refund.currency if cancellation.told else None,
        "airline_credits": _airline_credits(core, cancellation),
    }


def _airline_credits(core: Core, cancellation: Cancellation) -> list[Json]:
    if cancellation.to != "airline_credits":
        return []
    passengers = core.facts.orders[cancellation.order_id].passengers
    shares = cancellation.refund.split([1] * len(passengers))
    return [
        {
            "id": f"acd_0000{base62(18, cancellation.id, index)}",
            "credit_name": "Travel credit",
            "credit_code": base62(10, "credit", cancellation.id, index) if cancellation.confirmed_at else None,
            "credit_amount": str(share.amount),
            "credit_currency": share.currency,
            "issued_on": cancellation.created_at.date().isoformat(),
            "passenger_id": passenger["id"],
        }
        for index, (passenger, share) in enumerate(zip(passengers, shares, strict=True))
    ]

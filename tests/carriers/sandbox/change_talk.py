"""How a client of the sandbox exchanges an order."""

from decimal import Decimal

LATER = "2026-04-28"


def wish(order, *, remove=(0,), add=None, day=LATER, **more):
    """The body of a request: the journeys of these numbers on another day, or others in their place."""
    pieces = [order["slices"][index] for index in remove]
    added = add or [
        {
            "origin": piece["origin"]["iata_code"],
            "destination": piece["destination"]["iata_code"],
            "departure_date": day,
            "cabin_class": "economy",
        }
        | more
        for piece in pieces
    ]
    removed = [{"slice_id": piece["id"]} for piece in pieces]
    return {"order_id": order["id"], "slices": {"add": added, "remove": removed}}


def request(client, order, **more):
    return client.ok("POST", "/air/order_change_requests", wish(order, **more))


def offers(client, order, **more):
    return request(client, order, **more)["order_change_offers"]


def select(client, offer):
    return client.ok("POST", "/air/order_changes", {"selected_order_change_offer": offer["id"]})


def payment_for(change):
    amount, currency = change["change_total_amount"], change["change_total_currency"]
    return {"payment": {"type": "balance", "amount": amount, "currency": currency}}


def confirm_path(change):
    return f"/air/order_changes/{change['id']}/actions/confirm"


def confirm(client, change):
    return client.ok("POST", confirm_path(change), payment_for(change))


def balance(offer):
    return Decimal(offer["change_total_amount"])


def dearer(client, order, **more):
    """A change that costs something, selected."""
    return select(client, next(offer for offer in offers(client, order, **more) if balance(offer) > 0))


def cheaper(client, order, **more):
    """A change that gives something back, selected."""
    return select(client, next(offer for offer in offers(client, order, **more) if balance(offer) < 0))

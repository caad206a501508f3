"""Our words in Duffel's: the bodies of its requests."""

from collections.abc import Mapping, Sequence
from datetime import time, timedelta
from typing import Any

from app.domain.aftersales import ServiceChoice
from app.domain.itinerary import CabinClass, PassengerType
from app.domain.money import Money
from app.domain.refusals import InvalidInput
from app.domain.search import Leg, SearchQuery, SeatRequest
from app.domain.travellers import Gender, IdentityDocument, Traveller
from carriers.contract import CarrierOrder, ExchangeWish, Purchase

Json = dict[str, Any]

# The key in an order's metadata under which our own reference travels.
KEY = "faregate_key"

_TYPES = {
    PassengerType.ADULT: "adult",
    PassengerType.CHILD: "child",
    PassengerType.INFANT: "infant_without_seat",
}
_GENDERS = {Gender.FEMALE: "f", Gender.MALE: "m"}
# Whoever is younger is asked for by age, so that each airline applies its own limits.
_ADULT_AGE = 18
_MOST_CONNECTIONS = 2
_SUPPLIER_TIMEOUT = (timedelta(seconds=2), timedelta(seconds=60))
_ANSWERING = timedelta(seconds=1)


def offer_request(query: SearchQuery) -> Json:
    """The body of a search."""
    body: Json = {
        "slices": [_slice(leg) for leg in query.legs],
        "passengers": [_seat(seat) for seat in query.passengers],
    }
    if query.cabin is not None:
        body["cabin_class"] = query.cabin.lower()
    if query.max_changes is not None:
        body["max_connections"] = min(query.max_changes, _MOST_CONNECTIONS)
    return {"data": body}


def supplier_timeout(deadline: timedelta) -> str:
    """How many milliseconds Duffel shall wait for airlines, so that it answers what it has before our deadline."""
    shortest, longest = _SUPPLIER_TIMEOUT
    wait = min(max(deadline - _ANSWERING, shortest), longest)
    return str(int(wait / timedelta(milliseconds=1)))


def _slice(leg: Leg) -> Json:
    body: Json = {"origin": leg.origin, "destination": leg.destination, "departure_date": leg.date.isoformat()}
    if leg.departs_from or leg.departs_until:
        body["departure_time"] = _window(leg.departs_from, leg.departs_until)
    if leg.arrives_from or leg.arrives_until:
        body["arrival_time"] = _window(leg.arrives_from, leg.arrives_until)
    return body


def _window(start: time | None, end: time | None) -> dict[str, str]:
    return {"from": f"{start or time(0, 0):%H:%M}", "to": f"{end or time(23, 59):%H:%M}"}


def _seat(seat: SeatRequest) -> Json:
    if seat.age is not None and seat.age < _ADULT_AGE:
        return {"age": seat.age}
    return {"type": _TYPES[seat.type]}


def hold(purchase: Purchase, travellers: Sequence[Traveller], key: str) -> Json:
    """The body of an order that keeps the space unpaid; it may carry neither payments nor services."""
    return {"data": _order("hold", purchase, travellers, key)}


def buy(purchase: Purchase, travellers: Sequence[Traveller], key: str) -> Json:
    """The body of an order paid at once from our balance."""
    return {"data": _order("instant", purchase, travellers, key) | {"payments": [_balance(purchase.price)]}}


def added_services(services: Sequence[ServiceChoice], amount: Money) -> Json:
    """The body that adds services to a paid order, paid from our balance."""
    return {"data": {"add_services": _services(services), "payment": _balance(amount)}}


def _services(services: Sequence[ServiceChoice]) -> list[Json]:
    return [{"id": service.ref, "quantity": service.quantity} for service in services]


def payment(order: str, amount: Money) -> Json:
    """The body of a payment for a held order, from our balance."""
    return {"data": {"order_id": order, "payment": _balance(amount)}}


def cancellation(order: str) -> Json:
    """The body that asks what cancelling would give back."""
    return {"data": {"order_id": order}}


def change_request(wish: ExchangeWish, order: CarrierOrder) -> Json:
    """The body that asks what could come in the place of some journeys; all new ones must be in one cabin."""
    removed = [{"slice_id": piece.journey} for piece in wish.replaced]
    cabin = (wish.cabin or _cabin(wish, order)).lower()
    added = [
        {
            "origin": piece.origin,
            "destination": piece.destination,
            "departure_date": piece.date.isoformat(),
            "cabin_class": cabin,
        }
        for piece in wish.replaced
    ]
    return {"data": {"order_id": wish.order, "slices": {"remove": removed, "add": added}}}


def _cabin(wish: ExchangeWish, order: CarrierOrder) -> CabinClass:
    """The cabin of what is replaced."""
    wanted = {piece.journey for piece in wish.replaced}
    segments = (segment for journey in order.journeys if journey.ref in wanted for segment in journey.segments)
    return next((fare.cabin for segment in segments for fare in segment.fares), CabinClass.ECONOMY)


def change(offer: str) -> Json:
    """The body that selects an order change offer."""
    return {"data": {"selected_order_change_offer": offer}}


def change_payment(balance: Money) -> Json:
    """The body that confirms an order change; where nothing is to be paid, it says nothing of payment."""
    due = balance > Money.zero(balance.currency)
    return {"data": {"payment": _balance(balance)} if due else {}}


def _balance(amount: Money) -> dict[str, str]:
    return {"type": "balance", "amount": str(amount.amount), "currency": amount.currency}


def _order(kind: str, purchase: Purchase, travellers: Sequence[Traveller], key: str) -> Json:
    body: Json = {
        "type": kind,
        "selected_offers": [purchase.offer],
        "passengers": [_passenger(traveller, purchase.passengers, index) for index, traveller in enumerate(travellers)],
        "metadata": {KEY: key},
    }
    return body | {"services": _services(purchase.services)} if purchase.services else body


def _passenger(traveller: Traveller, references: Mapping[str, str], index: int) -> Json:
    body: Json = {
        "id": references[traveller.id],
        "title": traveller.title.lower(),
        "given_name": traveller.given_name,
        "family_name": traveller.family_name,
        "born_on": traveller.born_on.isoformat(),
        "gender": _gender(traveller.gender, index),
        "email": traveller.email,
        "phone_number": traveller.phone,
    }
    if traveller.infant is not None:
        body["infant_passenger_id"] = traveller.infant
    if traveller.document is not None:
        body["identity_documents"] = [_document(traveller.document)]
    if traveller.loyalty:
        body["loyalty_programme_accounts"] = [
            {"airline_iata_code": account.airline, "account_number": account.number} for account in traveller.loyalty
        ]
    return body


def _gender(gender: Gender, index: int) -> str:
    """Duffel knows two; whoever's document says neither cannot be booked through it."""
    if gender not in _GENDERS:
        message = "This carrier needs the gender FEMALE or MALE, as in the travel document."
        raise InvalidInput(message=message, path=("passengers", str(index), "gender"))
    return _GENDERS[gender]


def _document(document: IdentityDocument) -> Json:
    body = {
        "type": document.kind.lower(),
        "unique_identifier": document.number,
        "issuing_country_code": document.issuing_country,
    }
    if document.expires_on is not None:
        body["expires_on"] = document.expires_on.isoformat()
    return body

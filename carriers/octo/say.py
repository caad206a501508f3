"""Our words in OCTO's: the bodies of its requests, and the ids we give to what we book."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from app.domain.itinerary import CarrierOffer
from app.domain.travellers import Traveller
from carriers.contract import Purchase
from carriers.octo.references import OfferRef
from carriers.octo.rooms import sleepers

Json = dict[str, Any]

# Made up once; what is booked under our keys is found again by it.
_OURS = UUID("8f0c2c1e-52f5-4d4b-9d0e-3a8f6f0f7c11")


def booking_uuid(key: str) -> str:
    """The uuid of what our call with this key books: booking it twice is booking it once."""
    return str(uuid5(_OURS, key))


def unit_uuid(booking: str, passenger: str) -> str:
    """The uuid of one person's place in a booking."""
    return str(uuid5(UUID(booking), passenger))


def reservation(offer: OfferRef, purchase: Purchase, travellers: Sequence[Traveller], key: str, minutes: int) -> Json:
    """The body that books an offer. Of people it tells their names, and how to reach the first of them."""
    uuid = booking_uuid(key)
    units = {sleeper.ref: offer.units[sleeper.rate] for sleeper in sleepers(offer.rooms)}
    return {
        "uuid": uuid,
        "resellerReference": key,
        "productId": offer.tour,
        "optionId": offer.option,
        "availabilityId": offer.availability,
        "expirationMinutes": minutes,
        "currency": purchase.price.currency,
        "unitItems": [_unit_item(uuid, traveller, purchase.passengers, units) for traveller in travellers],
        "contact": _contact(travellers[0]),
    }


def _unit_item(booking: str, traveller: Traveller, passengers: Mapping[str, str], units: Mapping[str, str]) -> Json:
    ref = passengers[traveller.id]
    return {
        "uuid": unit_uuid(booking, ref),
        "unitId": units[ref],
        "resellerReference": ref,
        "contact": _name(traveller),
    }


def _name(traveller: Traveller) -> Json:
    full = f"{traveller.given_name} {traveller.family_name}"
    return {"fullName": full, "firstName": traveller.given_name, "lastName": traveller.family_name}


def _contact(traveller: Traveller) -> Json:
    return _name(traveller) | {"emailAddress": traveller.email, "phoneNumber": traveller.phone}


def extension(minutes: int) -> Json:
    """The body that keeps places for so many minutes from now."""
    return {"expirationMinutes": minutes}


def confirmation(contact: Mapping[str, Any]) -> Json:
    """The body that confirms a booking for whom it was made."""
    return {"contact": {name: value for name, value in contact.items() if value is not None}}


def cancellation(reason: str) -> Json:
    """The body that cancels a booking."""
    return {"reason": reason}


def acceptance(change: str) -> Json:
    """The body that accepts what the operator changed, in our capability's words."""
    return {"departureChange": {"id": change, "accepted": True}}


def move(offer: CarrierOffer, people: Sequence[Mapping[str, Any]]) -> Json:
    """The body that moves a booking to another departure; its people come along, in the units they have there."""
    new = OfferRef.read(offer.ref)
    units = {sleeper.ref: new.units[sleeper.rate] for sleeper in sleepers(new.rooms)}
    body: Json = {"optionId": new.option, "availabilityId": new.availability}
    if all(units.get(person["resellerReference"]) == person["unitId"] for person in people):
        return body
    return body | {"unitItems": [_moved(person, units) for person in people]}


def _moved(person: Mapping[str, Any], units: Mapping[str, str]) -> Json:
    kept = {name: person[name] for name in ("uuid", "resellerReference")}
    contact = {name: value for name, value in person["contact"].items() if value is not None}
    return kept | {"unitId": units[person["resellerReference"]], "contact": contact}

"""What an order must say: its passengers, metadata and payments are checked as Duffel checks them."""

import re
from datetime import date

from app.domain.money import Money, MoneyError
from carriers.sandbox.duffel.core import list_of, maybe_list_of, text_of
from carriers.sandbox.duffel.errors import invalid, not_included, required, wrong_format
from carriers.sandbox.duffel.search import Offer, Traveller
from carriers.sandbox.exchange import Json

TITLES = ("mr", "ms", "mrs", "miss", "dr")
GENDERS = ("m", "f")
PAYMENT_TYPES = ("balance", "arc_bsp_cash")
ORDER_TYPES = ("instant", "hold", "pay_later")
_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# Letters of ASCII, Latin-1 Supplement and Latin Extended-A, without the ligatures Duffel refuses.
_NAME = re.compile(r"(?![^ÆæĲĳŒœÞð]*[ÆæĲĳŒœÞð])[A-Za-zÀ-ÖØ-öø-\u017f '-]{1,20}")
_METADATA_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
_METADATA_ENTRIES, _METADATA_VALUE = 50, 500
# Airlines differ on where a child ends; these are the widest limits Duffel takes.
_AGES = {"infant_without_seat": range(2), "child": range(2, 18), "adult": range(12, 131)}
_KEPT = (
    "id", "title", "gender", "given_name", "family_name", "born_on", "email", "phone_number",
    "infant_passenger_id", "identity_documents", "loyalty_programme_accounts",
)  # fmt: skip


def passengers(offer: Offer, data: Json) -> list[Json]:
    """The passengers of an order: each of the offer's once, complete and consistent."""
    given = list_of(data, "passengers", "/data")
    travellers = {traveller.id: traveller for traveller in offer.search.travellers}
    if sorted(text_of(entry, "id", "/data/passengers") for entry in given) != sorted(travellers):
        message = "Field 'passengers' must have exactly the passengers of the offer, by their ids"
        raise invalid("/data/passengers", "validation_inclusion", "Invalid passengers", message)
    for index, entry in enumerate(given):
        _check_passenger(offer, travellers[entry["id"]], entry, f"/data/passengers/{index}")
    _check_names_differ(given)
    _check_infants(travellers, given)
    return [{name: entry.get(name) for name in _KEPT} | {"type": travellers[entry["id"]].type} for entry in given]


def _check_passenger(offer: Offer, traveller: Traveller, entry: Json, pointer: str) -> None:
    for name in ("given_name", "family_name"):
        if not _NAME.fullmatch(text_of(entry, name, pointer)):
            message = f"Field '{name}' has characters airlines do not take, or is longer than 20"
            raise invalid(f"{pointer}/{name}", "invalid_passenger_name", "Invalid passenger name", message)
    _check_choice(entry, "title", TITLES, pointer)
    _check_choice(entry, "gender", GENDERS, pointer)
    if not _PHONE.fullmatch(text_of(entry, "phone_number", pointer)):
        message = "Field 'phone_number' must be a valid phone number in E.164 format"
        raise invalid(f"{pointer}/phone_number", "invalid_phone_number", "Invalid phone number", message)
    if not _EMAIL.fullmatch(text_of(entry, "email", pointer)):
        message = "Field 'email' must be a valid email address"
        raise invalid(f"{pointer}/email", "invalid_email_address", "Invalid email address", message)
    _check_age(offer, traveller, text_of(entry, "born_on", pointer), pointer)
    _check_documents(offer, entry, pointer)


def _check_choice(entry: Json, name: str, allowed: tuple[str, ...], pointer: str) -> None:
    if text_of(entry, name, pointer) not in allowed:
        raise not_included(f"{pointer}/{name}", allowed)


def _check_age(offer: Offer, traveller: Traveller, text: str, pointer: str) -> None:
    try:
        born = date.fromisoformat(text)
    except ValueError as error:
        raise wrong_format(f"{pointer}/born_on", "Field 'born_on' must be a date, such as 1987-07-24") from error
    last = offer.journeys[-1][0].departs.date()
    age = last.year - born.year - ((last.month, last.day) < (born.month, born.day))
    if age not in _AGES[traveller.type]:
        message = f"Field 'born_on' does not fit a passenger of type '{traveller.type}'"
        raise invalid(f"{pointer}/born_on", "validation_inclusion", "Invalid birth date", message)


def _check_documents(offer: Offer, entry: Json, pointer: str) -> None:
    maybe_list_of(entry, "loyalty_programme_accounts", pointer)
    if offer.documents_required and not entry.get("identity_documents"):
        raise required(f"{pointer}/identity_documents")
    for document in maybe_list_of(entry, "identity_documents", pointer):
        for name in ("type", "unique_identifier", "issuing_country_code", "expires_on"):
            text_of(document, name, f"{pointer}/identity_documents")


def _check_names_differ(given: list[Json]) -> None:
    names = {(entry["given_name"].casefold(), entry["family_name"].casefold()) for entry in given}
    if len(names) < len(given):
        message = "The order cannot contain more than one passenger with the same name"
        raise invalid("/data/passengers", "duplicate_passenger_name", "Duplicate passenger name", message)


def _check_infants(travellers: dict[str, Traveller], given: list[Json]) -> None:
    infants = sorted(key for key, traveller in travellers.items() if traveller.type == "infant_without_seat")
    carried = [
        str(entry["infant_passenger_id"])
        for entry in given
        if entry.get("infant_passenger_id") and travellers[entry["id"]].type == "adult"
    ]
    if sorted(carried) != infants:
        message = "Each infant must be the 'infant_passenger_id' of one adult"
        raise invalid("/data/passengers", "validation_inclusion", "Invalid infant", message)


def metadata(data: Json, pointer: str = "/data/metadata") -> dict[str, str]:
    """Up to 50 pairs of short strings."""
    found = data.get("metadata") or {}
    if not isinstance(found, dict) or len(found) > _METADATA_ENTRIES:
        raise wrong_format(pointer, f"Field 'metadata' must be an object of at most {_METADATA_ENTRIES} pairs")
    for key, value in found.items():
        if not _METADATA_KEY.fullmatch(key) or not isinstance(value, str) or len(value) > _METADATA_VALUE:
            message = "Metadata keys have up to 40 letters, digits, - or _; values are strings of up to 500"
            raise wrong_format(pointer, message)
    return dict(found)


def payment(entry: object, pointer: str) -> tuple[Money, str]:
    """The amount and the type of a payment."""
    if not isinstance(entry, dict):
        raise required(pointer)
    if text_of(entry, "type", pointer) not in PAYMENT_TYPES:
        raise not_included(f"{pointer}/type", PAYMENT_TYPES)
    amount, currency = text_of(entry, "amount", pointer), text_of(entry, "currency", pointer)
    try:
        return Money.of(amount, currency), entry["type"]
    except MoneyError as error:
        raise wrong_format(f"{pointer}/amount", "Field 'amount' must be a price, such as 30.20") from error


def check_amount(paid: Money, cost: Money, pointer: str) -> None:
    """The payment must be exactly what is to be paid."""
    if paid.currency != cost.currency:
        message = "The currency provided in the payment does not match the total_currency of the order"
        code = "payment_currency_does_not_match_order_currency"
        raise invalid(f"{pointer}/currency", code, "Payment currency does not match", message)
    if paid != cost:
        message = "The amount provided in the payment does not match the total_amount of the order"
        code = "payment_amount_does_not_match_order_amount"
        raise invalid(f"{pointer}/amount", code, "Payment amount does not match", message)

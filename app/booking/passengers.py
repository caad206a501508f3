"""Who a reserve names: checked for sense, and matched with the passengers the offer was priced for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from app.booking.people import name_key, seal_document
from app.domain import codec
from app.domain.ids import Ids
from app.domain.itinerary import OfferPassenger, PassengerField, PassengerType
from app.domain.refusals import InvalidInput
from app.domain.travellers import Assistance, DocumentKind, Gender, IdentityDocument, LoyaltyAccount, Title
from app.signing.sealing import Sealer
from app.store.tables import TravellerRow

# IATA Resolution 728: an infant is under 2 and a child under 12; carriers' own limits for a child reach to 17.
_INFANT_UNDER = 2
_CHILD_UNDER = 18
_ADULT_FROM = 12
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# ITU-T E.164: a plus sign and up to 15 digits.
_PHONE = re.compile(r"\+[1-9]\d{6,14}")
# IATA Resolution 762: two letters or digits.
_AIRLINE = re.compile(r"[A-Z0-9]{2}")
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./-]{0,39}")
_LONGEST_NAME = 40
_WORDS = {PassengerType.ADULT: "an adult", PassengerType.CHILD: "a child", PassengerType.INFANT: "an infant"}
_GENDER_OF = {Title.MR: Gender.MALE, Title.MS: Gender.FEMALE, Title.MRS: Gender.FEMALE, Title.MISS: Gender.FEMALE}


@dataclass(frozen=True, kw_only=True, slots=True)
class Passenger:
    """A passenger as a client names one; its repr shows nothing personal."""

    title: Title
    given_name: str = field(repr=False)
    family_name: str = field(repr=False)
    born_on: date = field(repr=False)
    gender: Gender | None = field(default=None, repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    loyalty: tuple[LoyaltyAccount, ...] = field(default=(), repr=False)
    assistance: tuple[Assistance, ...] = field(default=(), repr=False)
    document: IdentityDocument | None = field(default=None, repr=False)


def age_on(born: date, day: date) -> int:
    """Completed years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def check_passengers(passengers: Sequence[Passenger], today: date, required: frozenset[PassengerField]) -> None:
    """InvalidInput, with the path of the field, for the first passenger fact that cannot be meant."""
    for index, passenger in enumerate(passengers):
        check_passenger(passenger, today, required, ("input", "passengers", str(index)))


def check_passenger(
    passenger: Passenger, today: date, required: frozenset[PassengerField], path: tuple[str, ...]
) -> None:
    """InvalidInput, with the path of the field, for the first fact that cannot be meant."""

    def need(condition: object, name: str, message: str) -> None:
        if not condition:
            raise InvalidInput(message=message, path=(*path, name))

    for name, value in (("givenName", passenger.given_name), ("familyName", passenger.family_name)):
        need(value.strip() and len(value) <= _LONGEST_NAME, name, f"A name has 1 to {_LONGEST_NAME} characters.")
    need(passenger.born_on <= today, "bornOn", "The birth date lies in the future.")
    need(passenger.born_on.year >= today.year - 120, "bornOn", "The birth date lies more than 120 years back.")
    need(_EMAIL.fullmatch(passenger.email), "email", "This is not an e-mail address.")
    need(_PHONE.fullmatch(passenger.phone), "phone", "Write the phone number in full, such as +442080160508.")
    need(gender_of(passenger), "gender", "Give the gender as in the travel document; the title does not tell it.")
    for account in passenger.loyalty:
        need(_AIRLINE.fullmatch(account.airline), "loyalty", "Name the airline by its IATA code, such as AF.")
        need(_NUMBER.fullmatch(account.number), "loyalty", "An account number has letters and digits, 40 at most.")
    problem = _document_problem(passenger.document, today, asked=PassengerField.DOCUMENT in required)
    need(not problem, "document", problem)


def _document_problem(document: IdentityDocument | None, today: date, *, asked: bool) -> str:
    """What is wrong with the document; nothing when it can be sent."""
    if document is None:
        return "This carrier asks for an identity document of every passenger on this route." if asked else ""
    if not _NUMBER.fullmatch(document.number):
        return "A document number has letters and digits, 40 at most."
    if document.expires_on is None:
        return "Say until when the passport is valid." if document.kind == DocumentKind.PASSPORT else ""
    return "" if document.expires_on > today else "The identity document has expired."


def gender_of(passenger: Passenger) -> Gender | None:
    """The gender given, or the one the title tells."""
    return passenger.gender or _GENDER_OF.get(passenger.title)


def match(passengers: Sequence[Passenger], priced: Sequence[OfferPassenger], day: date) -> list[str]:
    """The carrier's passenger reference for each passenger, by age on the day of travel.

    InvalidInput when they are not the passengers the offer was priced for. The youngest fit first, so that a teenager
    who may travel as a child or as an adult leaves the child's place to a child.
    """
    if len(passengers) != len(priced):
        raise InvalidInput(
            message=f"Passengers the offer was priced for: {len(priced)}; named here: {len(passengers)}.",
            path=("input", "passengers"),
        )
    ages = {index: age_on(passenger.born_on, day) for index, passenger in enumerate(passengers)}
    free = sorted(ages, key=lambda index: ages[index])
    references = [""] * len(passengers)
    for place in sorted(priced, key=_strictest_first):
        index = next((index for index in free if _fits(place, ages[index])), None)
        if index is None:
            raise InvalidInput(
                message=f"The offer has a place for {_described(place)} on {day:%Y-%m-%d}; nobody is named who fits.",
                path=("input", "passengers"),
            )
        free.remove(index)
        references[index] = place.ref
    return references


def _strictest_first(place: OfferPassenger) -> tuple[bool, int, int]:
    order = {PassengerType.INFANT: 0, PassengerType.CHILD: 1, PassengerType.ADULT: 2}
    return (place.age is None, place.age or 0, order[place.type])


def _fits(place: OfferPassenger, age: int) -> bool:
    if place.age is not None:
        return place.age == age
    if place.type == PassengerType.INFANT:
        return age < _INFANT_UNDER
    if place.type == PassengerType.CHILD:
        return _INFANT_UNDER <= age < _CHILD_UNDER
    return age >= _ADULT_FROM


def _described(place: OfferPassenger) -> str:
    return f"somebody aged {place.age}" if place.age is not None else _WORDS[place.type]


def traveller_rows(
    passengers: Sequence[Passenger], types: Sequence[PassengerType], ids: Ids, vault: Sealer, owner: tuple[str, str]
) -> list[TravellerRow]:
    """New rows for the passengers of `owner` (partner id, booking id), infants tied to the adults in order."""
    rows = [
        traveller_row(passenger, kind, position, ids.new("tv"), vault, owner)
        for position, (passenger, kind) in enumerate(zip(passengers, types, strict=True))
    ]
    infants = [row for row in rows if row.type == PassengerType.INFANT]
    adults = [row for row in rows if row.type == PassengerType.ADULT]
    for infant, adult in zip(infants, adults, strict=False):
        adult.infant_id = infant.id
    return rows


def traveller_row(
    passenger: Passenger, kind: PassengerType, position: int, row_id: str, vault: Sealer, owner: tuple[str, str]
) -> TravellerRow:
    """The passenger as a row, the identity document sealed."""
    partner_id, booking_id = owner
    return TravellerRow(
        id=row_id,
        partner_id=partner_id,
        booking_id=booking_id,
        position=position,
        type=kind,
        title=passenger.title,
        gender=gender_of(passenger),
        given_name=passenger.given_name.strip(),
        family_name=passenger.family_name.strip(),
        name_key=name_key(passenger.given_name, passenger.family_name),
        born_on=passenger.born_on,
        email=passenger.email,
        phone=passenger.phone,
        loyalty=[codec.dump(account) for account in passenger.loyalty],
        assistance=[code.value for code in passenger.assistance],
        document=seal_document(vault, row_id, passenger.document),
    )


def latest_date(now: datetime) -> date:
    """The latest date it is anywhere on earth (UTC+14), so that nobody is refused for living far east."""
    return (now + timedelta(hours=14)).date()

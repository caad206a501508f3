"""The people who travel. Their facts live only in traveller rows; everything else carries their ids."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.domain.itinerary import PassengerType


class Title(StrEnum):
    """How a traveller is addressed, as airlines print it."""

    MR = "MR"
    MS = "MS"
    MRS = "MRS"
    MISS = "MISS"
    DR = "DR"


class Gender(StrEnum):
    """As in the travel document."""

    FEMALE = "FEMALE"
    MALE = "MALE"
    UNSPECIFIED = "UNSPECIFIED"


class DocumentKind(StrEnum):
    """Identity documents carriers ask for."""

    PASSPORT = "PASSPORT"
    TAX_ID = "TAX_ID"
    KNOWN_TRAVELER_NUMBER = "KNOWN_TRAVELER_NUMBER"
    PASSENGER_REDRESS_NUMBER = "PASSENGER_REDRESS_NUMBER"


class Assistance(StrEnum):
    """Special assistance, by its IATA special service request code (PSC Resolution 700)."""

    WCHR = "WCHR"
    WCHS = "WCHS"
    WCHC = "WCHC"
    BLND = "BLND"
    DEAF = "DEAF"
    DPNA = "DPNA"
    MEDA = "MEDA"
    UMNR = "UMNR"


@dataclass(frozen=True, kw_only=True, slots=True)
class IdentityDocument:
    """An identity document; `issuing_country` is ISO 3166-1 alpha-2."""

    kind: DocumentKind
    number: str = field(repr=False)
    issuing_country: str
    expires_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LoyaltyAccount:
    """A frequent flyer account with an airline."""

    airline: str
    number: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Traveller:
    """Everything a carrier may want to know of one traveller; its repr shows nothing personal.

    `passenger` is the carrier's passenger reference in the offer at hand; `infant` that of the infant on this
    adult's lap.
    """

    id: str
    type: PassengerType
    passenger: str = ""
    infant: str | None = None
    given_name: str = field(repr=False)
    family_name: str = field(repr=False)
    born_on: date = field(repr=False)
    title: Title
    gender: Gender
    email: str = field(repr=False)
    phone: str = field(repr=False)
    loyalty: tuple[LoyaltyAccount, ...] = field(default=(), repr=False)
    assistance: tuple[Assistance, ...] = field(default=(), repr=False)
    document: IdentityDocument | None = field(default=None, repr=False)

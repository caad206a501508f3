"""The people on a booking."""

from datetime import date, datetime
from typing import Self

import strawberry

from app.domain.itinerary import PassengerType
from app.domain.travellers import Assistance, DocumentKind, Gender, Title
from app.store.tables import TravellerRow
from resolvers.travellers import KnownDocument, known_document
from schema.enums import describe
from schema.fields import Info, answered
from schema.node import Node
from schema.scalars import CountryCode

describe(
    Title,
    "How a passenger is addressed.",
    {Title.MR: "Mr.", Title.MS: "Ms.", Title.MRS: "Mrs.", Title.MISS: "Miss.", Title.DR: "Doctor."},
)
describe(
    Gender,
    "Gender as in the travel document.",
    {Gender.FEMALE: "F.", Gender.MALE: "M.", Gender.UNSPECIFIED: "X, or not stated."},
)
describe(
    DocumentKind,
    "A kind of identity document.",
    {
        DocumentKind.PASSPORT: "A passport.",
        DocumentKind.TAX_ID: "A tax identification number.",
        DocumentKind.KNOWN_TRAVELER_NUMBER: "A known traveler number of the United States.",
        DocumentKind.PASSENGER_REDRESS_NUMBER: "A redress number of the United States.",
    },
)
describe(
    Assistance,
    "Special assistance, by its IATA code.",
    {
        Assistance.WCHR: "A wheelchair to the aircraft; climbs stairs and walks to the seat.",
        Assistance.WCHS: "A wheelchair to the aircraft; cannot climb stairs, walks to the seat.",
        Assistance.WCHC: "A wheelchair to the seat; cannot walk.",
        Assistance.BLND: "Blind.",
        Assistance.DEAF: "Deaf.",
        Assistance.DPNA: "Needs assistance for an intellectual or developmental disability.",
        Assistance.MEDA: "A medical case.",
        Assistance.UMNR: "A minor travelling alone.",
    },
)


@strawberry.type(description="An identity document; its number is never shown in full.")
class IdentityDocument:
    """`IdentityDocument` of the domain, as far as it may be shown."""

    kind: DocumentKind = strawberry.field(description="What kind it is.")
    number_ending: str = strawberry.field(description="The last characters of its number, three at most.")
    issuing_country: CountryCode = strawberry.field(description="The country that issued it.")
    expires_on: date | None = strawberry.field(description="The last day it is valid; null when it was not given.")

    @classmethod
    def of(cls, known: KnownDocument) -> Self:
        """The document."""
        return cls(
            kind=known.kind,
            number_ending=known.number_ending,
            issuing_country=CountryCode(known.issuing_country),
            expires_on=known.expires_on,
        )


@strawberry.type(description="A frequent flyer account.")
class LoyaltyAccount:
    """`LoyaltyAccount` of the domain."""

    airline: str = strawberry.field(description="The airline's IATA code.")
    number: str = strawberry.field(description="The number of the account.")


@strawberry.type(description="A passenger of a booking. Once erased, everything personal is null.")
class Traveller(Node):
    """A traveller's row in its current version."""

    row: strawberry.Private[TravellerRow]

    type: PassengerType = strawberry.field(description="How the passenger is priced.")
    title: Title | None = strawberry.field(description="How to address the passenger.")
    given_name: str | None = strawberry.field(description="Given names, as in the travel document.")
    family_name: str | None = strawberry.field(description="Family name, as in the travel document.")
    born_on: date | None = strawberry.field(description="Date of birth.")
    gender: Gender | None = strawberry.field(description="Gender, as in the travel document.")
    email: str | None = strawberry.field(description="E-mail address.")
    phone: str | None = strawberry.field(description="Telephone number in E.164 form.")
    loyalty: list[LoyaltyAccount] = strawberry.field(description="Frequent flyer accounts.")
    assistance: list[Assistance] = strawberry.field(description="Special assistance asked for.")
    infant_id: strawberry.ID | None = strawberry.field(description="The infant on this adult's lap, if any.")
    erased_at: datetime | None = strawberry.field(description="When the personal facts were erased; null when not.")

    @answered
    def document(self, info: Info) -> IdentityDocument | None:
        """The identity document; null when none was given."""
        known = known_document(info.context, self.row)
        return IdentityDocument.of(known) if known else None

    @classmethod
    def of(cls, row: TravellerRow) -> Self:
        """The stored traveller."""
        return cls(
            row=row,
            id=strawberry.ID(row.id),
            type=PassengerType(row.type),
            title=Title(row.title) if row.title else None,
            given_name=row.given_name,
            family_name=row.family_name,
            born_on=row.born_on,
            gender=Gender(row.gender) if row.gender else None,
            email=row.email,
            phone=row.phone,
            loyalty=[LoyaltyAccount(**account) for account in row.loyalty],
            assistance=[Assistance(code) for code in row.assistance],
            infant_id=strawberry.ID(row.infant_id) if row.infant_id else None,
            erased_at=row.erased_at,
        )

"""Where tours are sold and by whom: regions, operators and selling companies."""

from typing import Self

import strawberry

from app.domain import tours as domain
from app.domain.tours import DepartureStatus, SellingRegion
from schema.enums import describe

describe(
    SellingRegion,
    "Where tours are sold. Content, departures and prices may all differ by region.",
    {
        SellingRegion.US: "United States, in USD.",
        SellingRegion.UK: "United Kingdom, in GBP.",
        SellingRegion.NZ: "New Zealand, in NZD.",
        SellingRegion.ZA: "South Africa, in ZAR.",
        SellingRegion.ZZ: "Rest of the world, in USD.",
    },
)
describe(
    DepartureStatus,
    "Whether a departure can be booked.",
    {
        DepartureStatus.AVAILABLE: "It can be booked online.",
        DepartureStatus.CLOSED: "It is no longer available, and cannot be booked.",
        DepartureStatus.CANCELLED: "It was cancelled, and cannot be booked.",
        DepartureStatus.ON_REQUEST: "It is still available, and has to be asked for.",
        DepartureStatus.NO_YIELD: "It has not been entered into yield management.",
        DepartureStatus.TOO_LATE: "It is too close to be booked. Shown to `internal` scope only; others see CLOSED.",
        DepartureStatus.CLOSED_NOT_AMENDABLE: (
            "It was closed and cannot be reopened. Shown to `internal` scope only; others see CLOSED."
        ),
    },
)


@strawberry.type(description="How to reach a company.")
class Contact:
    """`Contact` of the domain."""

    email: str | None = strawberry.field(description="Its e-mail address, where it tells one.")
    phone: str | None = strawberry.field(description="Its telephone number, where it tells one.")
    website: str | None = strawberry.field(description="Its website, where it tells one.")

    @classmethod
    def of(cls, contact: domain.Contact) -> Self:
        """The domain's contact."""
        return cls(email=contact.email, phone=contact.phone, website=contact.website)


@strawberry.type(description="Who sells an operator's tours in a region, and answers for what cannot be booked online.")
class SellingCompany:
    """`SellingCompany` of the domain."""

    operator: str = strawberry.field(description="The code of the operator whose tours it sells.")
    region: SellingRegion = strawberry.field(description="Where it sells them.")
    code: str = strawberry.field(description="Its code.")
    name: str = strawberry.field(description="Its name.")
    contact: Contact = strawberry.field(description="How to reach it.")

    @classmethod
    def of(cls, company: domain.SellingCompany) -> Self:
        """The domain's selling company."""
        return cls(
            operator=company.operator,
            region=company.region,
            code=company.code,
            name=company.name,
            contact=Contact.of(company.contact),
        )

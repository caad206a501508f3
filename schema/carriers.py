"""The companies this gateway talks to."""

from typing import Self

import strawberry

from app.domain.itinerary import PassengerField
from carriers.contract import Ability, Profile
from schema.enums import describe
from schema.fields import Info, answered

describe(
    Ability,
    "What a carrier can do.",
    {
        Ability.SEARCH: "Answer searches.",
        Ability.HOLD: "Hold space without payment.",
        Ability.BUY: "Sell at once what cannot be held.",
        Ability.CANCEL: "Cancel an order.",
        Ability.EXCHANGE: "Exchanging what is booked for other dates or journeys.",
        Ability.SERVICES: "Seats and bags beside the fare.",
        Ability.CHANGES: "Telling, and letting be accepted, what the carrier changed itself.",
        Ability.TOURS: "Run tours.",
        Ability.REQUESTS: "Take requests for what cannot be booked at once.",
        Ability.EXTEND: "Keep a hold longer.",
        Ability.WEBHOOKS: "Tell by itself when something about an order changes.",
    },
)
describe(
    PassengerField,
    "A fact about a passenger.",
    {
        PassengerField.TITLE: "How the passenger is addressed.",
        PassengerField.GIVEN_NAME: "Given names, as in the travel document.",
        PassengerField.FAMILY_NAME: "Family name, as in the travel document.",
        PassengerField.BORN_ON: "Date of birth.",
        PassengerField.GENDER: "Gender, as in the travel document.",
        PassengerField.EMAIL: "E-mail address.",
        PassengerField.PHONE: "Telephone number.",
        PassengerField.LOYALTY: "Frequent flyer accounts.",
        PassengerField.ASSISTANCE: "Special assistance.",
        PassengerField.DOCUMENT: "Identity document.",
    },
)


@strawberry.type(description="A company this gateway talks to.")
class Carrier:
    """`Profile` of the carrier contract."""

    code: strawberry.ID = strawberry.field(description="Its code in this gateway.")
    name: str = strawberry.field(description="Its name.")
    family: str = strawberry.field(description="The protocol it speaks.")
    abilities: list[Ability] = strawberry.field(description="What it can do.")
    correctable: list[PassengerField] = strawberry.field(
        description="What it lets be corrected about a passenger once there is an order."
    )
    unsent: list[PassengerField] = strawberry.field(
        description="What it has no place for: where that matters, tell the company itself."
    )

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """The contract's profile."""
        return cls(
            code=strawberry.ID(profile.code),
            name=profile.name,
            family=profile.family,
            abilities=sorted(profile.abilities),
            correctable=sorted(profile.correctable),
            unsent=sorted(profile.unsent),
        )


@strawberry.type
class CarrierQueries:
    """Fields of `Query` about carriers."""

    @answered
    def carriers(self, info: Info) -> list[Carrier]:
        """Every company this gateway talks to."""
        return [Carrier.of(carrier.profile) for carrier in info.context.services.carriers]

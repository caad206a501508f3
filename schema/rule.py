"""Why something can be refunded or exchanged, or cannot: in quotes, and in the errors that refuse."""

from datetime import datetime
from typing import Self

import strawberry

from app.domain import aftersales as domain
from app.domain.aftersales import RuleGround
from schema.enums import describe
from schema.money import Money, known

describe(
    RuleGround,
    "What decides whether something can be refunded or exchanged, and what that costs.",
    {
        RuleGround.NOT_SOLD: "It is not paid yet; a hold is cancelled instead.",
        RuleGround.ENDED: "It was cancelled, refunded or exchanged before.",
        RuleGround.VOID_WINDOW: "It was bought so recently that the carrier takes it back whole.",
        RuleGround.FARE_CONDITIONS: "The conditions of the fare, or the terms of the departure.",
        RuleGround.CARRIER_CHANGED: "The carrier changed it, so it charges no fee.",
        RuleGround.DEPARTED: "Everything on it has departed.",
        RuleGround.CANCELLATION_SCALE: "A share of the total, by the days that are left before departure.",
        RuleGround.CARRIER_DECIDES: "The carrier decides each case and states no rule.",
        RuleGround.NO_ALTERNATIVE: "The carrier has nothing that it could be exchanged for.",
        RuleGround.UNSUPPORTED: "The carrier cannot do this through the gateway.",
    },
)


@strawberry.type(description="Why something can be refunded or exchanged, or cannot.")
class Rule:
    """`Rule` of the domain."""

    ground: RuleGround = strawberry.field(description="What decides it.")
    allowed: bool = strawberry.field(description="Whether it can be.")
    fee: Money | None = strawberry.field(
        description="The carrier's penalty, in the carrier's currency; null when it is not said."
    )
    deadline: datetime | None = strawberry.field(description="When another rule takes over; null when none is known.")

    @classmethod
    def of(cls, rule: domain.Rule) -> Self:
        """The domain's rule."""
        return cls(ground=rule.ground, allowed=rule.allowed, fee=known(rule.fee), deadline=rule.deadline)

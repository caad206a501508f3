"""What our records and another's disagree on, and that nothing may repair by itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

import strawberry

from app.store.aftersales_tables import DiscrepancyKind, DiscrepancyRow, DiscrepancyState
from schema.enums import describe
from schema.money import Money
from schema.node import Node
from schema.timeline import EventFact

_SENTENCES = {
    DiscrepancyKind.UNKNOWN_ORDER: "The carrier has an order that is none of ours, such as that of another system.",
    DiscrepancyKind.MISSING_ORDER: "The carrier does not know an order that we count on.",
    DiscrepancyKind.ORDER_STATE: "An order lives, is paid or has ended at the carrier, and not so in our records.",
    DiscrepancyKind.ORDER_AMOUNT: "An order costs another amount at the carrier than in our records.",
    DiscrepancyKind.REFUND_UNTOLD: "The carrier has refunded an order, and has not told for days how much.",
    DiscrepancyKind.UNKNOWN_CHARGE: "The payment provider holds money on a charge that is none of ours.",
    DiscrepancyKind.MISSING_CHARGE: "The payment provider does not know a charge that we count on.",
    DiscrepancyKind.CHARGE_STATE: "A charge is reserved, taken or over at the provider, and not so in our records.",
    DiscrepancyKind.CHARGE_AMOUNT: "Another amount was taken or given back at the provider than in our records.",
    DiscrepancyKind.REFUND_REFUSED: "The payment provider would not give back money that is owed.",
    DiscrepancyKind.UNPAID_BALANCE: "What was sold is not paid, for a card could not be charged after all.",
    DiscrepancyKind.STUCK: "An operation or an item cannot go on by itself.",
}
describe(DiscrepancyKind, "What our records and another's disagree on. More kinds may come.", _SENTENCES)
describe(
    DiscrepancyState,
    "How a discrepancy stands.",
    {
        DiscrepancyState.OPEN: "It waits for a person, or for its repair.",
        DiscrepancyState.SETTLED: "A person has said why it need not be looked at, or it is no longer so.",
    },
)


@strawberry.type(description="What one side's record says of a fact.")
class RecordedValue:
    """A value of a discrepancy's facts."""

    value: str = strawberry.field(description="The fact as text.")
    money: Money | None = strawberry.field(description="The fact as money, where it is an amount.")

    @classmethod
    def of(cls, name: str, side: Mapping[str, Any]) -> Self | None:
        """What this side says of it; None where it does not say."""
        if side.get(name) is None:
            return None
        fact = EventFact.of(name, side[name])
        return cls(value=fact.value, money=fact.money)


@strawberry.type(description="A fact, as each side's record has it.")
class DiscrepancyFact:
    """An entry of a discrepancy's facts."""

    name: str = strawberry.field(description="Which fact, such as state, total or refunded.")
    ours: RecordedValue | None = strawberry.field(description="What we say; null where our records do not.")
    theirs: RecordedValue | None = strawberry.field(description="What they say; null where theirs do not.")


@strawberry.type(description="Something that our records and another's disagree on, or that a person has to mend.")
class Discrepancy(Node):
    """A discrepancy's row."""

    kind: DiscrepancyKind = strawberry.field(description="What it is.")
    message: str = strawberry.field(description="What it is, as a sentence in English.")
    state: DiscrepancyState = strawberry.field(description="How it stands.")
    source: str = strawberry.field(
        description="Whose record it is besides ours: a carrier's or payment provider's code; \"faregate\" for our own."
    )
    ref: str = strawberry.field(description="The record's id there: of an order, a charge or an operation.")
    facts: list[DiscrepancyFact] = strawberry.field(
        description="What both sides say, when it was last looked at; nothing personal."
    )
    partner_id: strawberry.ID | None = strawberry.field(description="The partner it concerns; null for nobody's.")
    booking_id: strawberry.ID | None = strawberry.field(description="The booking it is about, where it is about one.")
    item_id: strawberry.ID | None = strawberry.field(description="The item it is about, where it is about one.")
    payment_id: strawberry.ID | None = strawberry.field(description="The payment it is about, where it is about one.")
    found_at: datetime = strawberry.field(description="When it was found.")
    seen_at: datetime = strawberry.field(description="When it was last seen to be so.")
    settled_at: datetime | None = strawberry.field(description="When it was settled; null while it is open.")
    settled_by: str | None = strawberry.field(
        description='Who settled it: the name of a token, or "system" where it was repaired or is no longer so.'
    )
    reason: str | None = strawberry.field(description="Why it was settled.")

    @classmethod
    def of(cls, row: DiscrepancyRow) -> Self:
        """The stored discrepancy."""
        kind = DiscrepancyKind(row.kind)
        return cls(
            id=strawberry.ID(row.id),
            kind=kind,
            message=_SENTENCES[kind],
            state=DiscrepancyState(row.state),
            source=row.source,
            ref=row.ref,
            facts=_facts(row.facts),
            partner_id=_id(row.partner_id),
            booking_id=_id(row.booking_id),
            item_id=_id(row.item_id),
            payment_id=_id(row.payment_id),
            found_at=row.found_at,
            seen_at=row.seen_at,
            settled_at=row.settled_at,
            settled_by=row.settled_by,
            reason=row.reason,
        )


def _facts(facts: Mapping[str, Mapping[str, Any]]) -> list[DiscrepancyFact]:
    ours, theirs = facts["ours"], facts["theirs"]
    return [
        DiscrepancyFact(name=name, ours=RecordedValue.of(name, ours), theirs=RecordedValue.of(name, theirs))
        for name in sorted({*ours, *theirs})
    ]


def _id(name: str | None) -> strawberry.ID | None:
    return strawberry.ID(name) if name else None

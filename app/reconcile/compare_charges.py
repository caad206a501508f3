"""Our payments beside a provider's charges: pure values in, differences out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.booking.differences import Difference, Subject
from app.domain.money import Money
from app.payments.contract import Charge, ChargeState, ListedCharge
from app.reconcile.findings import Comparison
from app.store.aftersales_tables import DiscrepancyKind
from app.store.tables import PaymentStatus

_HOLDING = frozenset({ChargeState.AUTHORISED, ChargeState.CAPTURED})
_COUNTED_ON = frozenset({PaymentStatus.AUTHORISED, PaymentStatus.CAPTURED})


@dataclass(frozen=True, kw_only=True, slots=True)
class OurCharge:
    """A card payment, and what its charge should be. `busy` and `waiting` as with orders.

    `amount` is what is reserved or was taken, `refunded` what of it was given back. `over` when its booking has ended,
    so that what is reserved pays for nothing.
    """

    about: Subject
    status: PaymentStatus
    amount: Money
    refunded: Money
    over: bool = False
    busy: bool = False
    waiting: str | None = None


Ours = Mapping[str, OurCharge]
# None where the provider was asked for the charge and knows none.
Theirs = Mapping[str, ListedCharge | None]


def compare(source: str, ours: Ours, theirs: Theirs, quiet_before: datetime) -> Comparison:
    """What both sides' records, by the charges' ids, disagree on. What is under way or too new is left for later."""
    young = {ref for ref, listed in theirs.items() if listed is not None and listed.created_at > quiet_before}
    busy = {ref for ref, our in ours.items() if our.busy}
    settled = theirs.keys() - young - busy
    found = (_difference(source, ref, ours.get(ref), theirs[ref]) for ref in sorted(settled))
    waiting = (ours[ref].waiting for ref in busy & theirs.keys() - young if theirs[ref] is not None)
    return Comparison(
        looked_at=frozenset(settled),
        differences=tuple(difference for difference in found if difference is not None),
        nudged=frozenset(operation for operation in waiting if operation is not None),
        payments=frozenset(
            str(our.about.payment) for ref, our in ours.items() if ref in settled and _unheard(our, theirs[ref])
        ),
    )


def _difference(source: str, ref: str, ours: OurCharge | None, listed: ListedCharge | None) -> Difference | None:
    if listed is None:
        return _missing(source, ref, ours)
    charge = listed.charge
    if ours is None:
        kind = DiscrepancyKind.UNKNOWN_CHARGE if charge.state in _HOLDING else None
    else:
        kind = _disagreement(ours, charge)
    if kind is None:
        return None
    return Difference(
        kind=kind,
        source=source,
        ref=ref,
        about=ours.about if ours else Subject(),
        ours=_our_facts(ours) if ours else {},
        theirs={
            "state": charge.state,
            "amount": charge.amount,
            "captured": charge.captured,
            "refunded": charge.refunded,
        },
        safe=ours is not None and _releasable(ours, charge),
    )


def _missing(source: str, ref: str, ours: OurCharge | None) -> Difference | None:
    if ours is None or ours.status not in _COUNTED_ON:
        return None
    return Difference(
        kind=DiscrepancyKind.MISSING_CHARGE, source=source, ref=ref, about=ours.about, ours=_our_facts(ours)
    )


def _disagreement(ours: OurCharge, charge: Charge) -> DiscrepancyKind | None:
    """What a payment and its charge disagree on. A form that waits for its payer is looked at, and no difference."""
    state, amount = DiscrepancyKind.CHARGE_STATE, DiscrepancyKind.CHARGE_AMOUNT
    match ours.status:
        case PaymentStatus.PENDING:
            return None
        case PaymentStatus.AUTHORISED:
            if charge.state is not ChargeState.AUTHORISED or ours.over:
                return state
            return amount if charge.amount != ours.amount else None
        case PaymentStatus.CAPTURED:
            if charge.state is not ChargeState.CAPTURED:
                return state
            return amount if (charge.captured, charge.refunded) != (ours.amount, ours.refunded) else None
        case _:
            return state if charge.state is ChargeState.AUTHORISED or charge.captured != charge.refunded else None


def _releasable(ours: OurCharge, charge: Charge) -> bool:
    """Whether money is blocked on a card for nothing."""
    unused = ours.over if ours.status is PaymentStatus.AUTHORISED else ours.status not in _COUNTED_ON
    return charge.state is ChargeState.AUTHORISED and unused


def _unheard(ours: OurCharge, listed: ListedCharge | None) -> bool:
    """Whether the payer has done something in the form that nobody told us of."""
    return ours.status is PaymentStatus.PENDING and (listed is None or listed.charge.state is not ChargeState.OPEN)


def _our_facts(ours: OurCharge) -> dict[str, object]:
    return {"state": ours.status, "amount": ours.amount, "refunded": ours.refunded}

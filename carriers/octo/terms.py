"""On what terms a departure is sold, and what cancelling it costs: by its scale, or by plain OCTO's cut-off."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from app.domain.money import Money
from app.domain.tours import CancellationScale, DepartureTerms, ScaleStep, day_begins
from app.wire.facts import Json
from carriers.octo.facts import amount

_WHOLE = Decimal(100)


def told_terms(data: Json | None, starts_on: date, zone: str) -> DepartureTerms:
    """The terms as our capability tells them; none where the operator tells none."""
    if data is None:
        return DepartureTerms()
    due, exchange = data.get("balanceDueDays"), data.get("exchange")
    return DepartureTerms(
        deposit=amount(data.get("depositPerPerson"), data),
        balance_due_at=None if due is None else day_begins(starts_on, zone, before=int(due)),
        scale=_scale(data),
        exchange_until=None if exchange is None else day_begins(starts_on, zone, before=int(exchange["daysBefore"])),
        exchange_fee=None if exchange is None else amount(exchange["feePerBooking"], data),
    )


def checked(terms: DepartureTerms, currency: str) -> DepartureTerms:
    """The terms, if prices in that currency can be reckoned with them; ValueError where they cannot."""
    amounts = [each for each in (terms.deposit, terms.exchange_fee) if each is not None]
    if any(each.currency != currency or each.minor < 0 for each in amounts):
        raise ValueError("terms in another currency than the prices, or below zero")
    if terms.scale is not None and not all(0 <= step.percent <= _WHOLE for step in terms.scale.steps):
        raise ValueError("a scale beyond the total")
    return terms


def _scale(data: Json) -> CancellationScale | None:
    steps = data.get("cancellationScale")
    if not steps:
        return None
    return CancellationScale(
        steps=tuple(ScaleStep(days=int(step["daysBefore"]), percent=Decimal(str(step["percent"]))) for step in steps)
    )


def plain_terms(starts_at: datetime, cutoff: timedelta, currency: str) -> DepartureTerms:
    """Plain OCTO's: what can be cancelled can be changed, and OCTO knows no fee for either."""
    return DepartureTerms(exchange_until=starts_at - cutoff, exchange_fee=Money.zero(currency))


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What cancelling costs, until when; None where that holds to the end."""

    fee: Money
    until: datetime | None


def cancelling(
    total: Money, terms: DepartureTerms, starts_on: date, zone: str, cutoff_at: datetime | None, at: datetime
) -> Cost | None:
    """What cancelling costs at an instant: by the scale, or nothing before the cut-off; None where neither is told."""
    if terms.scale is not None:
        percent = terms.scale.at(starts_on, zone, at).percent
        return Cost(fee=total.times(percent / _WHOLE), until=terms.scale.until(starts_on, zone, at))
    if cutoff_at is None:
        return None
    free = at < cutoff_at
    return Cost(fee=Money.zero(total.currency) if free else total, until=cutoff_at if free else None)

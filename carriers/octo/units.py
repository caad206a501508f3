"""What an option is sold in: OCTO's units, the rate that each is for, and their prices."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.domain.tours import REGION_CURRENCY, Rate, RateType, SellingRegion
from app.wire.facts import Json, text
from carriers.octo.facts import money

_ROOMS: Mapping[str, RateType] = {
    "TWIN_SHARE": RateType.TWIN_SHARE,
    "SINGLE": RateType.SINGLE,
    "CHILD": RateType.CHILD,
}
# Plain OCTO has no rooms: who pays what, by the type of the unit.
_PEOPLE: Mapping[str, RateType] = {"ADULT": RateType.PERSON, "CHILD": RateType.CHILD}


@dataclass(frozen=True, slots=True)
class Limits:
    """How many one booking takes: None where there is no limit."""

    least: int | None
    most: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OptionFacts:
    """What selling an option takes: the rate each unit is for, and until when it can be cancelled before it starts.

    `child_ages` are the ages in years of who pays a child's price; None where the operator does not say. `party` is how
    many people one booking takes, `quantities` how many of each unit.
    """

    units: Mapping[str, RateType]
    party: Limits
    quantities: Mapping[str, Limits]
    child_ages: range | None
    cutoff: timedelta


def option_facts(data: Json, *, rich: bool) -> OptionFacts:
    """What selling an option takes."""
    unit = {"minute": "minutes", "hour": "hours", "day": "days"}[data["cancellationCutoffUnit"]]
    units = {text(one["id"]): rate for one in data["units"] if (rate := _rate_type(one, rich=rich))}
    return OptionFacts(
        units=units,
        party=_limits(data, "minUnits", "maxUnits"),
        quantities={one["id"]: _limits(one, "minQuantity", "maxQuantity") for one in data["units"]},
        child_ages=next((_ages(one) for one in data["units"] if units.get(one["id"]) is RateType.CHILD), None),
        cutoff=timedelta(**{unit: data["cancellationCutoffAmount"]}),
    )


def _limits(data: Json, least: str, most: str) -> Limits:
    told = data.get("restrictions") or {}
    lowest, highest = (None if told.get(name) is None else int(told[name]) for name in (least, most))
    return Limits(lowest, highest)


def _ages(unit: Json) -> range | None:
    told = unit.get("restrictions") or {}
    first, last = told.get("minAge"), told.get("maxAge")
    return None if first is None or last is None else range(int(first), int(last) + 1) or None


def _rate_type(unit: Json, *, rich: bool) -> RateType | None:
    return _ROOMS.get(unit.get("room") or "") if rich else _PEOPLE.get(unit["type"])


def rates_of(data: Json, region: SellingRegion, units: Mapping[str, RateType]) -> tuple[Rate, ...]:
    """The prices per person in the region's currency; of several units for the same, the first."""
    rates: dict[RateType, Rate] = {}
    for pricing in data.get("unitPricing") or data.get("unitPricingFrom") or ():
        kind = units.get(pricing["unitId"])
        if kind and pricing["currency"] == REGION_CURRENCY[region]:
            rates.setdefault(kind, Rate(type=kind, price=money(pricing), unit=pricing["unitId"]))
    return tuple(rates.values())

"""A departure in OCTO's shapes: a calendar's day and an availability, with what was granted."""

from collections import Counter

from app.domain.money import exponent
from carriers.sandbox.exchange import Json, stamp
from carriers.sandbox.octo.catalogue.model import Terms
from carriers.sandbox.octo.core import Call
from carriers.sandbox.octo.departures import Standing
from carriers.sandbox.octo.show_money import pricing, unit_pricing
from carriers.sandbox.octo.units import UNITS


def calendar_day(found: Standing, call: Call, wanted: Counter[str]) -> Json:
    """A day of `POST /availability/calendar`."""
    day: Json = {"localDate": found.departure.local_date.isoformat()} | _places(found, call, wanted)
    if call.pricing:
        day |= _prices(found, wanted, "From")
    return day | _departure(found) if call.departures else day


def availability(found: Standing, call: Call, wanted: Counter[str]) -> Json:
    """An entry of `POST /availability/`; `wanted` are the units that it is asked for."""
    shown: Json = {
        "id": found.availability_id,
        "localDateTimeStart": found.availability_id,
        "localDateTimeEnd": found.ends_at.isoformat(),
        "utcCutoffAt": stamp(found.cutoff),
        "allDay": True,
        "maxUnits": None,
    } | _places(found, call, wanted)
    if call.content:
        shown |= {"title": found.tour.name.told(call.region), "shortDescription": ""}
    if call.pricing:
        shown |= _prices(found, wanted, "")
    return shown | _departure(found) | _sold_on(found) if call.departures else shown


def terms(found: Terms, currency: str) -> Json:
    """Our capability's `departureTerms`."""
    steps = [{"daysBefore": step.days_before, "percent": step.percent} for step in found.cancellation_scale]
    exchange = found.exchange
    return {
        "depositPerPerson": found.deposit_per_person,
        "currency": currency,
        "currencyPrecision": exponent(currency),
        "balanceDueDays": found.balance_due_days,
        "cancellationScale": steps,
        "exchange": exchange and {"daysBefore": exchange.days_before, "feePerBooking": exchange.fee_per_booking},
    }


def _places(found: Standing, call: Call, wanted: Counter[str]) -> Json:
    takes = found.takes(wanted.total())
    told = found.sells or (found.asked_for and call.departures)
    return {
        "available": takes,
        "status": _status(found) if takes or not wanted else _unavailable(found),
        "vacancies": found.left if told else 0,
        "capacity": found.departure.capacity,
        "openingHours": [],
    }


def _status(found: Standing) -> str:
    if not found.takes(1):
        return _unavailable(found)
    return "AVAILABLE" if 2 * found.left >= found.departure.capacity else "LIMITED"


def _unavailable(found: Standing) -> str:
    """OCTO knows no other reason than that the places are gone."""
    return "SOLD_OUT" if found.sells else "CLOSED"


def _prices(found: Standing, wanted: Counter[str], suffix: str) -> Json:
    currency = found.sale.prices.currency
    shown: Json = {f"unitPricing{suffix}": [unit_pricing(unit, found.price(unit), currency) for unit in UNITS]}
    if wanted:
        total = sum(found.price(unit) * count for unit, count in wanted.items())
        shown[f"pricing{suffix}"] = pricing(total, currency)
    return shown


def _departure(found: Standing) -> Json:
    departure = found.departure
    return {
        "departureStatus": found.status,
        "localDateEnd": departure.local_date_end.isoformat(),
        "seasonId": departure.season,
        "guideLanguage": departure.guide_language,
    }


def _sold_on(found: Standing) -> Json:
    sold = found.sale.terms
    return {
        "departureTerms": terms(sold, found.sale.prices.currency),
        "takesRequests": sold.takes_requests,
        "holdMinutes": sold.hold_minutes,
    }

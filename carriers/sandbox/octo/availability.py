"""`/availability`, its calendar, and our capability's question about many departures at once."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from carriers.sandbox.core import Answer
from carriers.sandbox.exchange import Json
from carriers.sandbox.octo import read, units
from carriers.sandbox.octo.catalogue.model import Option, Tour
from carriers.sandbox.octo.core import Call, Core
from carriers.sandbox.octo.departures import Standing, between, option_of, product, standing
from carriers.sandbox.octo.errors import bad_request, forbidden
from carriers.sandbox.octo.show_availability import availability, calendar_day

_YEAR = timedelta(days=366)
_MOST_IDS = 100
_MOST_DEPARTURES = 500


def get_calendar(core: Core, call: Call) -> Answer:
    """`POST /availability/calendar`: the days on which the option departs."""
    wanted = _wanted(call)
    if call.data.get("localDateStart") is None or call.data.get("localDateEnd") is None:
        raise bad_request("localDateStart and localDateEnd are required")
    return Answer([calendar_day(found, call, wanted) for found in asked_for(core, call)])


def check(core: Core, call: Call) -> Answer:
    """`POST /availability/`: by local dates or by ids; what is not known is left out."""
    wanted = _wanted(call)
    return Answer([availability(found, call, wanted) for found in asked_for(core, call)])


def check_many(core: Core, call: Call) -> Answer:
    """`POST /departures/availability` of our capability."""
    if not call.departures:
        raise forbidden("faregate/departures was not granted to this request")
    entries = read.objects(call.data, "departures")
    if not 1 <= len(entries) <= _MOST_DEPARTURES:
        raise bad_request(f"departures must be 1 to {_MOST_DEPARTURES}")
    return Answer([_named(found, call) for found in many(core, call)])


def asked_for(core: Core, call: Call) -> Iterator[Standing]:
    """The departures that a calendar or a check is about."""
    tour = product(core, call, call.data.get("productId"))
    option = option_of(tour, call.data.get("optionId"))
    ids = read.texts(call.data, "availabilityIds")
    if ids:
        return _by_ids(core, call, (tour, option), ids)
    return between(core, call, option, *_dates(call.data))


def many(core: Core, call: Call) -> Iterator[Standing]:
    """The departures that our capability's question is about, without those that are not sold in the region."""
    for entry in read.objects(call.data, "departures"):
        tour, option, day = (read.maybe_text(entry, name) or "" for name in ("productId", "optionId", "localDate"))
        found = standing(core, call, call.key(tour, option, read.day(day)))
        if found:
            yield found


def by_id(core: Core, call: Call, tour: Tour, option: Option, availability_id: object) -> Standing | None:
    """The departure with that id in the call's region."""
    try:
        day = date.fromisoformat(str(availability_id)[:10])
    except ValueError:
        return None
    found = standing(core, call, call.key(tour.id, option.id, day))
    return found if found and found.availability_id == availability_id else None


def _by_ids(core: Core, call: Call, named: tuple[Tour, Option], ids: list[str]) -> Iterator[Standing]:
    if call.data.get("localDate") or call.data.get("localDateStart") or call.data.get("localDateEnd"):
        raise bad_request("cannot use localDate/localDateStart/localDateEnd and availabilityIds in the same request")
    if len(ids) > _MOST_IDS:
        raise bad_request(f"cannot request more than {_MOST_IDS} availability objects at a time")
    return (found for each in ids if (found := by_id(core, call, *named, each)))


def _dates(data: Json) -> tuple[date, date]:
    day, first, last = (read.maybe_day(data, name) for name in ("localDate", "localDateStart", "localDateEnd"))
    if day and (first or last):
        raise bad_request("cannot use localDate and localDateStart/localDateEnd in the same request")
    first, last = first or day, last or day
    if first is None or last is None:
        raise bad_request("either localDate, localDateStart/localDateEnd or availabilityIds is required")
    if last - first > _YEAR:
        raise bad_request("cannot request more than 1 year of availability")
    return first, last


def _wanted(call: Call) -> Counter[str]:
    check_currency(call)
    return units.counted(call.data)


def check_currency(call: Call) -> None:
    """Prices are told in the region's currency; BAD_REQUEST when another is asked for."""
    wanted = read.maybe_text(call.data, "currency")
    if wanted is not None and wanted != call.currency:
        raise bad_request(f"prices are in {call.currency} only")


def _named(found: Standing, call: Call) -> Json:
    key = found.key
    return {
        "productId": key.tour,
        "optionId": key.option,
        "localDate": key.starts_on.isoformat(),
        "availability": availability(found, call, Counter()),
    }

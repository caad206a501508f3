"""OCTO's availability in our words, with our capability or without."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.domain.tours import REGION_CURRENCY, Departure, DepartureAvailability, DepartureKey, DepartureStatus
from app.wire.facts import Json, instant, text, text_or_none
from carriers.octo import statuses
from carriers.octo.content import Product
from carriers.octo.facts import day, whole
from carriers.octo.terms import checked, plain_terms, told_terms
from carriers.octo.units import rates_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Listener:
    """Hears availability of one product at an instant by our clock; `requests` whether we may ask for some.

    Places are asked to be kept for `hold_minutes`.
    """

    product: Product
    rich: bool
    now: datetime
    requests: bool
    hold_minutes: int

    def heard(self, key: DepartureKey, data: Json) -> DepartureAvailability:
        """Whether the departure can be booked; Incomplete where that cannot be read."""
        with whole("availability"):
            return self._told(key, data) if self.rich else self._plain(key, data)

    def _told(self, key: DepartureKey, data: Json) -> DepartureAvailability:
        tour, status = self.product.tour, statuses.told(data)
        return DepartureAvailability(
            departure=Departure(
                key=key,
                ends_on=last_day(data, self.product, key),
                zone=tour.zone,
                season=text_or_none(data.get("seasonId")),
                language=text_or_none(data.get("guideLanguage")),
            ),
            region=tour.region,
            status=status,
            as_of=self.now,
            ref=text(data["id"]),
            places_left=_places_left(data, status),
            rates=rates_of(data, tour.region, self.product.options[key.option].units),
            terms=checked(
                told_terms(data.get("departureTerms"), key.starts_on, tour.zone), REGION_CURRENCY[tour.region]
            ),
            takes_requests=self.requests and data.get("takesRequests") is True,
            hold_until=self._held_until(data.get("holdMinutes")) if status is DepartureStatus.AVAILABLE else None,
        )

    def _plain(self, key: DepartureKey, data: Json) -> DepartureAvailability:
        region, facts = self.product.tour.region, self.product.options[key.option]
        rates = rates_of(data, region, facts.units)
        return DepartureAvailability(
            departure=plain_departure(self.product, key),
            region=region,
            status=(status := statuses.plain(data, instant=self.product.instant, priced=bool(rates))),
            as_of=self.now,
            ref=text(data["id"]),
            places_left=_places_left(data, status),
            rates=rates,
            terms=plain_terms(instant(data["localDateTimeStart"]), facts.cutoff, REGION_CURRENCY[region]),
        )

    def _held_until(self, minutes: int | None) -> datetime | None:
        return None if minutes is None else self.now + timedelta(minutes=min(minutes, self.hold_minutes))


def _places_left(data: Json, status: DepartureStatus) -> int | None:
    """How many are left; what is closed for another reason than being sold out, or asked for, says nothing of it."""
    told = data["status"] != "CLOSED" or status is DepartureStatus.ON_REQUEST
    return data.get("vacancies") if told else None


def last_day(data: Json, product: Product, key: DepartureKey) -> date:
    """The last day that the operator tells of a departure, or the one its option's length comes to."""
    told = data.get("localDateEnd")
    return plain_departure(product, key).ends_on if told is None else day(told)


def plain_departure(product: Product, key: DepartureKey) -> Departure:
    """A departure of plain OCTO: it ends when the option's days are over."""
    option = product.option(key.option)
    days = product.tour.days if option is None else option.days
    return Departure(key=key, ends_on=key.starts_on + timedelta(days=days - 1), zone=product.tour.zone)

"""Whether departures can be booked, in as few calls as an operator can be asked with."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial

from app.domain.clock import Clock
from app.domain.tours import Departure, DepartureAvailability, DepartureKey, SellingRegion
from app.wire.facts import Incomplete, Json, text
from carriers.contract import Ability, Profile
from carriers.octo.calls import Calls
from carriers.octo.catalogue import Catalogue
from carriers.octo.content import Content, Product
from carriers.octo.errors import Declined
from carriers.octo.facts import day, objects, whole
from carriers.octo.hear_availability import Listener, plain_departure
from carriers.octo.reading import reading

# What one call may ask for: departures with our capability, days in plain OCTO.
_MOST = 500
_LONGEST = timedelta(days=365)

# So many options of plain OCTO are asked for at once.
_AT_ONCE = 4

# One departure of an answer, yet to be read; None where it was not asked for.
_Hear = Callable[[], DepartureAvailability | None]

log = logging.getLogger(__name__)


class Availability:
    """The departures of one account. Places would be asked to be kept for `hold_minutes`."""

    def __init__(self, calls: Calls, clock: Clock, catalogue: Catalogue, who: Profile, *, hold_minutes: int) -> None:
        self._calls = calls
        self._clock = clock
        self._catalogue = catalogue
        self._carrier = who.code
        self._requests = Ability.REQUESTS in who.abilities
        self._hold_minutes = hold_minutes

    async def departures(
        self, region: SellingRegion, tour: str, option: str, first: date, last: date
    ) -> Sequence[Departure]:
        """The option's departures, earliest first: those of its seasons, or those of plain OCTO's calendar."""
        content = await self._catalogue.of(region)
        product = content.products.get(tour)
        if product is None or product.option(option) is None:
            return ()
        if content.rich:
            found = _of_seasons(product, option, first, last)
        else:
            with reading(self._carrier):
                found = list({one.key: one async for one in self._calendar(product, option, first, last)}.values())
        return sorted(found, key=lambda departure: departure.key.starts_on)

    async def of(
        self, region: SellingRegion, wanted: Iterable[DepartureKey]
    ) -> Mapping[DepartureKey, DepartureAvailability]:
        """The departures that the operator knows, and whether they can be booked.

        One that cannot be read hides no other; Trouble where none can be.
        """
        content = await self._catalogue.of(region)
        known = [key for key in dict.fromkeys(wanted) if _is_sold(content, key)]
        ask = self._at_once if content.rich else self._by_option
        with reading(self._carrier):
            found = await _readable(ask(content, known))
        return {key: found[key] for key in known if key in found}

    async def _at_once(self, content: Content, wanted: Sequence[DepartureKey]) -> AsyncIterator[_Hear]:
        """With our capability: the departures of all tours together."""
        asked = {(key.tour, key.option, key.starts_on): key for key in wanted}
        for start in range(0, len(wanted), _MOST):
            body = {"departures": [_named(key) for key in wanted[start : start + _MOST]]}
            answer = await self._calls.ask("/departures/availability", body, region=content.region)
            with whole("availability"):
                listed = objects(answer.data)
            for data in listed:
                yield partial(self._named, content, asked, data)

    def _named(
        self, content: Content, asked: Mapping[tuple[str, str, date], DepartureKey], data: Json
    ) -> DepartureAvailability | None:
        with whole("availability"):
            key = asked.get((text(data["productId"]), text(data["optionId"]), day(data["localDate"])))
            told = data["availability"]
        return self._listener(content, key.tour).heard(key, told) if key else None

    async def _by_option(self, content: Content, wanted: Sequence[DepartureKey]) -> AsyncIterator[_Hear]:
        """In plain OCTO: a few options at once, each from the first day wanted to the last."""
        options: dict[tuple[str, str], dict[date, DepartureKey]] = defaultdict(dict)
        for key in wanted:
            options[key.tour, key.option][key.starts_on] = key
        gate = asyncio.Semaphore(_AT_ONCE)
        asked = (
            self._option(gate, self._listener(content, tour), option, days) for (tour, option), days in options.items()
        )
        for listed in await asyncio.gather(*asked):
            for hear in listed:
                yield hear

    async def _option(
        self, gate: asyncio.Semaphore, listener: Listener, option: str, days: Mapping[date, DepartureKey]
    ) -> list[_Hear]:
        told = self._between("/availability/", listener.product, option, min(days), max(days))
        try:
            async with gate:
                return [partial(_on_day, listener, days, data) async for data in told]
        except Declined as no:
            log.warning("an option of %s is left out: %s", self._carrier, no)
            return []

    async def _calendar(self, product: Product, option: str, first: date, last: date) -> AsyncIterator[Departure]:
        tour = product.tour
        async for data in self._between("/availability/calendar", product, option, first, last):
            with whole("calendar"):
                starts_on = day(data["localDate"])
                key = DepartureKey(operator=tour.operator, tour=tour.ref, option=option, starts_on=starts_on)
                departure = plain_departure(product, key)
            yield departure

    async def _between(self, where: str, product: Product, option: str, first: date, last: date) -> AsyncIterator[Json]:
        """What plain OCTO tells of these days, in calls for a year at most."""
        while first <= last:
            until = min(last - first, _LONGEST) + first
            body = _period(product, option, first, until)
            answer = await self._calls.ask(where, body, region=product.tour.region)
            with whole("availability"):
                listed = objects(answer.data)
            for data in listed:
                yield data
            if until == last:
                break
            first = until + timedelta(days=1)

    def _listener(self, content: Content, tour: str) -> Listener:
        now, product = self._clock.now(), content.products[tour]
        return Listener(
            product=product, rich=content.rich, now=now, requests=self._requests, hold_minutes=self._hold_minutes
        )


def _is_sold(content: Content, key: DepartureKey) -> bool:
    product = content.products.get(key.tour)
    return product is not None and product.option(key.option) is not None


def _of_seasons(product: Product, option: str, first: date, last: date) -> Sequence[Departure]:
    found = product.option(option)
    seasons = found.seasons if found else ()
    return [one for season in seasons for one in season.departures if first <= one.key.starts_on <= last]


def _named(key: DepartureKey) -> Json:
    return {"productId": key.tour, "optionId": key.option, "localDate": key.starts_on.isoformat()}


async def _readable(listed: AsyncIterator[_Hear]) -> dict[DepartureKey, DepartureAvailability]:
    """Whatever can be read; Incomplete where nothing can."""
    found: dict[DepartureKey, DepartureAvailability] = {}
    unread: Incomplete | None = None
    async for hear in listed:
        try:
            one = hear()
        except Incomplete as error:
            log.warning("a departure is left out: %s", error)
            unread = error
            continue
        # Plain OCTO may depart several times a day: what can be booked stands for the day.
        if one and (one.departure.key not in found or one.bookable_online):
            found[one.departure.key] = one
    if unread and not found:
        raise unread
    return found


def _on_day(listener: Listener, days: Mapping[date, DepartureKey], data: Json) -> DepartureAvailability | None:
    with whole("availability"):
        key = days.get(day(data["localDateTimeStart"]))
    return listener.heard(key, data) if key else None


def _period(product: Product, option: str, first: date, last: date) -> Json:
    body: dict[str, str] = {
        "productId": product.tour.ref,
        "optionId": option,
        "localDateStart": first.isoformat(),
        "localDateEnd": last.isoformat(),
    }
    # Asked for in a currency that the operator does not have, it might answer nothing at all.
    return body | {"currency": product.currency} if product.currency else body

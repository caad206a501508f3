"""What an operator would sell: a departure, for these rooms, on its terms."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from app.domain.errors import Refusal
from app.domain.itinerary import CarrierOffer, Condition, FareConditions, PassengerField
from app.domain.money import Money
from app.domain.refusals import NotBookable, OfferExpired, OnRequestOnly, SoldOut
from app.domain.tours import (
    REGION_CURRENCY,
    DepartureAvailability,
    DepartureKey,
    DepartureStatus,
    Room,
    TourStay,
)
from carriers.contract import Profile
from carriers.octo import rooms
from carriers.octo.content import Content, Product
from carriers.octo.references import OfferRef
from carriers.octo.rooms import Sleeper
from carriers.octo.terms import cancelling

# OCTO keeps no offers: this long one is good for asking whether it still holds.
_LIFE = timedelta(minutes=30)
_REQUIRED = (
    PassengerField.GIVEN_NAME,
    PassengerField.FAMILY_NAME,
    PassengerField.BORN_ON,
    PassengerField.EMAIL,
    PassengerField.PHONE,
)


def offer(
    who: Profile, content: Content, found: DepartureAvailability, wanted: Sequence[Room], now: datetime
) -> CarrierOffer:
    """The offer for these rooms, whatever the status; InvalidInput where nobody sleeps like that, or for no price.

    Its price is as old as what was found; what depends on the day, and how long it can be reserved, count from `now`.
    """
    key = found.departure.key
    rooms.check_rooms(wanted)
    facts, people = _product(content, key).options[key.option], rooms.sleepers(wanted)
    rooms.check_ages(wanted, facts.child_ages)
    rooms.check_party(people, found.rates, facts)
    total = rooms.price(people, found.rates, REGION_CURRENCY[found.region])
    return CarrierOffer(
        carrier=who.code,
        ref=str(_ref(found, wanted)),
        stay=_stay(who, content, found, wanted),
        company=content.companies.get(found.region),
        on_request=found.status is DepartureStatus.ON_REQUEST and found.takes_requests,
        passengers=tuple(sleeper.passenger for sleeper in people),
        base=total,
        tax=Money.zero(total.currency),
        total=total,
        conditions=_conditions(content, found, total, now),
        holdable=True,
        pay_by=found.hold_until,
        price_guaranteed_until=found.hold_until,
        expires_at=now + _LIFE,
        required=_REQUIRED,
        deposit=_deposit(found, people, total, now),
    )


def checked(
    who: Profile, content: Content, found: DepartureAvailability, wanted: Sequence[Room], now: datetime
) -> CarrierOffer:
    """The offer, if it can be reserved; raises as `check_bookable` does, with what was wanted if that has a price."""
    try:
        check_bookable(content, found, wanted)
    except Refusal as refusal:
        raise replace(refusal, wanted=_if_priced(who, content, found, wanted, now)) from None
    return offer(who, content, found, wanted, now)


def _if_priced(
    who: Profile, content: Content, found: DepartureAvailability, wanted: Sequence[Room], now: datetime
) -> CarrierOffer | None:
    try:
        return offer(who, content, found, wanted, now)
    except Refusal:
        return None


def check_bookable(content: Content, found: DepartureAvailability, wanted: Sequence[Room]) -> None:
    """SoldOut, OnRequestOnly or NotBookable where these rooms cannot be reserved."""
    status, people = found.status, len(rooms.sleepers(wanted))
    short = found.places_left is not None and found.places_left < people
    # Where it is closed, nobody is to tell by the error whether that is for want of places.
    if short and status is DepartureStatus.AVAILABLE:
        raise SoldOut(message="The departure has not enough places left.")
    company = content.companies.get(found.region)
    on_request_only = status is DepartureStatus.ON_REQUEST and not found.takes_requests
    if on_request_only and company:
        raise OnRequestOnly(message=f"Ask {company.name} for this departure.", company=company)
    if on_request_only or status not in {DepartureStatus.AVAILABLE, DepartureStatus.ON_REQUEST}:
        raise NotBookable(message="The departure cannot be booked; `status` says why.", status=status)


def _ref(found: DepartureAvailability, wanted: Sequence[Room]) -> OfferRef:
    key = found.departure.key
    return OfferRef(
        region=found.region,
        tour=key.tour,
        option=key.option,
        starts_on=key.starts_on,
        availability=found.ref or "",
        rooms=tuple(wanted),
        units={rate.type: rate.unit for rate in found.rates},
    )


def _stay(who: Profile, content: Content, found: DepartureAvailability, wanted: Sequence[Room]) -> TourStay:
    departure = found.departure
    product = _product(content, departure.key)
    tour, option = product.tour, next(one for one in product.tour.options if one.ref == departure.key.option)
    return TourStay(
        key=departure.key,
        region=found.region,
        operator_name=who.name,
        tour_name=tour.name,
        option_name=option.name,
        ends_on=departure.ends_on,
        zone=departure.zone,
        season_name=next((season.name for season in option.seasons if season.ref == departure.season), None),
        language=departure.language,
        rooms=tuple(wanted),
        terms=found.terms,
    )


def _conditions(content: Content, found: DepartureAvailability, total: Money, now: datetime) -> FareConditions:
    """What cancelling and changing would cost now; plain OCTO can be changed as long as it can be cancelled."""
    terms = found.terms
    cutoff_at = None if content.rich else terms.exchange_until
    cost = cancelling(total, terms, found.departure.key.starts_on, found.departure.zone, cutoff_at, now)
    until = terms.exchange_until
    return FareConditions(
        refund=None if cost is None else Condition(allowed=cost.fee < total, fee=cost.fee),
        change=None if until is None else Condition(allowed=now < until, fee=terms.exchange_fee),
    )


def _product(content: Content, key: DepartureKey) -> Product:
    """What the departure is one of; OfferExpired where that was taken off sale since it was looked at."""
    product = content.products.get(key.tour)
    if product is None or key.option not in product.options:
        raise OfferExpired(message="The operator no longer sells this departure.")
    return product


def _deposit(found: DepartureAvailability, people: Sequence[Sleeper], total: Money, now: datetime) -> Money | None:
    """What confirms it until the balance is due; None from then on, or where it takes the total anyway."""
    terms = found.terms
    if terms.deposit is None or terms.balance_due_at is None or now >= terms.balance_due_at:
        return None
    deposit = terms.deposit.times(len(people))
    return deposit if deposit < total else None

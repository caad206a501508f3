"""OCTO's bookings in our words. Whatever lacks a fact we need is `Incomplete`, which never repeats what was in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.money import Money
from app.domain.tours import REGION_CURRENCY, DepartureKey, DepartureTerms, SellingRegion, TourStay
from app.wire.facts import Json, instant, instant_or_none, text, text_or_none
from carriers.contract import CarrierOrder, CarrierTicket, ListedOrder, OrderState, Profile
from carriers.octo import say
from carriers.octo.calls import DEPARTURES
from carriers.octo.content import Product
from carriers.octo.errors import Answer
from carriers.octo.facts import day, money, objects, whole
from carriers.octo.hear_availability import last_day, plain_departure
from carriers.octo.rooms import rooms_of
from carriers.octo.statuses import ORDERS
from carriers.octo.terms import Cost, cancelling, plain_terms, told_terms

# What a desk can read out or scan comes before what has to be opened.
_CODES = ("QRCODE", "CODE128", "AZTECCODE")


@dataclass(frozen=True, kw_only=True, slots=True)
class Booking:
    """A booking as the operator answered it; `data` is its JSON."""

    data: Json
    order: CarrierOrder
    stay: TourStay
    cutoff_at: datetime

    @property
    def availability(self) -> str:
        """The id of the availability it is for."""
        return str(self.data["availabilityId"])

    @property
    def units(self) -> tuple[str, ...]:
        """The references of its people."""
        return tuple(_passenger(item) for item in self.data["unitItems"])

    @property
    def confirmed(self) -> bool:
        """Whether it ever was confirmed."""
        return self.data.get("utcConfirmedAt") is not None

    def cancelling(self, at: datetime) -> Cost:
        """What cancelling it costs at an instant."""
        cost = cancelling(
            self.order.total, self.stay.terms, self.stay.key.starts_on, self.stay.zone, self.cutoff_at, at
        )
        return cost or Cost(fee=self.order.total, until=None)


def listed(answer: Answer) -> Sequence[Answer]:
    """The bookings of a list, each as if it had been asked for alone."""
    with whole("list of bookings"):
        return [Answer(data, answer.granted) for data in objects(answer.data)]


def sold(answer: Answer) -> tuple[SellingRegion, str]:
    """Where a booking was sold, and the product it is for.

    Plain OCTO knows no regions: the rest of the world, or the first one with the booking's currency.
    """
    with whole("booking"):
        tour = text(answer.data["productId"])
        if DEPARTURES in answer.granted and answer.data.get("region") is not None:
            return SellingRegion(answer.data["region"]), tour
        currency = answer.data["pricing"]["currency"]
        fits = [region for region in SellingRegion if REGION_CURRENCY[region] == currency]
        return (SellingRegion.ZZ if SellingRegion.ZZ in fits or not fits else fits[0]), tour


def booking(who: Profile, answer: Answer, product: Product) -> Booking:
    """The booking that an answer is about, for what `sold` says."""
    data, rich = answer.data, DEPARTURES in answer.granted
    with whole("booking"):
        total = money(data["pricing"])
        starts_at = instant(data["availability"]["localDateTimeStart"])
        cutoff = product.options[data["optionId"]].cutoff
        stay = _stay(who, data, product, _terms(data, product, starts_at, cutoff, rich=rich), rich=rich)
        order = _order(data, stay, total)
        return Booking(data=data, order=order, stay=stay, cutoff_at=starts_at - cutoff)


def on_list(found: Booking) -> ListedOrder:
    """The booking as the account's list has it."""
    with whole("booking"):
        return ListedOrder(order=found.order, key=_key(found.data), created_at=instant(found.data["utcCreatedAt"]))


def _key(data: Json) -> str | None:
    """The key of our call that made it, where we made it."""
    key = text_or_none(data.get("resellerReference"))
    return key if key and say.booking_uuid(key) == data["uuid"] else None


def _order(data: Json, stay: TourStay, total: Money) -> CarrierOrder:
    state = ORDERS[data["status"]]
    held_until = instant_or_none(data.get("utcExpiresAt")) if state is OrderState.HELD else None
    return CarrierOrder(
        ref=text(data["uuid"]),
        reference=text_or_none(data.get("supplierReference")) or text(data["id"]),
        state=state,
        total=total,
        stay=stay,
        answer_by=instant_or_none(data.get("utcAnswerBy")) if state is OrderState.REQUESTED else None,
        changed_at=instant_or_none(data.get("utcUpdatedAt")),
        pay_by=held_until,
        price_guaranteed_until=held_until,
        tickets=tuple(_tickets(data)) if state is OrderState.CONFIRMED else (),
    )


def _terms(data: Json, product: Product, starts_at: datetime, cutoff: timedelta, *, rich: bool) -> DepartureTerms:
    if not rich:
        return plain_terms(starts_at, cutoff, data["pricing"]["currency"])
    return told_terms(data.get("departureTerms"), starts_at.date(), product.tour.zone)


def _stay(who: Profile, data: Json, product: Product, terms: DepartureTerms, *, rich: bool) -> TourStay:
    tour, availability = product.tour, data["availability"]
    starts_on = day(availability["localDateTimeStart"])
    key = DepartureKey(operator=who.code, tour=tour.ref, option=text(data["optionId"]), starts_on=starts_on)
    option = next(option for option in tour.options if option.ref == key.option)
    season = availability.get("seasonId")
    return TourStay(
        key=key,
        region=tour.region,
        operator_name=who.name,
        tour_name=tour.name,
        option_name=option.name,
        ends_on=last_day(availability, product, key) if rich else plain_departure(product, key).ends_on,
        zone=tour.zone,
        season_name=next((one.name for one in option.seasons if one.ref == season), None),
        language=text_or_none(availability.get("guideLanguage")),
        rooms=rooms_of(_passenger(item) for item in data["unitItems"]),
        terms=terms,
    )


def _passenger(item: Json) -> str:
    """Our reference of a person, or the operator's where somebody else booked."""
    return text_or_none(item.get("resellerReference")) or text(item["uuid"])


def _tickets(data: Json) -> Iterator[CarrierTicket]:
    """A ticket for each person: their own, or the voucher that is for everybody."""
    voucher = _code(data.get("voucher"))
    for item in data["unitItems"]:
        number = _code(item.get("ticket")) or voucher
        if number is not None:
            yield CarrierTicket(number=number, passenger=_passenger(item))


def _code(ticket: Json | None) -> str | None:
    options = (ticket or {}).get("deliveryOptions") or ()
    ranked = sorted(options, key=lambda option: option["deliveryFormat"] not in _CODES)
    return next((text(option["deliveryValue"]) for option in ranked), None)

"""Duffel's words in ours. Whatever lacks a fact we need is `Incomplete`; the text never repeats what was in it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from app.domain.itinerary import (
    Airline,
    Baggage,
    BaggageKind,
    CabinClass,
    CarrierOffer,
    Condition,
    FareConditions,
    Journey,
    OfferPassenger,
    PassengerField,
    PassengerType,
    Segment,
    SegmentFare,
)
from app.domain.money import Money
from app.domain.search import CarrierOffers, DropReason
from app.domain.travellers import DocumentKind
from carriers.contract import Cancelled, CarrierOrder, CarrierTicket, OrderState
from carriers.duffel.say import KEY

Json = Mapping[str, Any]
T = TypeVar("T")

_ALWAYS_REQUIRED = (
    PassengerField.TITLE,
    PassengerField.GIVEN_NAME,
    PassengerField.FAMILY_NAME,
    PassengerField.BORN_ON,
    PassengerField.GENDER,
    PassengerField.EMAIL,
    PassengerField.PHONE,
)
_TYPES = {"child": PassengerType.CHILD, "infant_without_seat": PassengerType.INFANT}
# IATA's limits, used where an airline tells the age only.
_CHILD_UNTIL = 12
_BAGS = {"carry_on": BaggageKind.CARRY_ON, "checked": BaggageKind.CHECKED}
_TICKET = "electronic_ticket"
_MONEY_REFUNDS = frozenset({"balance", "card", "arc_bsp_cash", "original_form_of_payment", "awaiting_payment"})


class Incomplete(Exception):  # noqa: N818 - it says what the answer is
    """An answer without the facts we need, or with facts that contradict each other."""


@contextmanager
def _whole(what: str) -> Iterator[None]:
    """Whatever cannot be read inside makes the whole thing Incomplete."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        raise Incomplete(f"Duffel sent an unusable {what} ({type(error).__name__}).") from None


def content(answer: Any) -> Json:  # noqa: ANN401 - JSON
    """What an answer is about."""
    with _whole("answer"):
        found = answer["data"]
        if not isinstance(found, dict):
            raise TypeError("no object")
        return found


def offers(carrier: str, answer: Any) -> CarrierOffers:  # noqa: ANN401 - JSON
    """Every complete offer of a search; the others are counted."""
    with _whole("search"):
        listed: Sequence[Json] = list(answer["data"]["offers"])
    found = tuple(_complete(carrier, listed))
    missing = len(listed) - len(found)
    return CarrierOffers(offers=found, dropped={DropReason.INCOMPLETE: missing} if missing else {})


def _complete(carrier: str, listed: Iterable[Json]) -> Iterator[CarrierOffer]:
    for data in listed:
        try:
            yield offer(carrier, data)
        except Incomplete:
            continue


def offer(carrier: str, data: Json) -> CarrierOffer:
    """An offer; Incomplete when a fact that we promise is missing."""
    with _whole("offer"):
        base, total = _money(data, "base"), _money(data, "total")
        requirements = data["payment_requirements"] or {}
        holdable = requirements.get("requires_instant_payment") is False
        return CarrierOffer(
            carrier=carrier,
            ref=_text(data["id"]),
            owner=_airline(data["owner"]),
            journeys=_journeys(data["slices"]),
            passengers=_some(_offer_passenger(passenger) for passenger in data["passengers"]),
            base=base,
            # What is charged is the total: taxes an airline does not itemise are the difference.
            tax=_at_least_zero(total - base),
            total=total,
            conditions=_conditions(data["conditions"]),
            holdable=holdable,
            pay_by=_instant_or_none(requirements.get("payment_required_by")) if holdable else None,
            price_guaranteed_until=(
                _instant_or_none(requirements.get("price_guarantee_expires_at")) if holdable else None
            ),
            expires_at=_instant(data["expires_at"]),
            required=_required(data),
            document_kinds=_document_kinds(data),
            emissions_kg=_decimal_or_none(data.get("total_emissions_kg")),
        )


def order(data: Any) -> CarrierOrder:  # noqa: ANN401 - JSON
    """An order as it is now."""
    with _whole("order"):
        status = data["payment_status"]
        state = _state(data, status)
        held = state is OrderState.HELD
        return CarrierOrder(
            ref=_text(data["id"]),
            reference=_text(data["booking_reference"]),
            state=state,
            total=_money(data, "total"),
            journeys=_journeys(data["slices"]),
            pay_by=_instant_or_none(status.get("payment_required_by")) if held else None,
            price_guaranteed_until=_instant_or_none(status.get("price_guarantee_expires_at")) if held else None,
            tickets=tuple(_tickets(data.get("documents") or ())),
        )


def key_of(data: Json) -> str | None:
    """Our own reference on an order, where it is one of ours."""
    key = (data.get("metadata") or {}).get(KEY)
    return key if isinstance(key, str) else None


def page(answer: Any) -> tuple[Sequence[Json], str | None]:  # noqa: ANN401 - JSON
    """The entries of one page and the cursor of the next."""
    with _whole("list"):
        return list(answer["data"]), (answer.get("meta") or {}).get("after")


def created_at(data: Json) -> datetime:
    """When an order was made, by Duffel's clock."""
    with _whole("order"):
        return _instant(data["created_at"])


def payment_failure(answer: Any) -> str | None:  # noqa: ANN401 - JSON
    """Why the payment failed, in Duffel's word; None when it did not."""
    payment = answer.get("data") or {}
    return str(payment.get("failure_reason") or "payment_failed") if payment.get("status") == "failed" else None


def is_pending(answer: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether the payment's outcome is still open."""
    return (answer.get("data") or {}).get("status") == "pending"


def quote(answer: Any) -> str:  # noqa: ANN401 - JSON
    """The id of a cancellation that waits to be confirmed."""
    with _whole("cancellation"):
        return _text(answer["data"]["id"])


def cancelled(data: Any) -> Cancelled:  # noqa: ANN401 - JSON
    """A confirmed cancellation. Vouchers and airline credits are no money, so their refund is unknown here."""
    with _whole("cancellation"):
        told = data["refund_amount"] is not None and data.get("refund_to") in _MONEY_REFUNDS
        return Cancelled(ref=_text(data["order_id"]), refund=_money(data, "refund") if told else None)


def _state(data: Json, status: Json) -> OrderState:
    """Duffel has no status. Unpaid space that was released says `awaiting_payment: false` like a paid order."""
    if data.get("cancelled_at") is not None:
        return OrderState.CANCELLED
    if status["awaiting_payment"]:
        return OrderState.HELD
    lapsed = "paid_at" in status and status["paid_at"] is None and not data.get("documents")
    return OrderState.CANCELLED if lapsed else OrderState.CONFIRMED


def _tickets(documents: Iterable[Json]) -> Iterator[CarrierTicket]:
    for document in documents:
        if document.get("type") == _TICKET:
            for passenger in document["passenger_ids"]:
                yield CarrierTicket(number=_text(document["unique_identifier"]), passenger=_text(passenger))


def _journeys(slices: Iterable[Json]) -> tuple[Journey, ...]:
    return _some(
        Journey(
            ref=_text(piece["id"]),
            origin=_text(piece["origin"]["iata_code"]),
            destination=_text(piece["destination"]["iata_code"]),
            segments=_some(_segment(segment) for segment in piece["segments"]),
            fare_brand=piece.get("fare_brand_name"),
        )
        for piece in slices
    )


def _segment(data: Json) -> Segment:
    departs_at = _local(data["departing_at"], data["origin"]["time_zone"])
    arrives_at = _local(data["arriving_at"], data["destination"]["time_zone"])
    if arrives_at <= departs_at:
        raise ValueError("arrives before it departs")
    marketing = _airline(data["marketing_carrier"])
    operating = data.get("operating_carrier")
    return Segment(
        ref=_text(data["id"]),
        origin=_text(data["origin"]["iata_code"]),
        destination=_text(data["destination"]["iata_code"]),
        origin_terminal=data.get("origin_terminal"),
        destination_terminal=data.get("destination_terminal"),
        departs_at=departs_at,
        arrives_at=arrives_at,
        marketing=marketing,
        operating=_airline(operating) if operating and operating.get("iata_code") else marketing,
        flight_number=_text(data["marketing_carrier_flight_number"]),
        aircraft=(data.get("aircraft") or {}).get("name"),
        fares=tuple(_fare(passenger) for passenger in data["passengers"]),
    )


def _fare(data: Json) -> SegmentFare:
    return SegmentFare(
        passenger=_text(data["passenger_id"]),
        cabin=CabinClass(data["cabin_class"].upper()),
        cabin_name=data.get("cabin_class_marketing_name"),
        fare_basis=data.get("fare_basis_code"),
        baggage=tuple(
            Baggage(kind=_BAGS[bag["type"]], quantity=int(bag["quantity"]))
            for bag in data.get("baggages") or ()
            if bag["type"] in _BAGS and bag["quantity"]
        ),
    )


def _offer_passenger(data: Json) -> OfferPassenger:
    age = data.get("age")
    return OfferPassenger(ref=_text(data["id"]), type=_passenger_type(data.get("type"), age), age=age)


def _passenger_type(kind: str | None, age: int | None) -> PassengerType:
    """Some airlines have types of their own, such as youths; those count by their age."""
    if kind in _TYPES:
        return _TYPES[kind]
    if kind is None and age is None:
        raise ValueError("a passenger without type and age")
    return PassengerType.CHILD if age is not None and age < _CHILD_UNTIL else PassengerType.ADULT


def _conditions(data: Json | None) -> FareConditions:
    rules = data or {}
    return FareConditions(
        refund=_condition(rules.get("refund_before_departure")),
        change=_condition(rules.get("change_before_departure")),
    )


def _condition(data: Json | None) -> Condition | None:
    if data is None:
        return None
    fee = data.get("penalty_amount")
    return Condition(
        allowed=bool(data["allowed"]), fee=None if fee is None else Money.of(fee, data["penalty_currency"])
    )


def _required(data: Json) -> tuple[PassengerField, ...]:
    if data.get("passenger_identity_documents_required"):
        return (*_ALWAYS_REQUIRED, PassengerField.DOCUMENT)
    return _ALWAYS_REQUIRED


def _document_kinds(data: Json) -> tuple[str, ...]:
    names = (name.upper() for name in data.get("supported_passenger_identity_document_types") or ())
    return tuple(name for name in names if name in DocumentKind.__members__)


def _airline(data: Json) -> Airline:
    return Airline(code=_text(data["iata_code"]), name=_text(data["name"]))


def _money(data: Json, what: str) -> Money:
    return Money.of(data[f"{what}_amount"], data[f"{what}_currency"])


def _at_least_zero(amount: Money) -> Money:
    if amount.minor < 0:
        raise ValueError("a negative amount")
    return amount


def _local(text: str, zone: str) -> datetime:
    """A local time with the offset its place has then.

    A fixed offset, because Python subtracts two times of one zone by their wall clocks, wrongly across a change.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    offset = moment.utcoffset()
    return moment.replace(tzinfo=None if offset is None else timezone(offset))


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("an instant without its offset")
    return moment


def _instant_or_none(text: str | None) -> datetime | None:
    return None if text is None else _instant(text)


def _decimal_or_none(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("a text is missing")
    return value


def _some(values: Iterable[T]) -> tuple[T, ...]:
    """The values, of which there must be one."""
    found = tuple(values)
    if not found:
        raise ValueError("an empty list")
    return found

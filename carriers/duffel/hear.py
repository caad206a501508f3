"""Duffel's words in ours. Whatever lacks a fact we need is `Incomplete`; the text never repeats what was in it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from app.domain.aftersales import RefundForm
from app.domain.itinerary import (
    CarrierOffer,
    Condition,
    FareConditions,
    OfferPassenger,
    PassengerField,
    PassengerType,
)
from app.domain.money import Money, total
from app.domain.search import CarrierOffers, DropReason
from app.domain.travellers import DocumentKind
from app.wire.facts import Incomplete, Json, instant, instant_or_none, text
from carriers.contract import Cancelled, CarrierOrder, CarrierTicket, OrderState
from carriers.duffel.ancillaries import booked
from carriers.duffel.facts import at_least_zero, decimal_or_none, money, some, whole
from carriers.duffel.journeys import airline, journeys
from carriers.duffel.say import KEY

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
_TICKET = "electronic_ticket"
REFUND_FORMS = {
    "balance": RefundForm.MONEY,
    "card": RefundForm.MONEY,
    "arc_bsp_cash": RefundForm.MONEY,
    "original_form_of_payment": RefundForm.MONEY,
    "awaiting_payment": RefundForm.MONEY,
    "voucher": RefundForm.VOUCHER,
    "airline_credits": RefundForm.AIRLINE_CREDIT,
}


def content(answer: Any) -> Json:  # noqa: ANN401 - JSON
    """What an answer is about."""
    with whole("answer"):
        found = answer["data"]
        if not isinstance(found, dict):
            raise TypeError("no object")
        return found


def offers(carrier: str, answer: Any) -> CarrierOffers:  # noqa: ANN401 - JSON
    """Every complete offer of a search; the others are counted."""
    with whole("search"):
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
    with whole("offer"):
        base, total = money(data, "base"), money(data, "total")
        requirements = data["payment_requirements"] or {}
        holdable = requirements.get("requires_instant_payment") is False
        return CarrierOffer(
            carrier=carrier,
            ref=text(data["id"]),
            owner=airline(data["owner"]),
            journeys=journeys(data["slices"]),
            passengers=some(_offer_passenger(passenger) for passenger in data["passengers"]),
            base=at_least_zero(base),
            # What is charged is the total: taxes an airline does not itemise are the difference.
            tax=at_least_zero(total - base),
            total=total,
            conditions=conditions(data["conditions"]),
            holdable=holdable,
            pay_by=instant_or_none(requirements.get("payment_required_by")) if holdable else None,
            price_guaranteed_until=(
                instant_or_none(requirements.get("price_guarantee_expires_at")) if holdable else None
            ),
            expires_at=instant(data["expires_at"]),
            required=_required(data),
            document_kinds=_document_kinds(data),
            emissions_kg=decimal_or_none(data.get("total_emissions_kg")),
        )


def order(data: Any) -> CarrierOrder:  # noqa: ANN401 - JSON
    """An order as it is now."""
    with whole("order"):
        status = data["payment_status"]
        state = _state(data, status)
        held = state is OrderState.HELD
        return CarrierOrder(
            ref=text(data["id"]),
            reference=text(data["booking_reference"]),
            state=state,
            total=money(data, "total"),
            journeys=journeys(data["slices"]),
            pay_by=instant_or_none(status.get("payment_required_by")) if held else None,
            price_guaranteed_until=instant_or_none(status.get("price_guarantee_expires_at")) if held else None,
            tickets=tuple(_tickets(data.get("documents") or ())),
            services=booked(data),
        )


def key_of(data: Json) -> str | None:
    """Our own reference on an order, where it is one of ours."""
    key = (data.get("metadata") or {}).get(KEY)
    return key if isinstance(key, str) else None


def page(answer: Any) -> tuple[Sequence[Json], str | None]:  # noqa: ANN401 - JSON
    """The entries of one page and the cursor of the next."""
    with whole("list"):
        return list(answer["data"]), (answer.get("meta") or {}).get("after")


def created_at(data: Json) -> datetime:
    """When an order was made, by Duffel's clock."""
    with whole("order"):
        return instant(data["created_at"])


def payment_failure(answer: Any) -> str | None:  # noqa: ANN401 - JSON
    """Why the payment failed, in Duffel's word; None when it did not."""
    payment = answer.get("data") or {}
    return str(payment.get("failure_reason") or "payment_failed") if payment.get("status") == "failed" else None


def is_pending(answer: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether the payment's outcome is still open."""
    return (answer.get("data") or {}).get("status") == "pending"


def ref(data: Json) -> str:
    """Duffel's id of a thing."""
    with whole("answer"):
        return text(data["id"])


def cancelled(data: Json) -> Cancelled:
    """A confirmed cancellation, and what it gives back."""
    with whole("cancellation"):
        refund, form = given_back(data)
        return Cancelled(ref=text(data["order_id"]), refund=refund, form=form)


def given_back(data: Json) -> tuple[Money | None, RefundForm]:
    """What a cancellation gives back, and as what; no amount where Duffel tells none, or not where it goes.

    The refund is what goes to the way of payment; credits are listed apart, so they count where it is nothing.
    """
    with whole("cancellation"):
        form = REFUND_FORMS.get(data.get("refund_to") or "")
        told = None if data["refund_amount"] is None else at_least_zero(money(data, "refund"))
        if form is RefundForm.AIRLINE_CREDIT and not told:
            told = _credits(data.get("airline_credits") or ()) or told
        return (None, RefundForm.MONEY) if form is None else (told, form)


def _credits(listed: Sequence[Json]) -> Money | None:
    amounts = [money(credit, "credit") for credit in listed if credit["credit_amount"] is not None]
    return total(amounts, amounts[0].currency) if amounts and len(amounts) == len(listed) else None


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
                yield CarrierTicket(number=text(document["unique_identifier"]), passenger=text(passenger))


def _offer_passenger(data: Json) -> OfferPassenger:
    age = None if data.get("age") is None else int(data["age"])
    return OfferPassenger(ref=text(data["id"]), type=_passenger_type(data.get("type"), age), age=age)


def _passenger_type(kind: str | None, age: int | None) -> PassengerType:
    """Some airlines have types of their own, such as youths; those count by their age."""
    if kind in _TYPES:
        return _TYPES[kind]
    if kind is None and age is None:
        raise ValueError("a passenger without type and age")
    return PassengerType.CHILD if age is not None and age < _CHILD_UNTIL else PassengerType.ADULT


def conditions(data: Json | None) -> FareConditions:
    """What the fare allows before departure."""
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

"""OCTO's bookings in our words. Whatever lacks a fact we need is `Incomplete`, which never repeats what was in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.money import Money
from app.domain.tours import TourStay
from app.wire.facts import Json, instant, instant_or_none, text, text_or_none
from carriers.contract import CarrierOrder, CarrierTicket, ListedOrder, OrderState
from carriers.octo import say
from carriers.octo.calls import DEPARTURES
from carriers.octo.errors import Answer
from carriers.octo.facts import money, objects, whole
from carriers.octo.hear_change import Change, told_change
from carriers.octo.hear_stay import BookedStay, passenger
from carriers.octo.reasons import is_ours
from carriers.octo.statuses import ORDERS
from carriers.octo.terms import Cost, cancelling

# What a desk can read out or scan comes before what has to be opened.
_CODES = ("QRCODE", "CODE128", "AZTECCODE")


@dataclass(frozen=True, kw_only=True, slots=True)
class Booking:
    """A booking as the operator answered it. What it is for is None where neither operator nor we can tell any more."""

    answer: Answer
    order: CarrierOrder
    booked: BookedStay | None

    @property
    def data(self) -> Json:
        """Its JSON."""
        return self.answer.data  # type: ignore[no-any-return]

    @property
    def stay(self) -> TourStay | None:
        """What it is for."""
        return self.order.stay

    @property
    def change(self) -> Change | None:
        """What an operator with our capability tells that it changed itself."""
        return told_change(self.data) if DEPARTURES in self.answer.granted else None

    @property
    def availability(self) -> str:
        """The id of the availability it is for."""
        return str(self.data["availabilityId"])

    @property
    def units(self) -> tuple[str, ...]:
        """The references of its people."""
        return tuple(passenger(item) for item in self.data["unitItems"])

    @property
    def confirmed(self) -> bool:
        """Whether it ever was confirmed."""
        return self.data.get("utcConfirmedAt") is not None

    @property
    def cancellable(self) -> bool:
        """Whether the operator would still cancel it, unless it says that it would not."""
        return self.data.get("cancellable") is not False

    @property
    def is_free(self) -> bool:
        """Whether it can be cancelled or exchanged without a fee, since the operator changed it and nobody accepted."""
        return self.change is not None and not self.change.accepted

    @property
    def is_grounded(self) -> bool:
        """Whether its departure takes place no more."""
        return self.change is not None and self.change.cancelled

    @property
    def reason(self) -> str | None:
        """Why it was cancelled, where that is kept."""
        return text_or_none((self.data.get("cancellation") or {}).get("reason"))

    @property
    def ended(self) -> bool:
        """Whether it was sold, and is cancelled, and not for a reason of ours."""
        return self.confirmed and self.order.state is OrderState.CANCELLED and not is_ours(self.reason)

    @property
    def given_up(self) -> bool:
        """Whether the operator itself says why it cancelled what was sold."""
        return self.ended and self.reason is not None

    def cancelling(self, at: datetime) -> Cost | None:
        """What cancelling it costs at an instant; None where nobody can tell what it is for."""
        if self.is_free:
            return Cost(fee=Money.zero(self.order.total.currency), until=None)
        if self.booked is None:
            return None
        stay, total = self.booked.stay, self.order.total
        cost = cancelling(total, stay.terms, stay.key.starts_on, stay.zone, self.booked.cutoff_at, at)
        return cost or Cost(fee=total, until=None)


def listed(answer: Answer) -> Sequence[Answer]:
    """The bookings of a list, each as if it had been asked for alone."""
    with whole("list of bookings"):
        return [Answer(data, answer.granted) for data in objects(answer.data)]


def booking(answer: Answer, booked: BookedStay | None) -> Booking:
    """The booking that an answer is about, for this stay."""
    with whole("booking"):
        return Booking(answer=answer, order=_order(answer.data, booked.stay if booked else None), booked=booked)


def on_list(found: Booking) -> ListedOrder:
    """The booking as the account's list has it."""
    with whole("booking"):
        return ListedOrder(order=found.order, key=_key(found.data), created_at=instant(found.data["utcCreatedAt"]))


def _key(data: Json) -> str | None:
    """The key of our call that made it, where we made it."""
    key = text_or_none(data.get("resellerReference"))
    return key if key and say.booking_uuid(key) == data["uuid"] else None


def _order(data: Json, stay: TourStay | None) -> CarrierOrder:
    state = ORDERS[data["status"]]
    held_until = instant_or_none(data.get("utcExpiresAt")) if state is OrderState.HELD else None
    return CarrierOrder(
        ref=text(data["uuid"]),
        reference=text_or_none(data.get("supplierReference")) or text(data["id"]),
        state=state,
        total=money(data["pricing"]),
        stay=stay,
        answer_by=instant_or_none(data.get("utcAnswerBy")) if state is OrderState.REQUESTED else None,
        changed_at=instant_or_none(data.get("utcUpdatedAt")),
        pay_by=held_until,
        price_guaranteed_until=held_until,
        tickets=tuple(_tickets(data)) if state is OrderState.CONFIRMED else (),
    )


def _tickets(data: Json) -> Iterator[CarrierTicket]:
    """A ticket for each person: their own, or the voucher that is for everybody."""
    voucher = _code(data.get("voucher"))
    for item in data["unitItems"]:
        number = _code(item.get("ticket")) or voucher
        if number is not None:
            yield CarrierTicket(number=number, passenger=passenger(item))


def _code(ticket: Json | None) -> str | None:
    options = (ticket or {}).get("deliveryOptions") or ()
    ranked = sorted(options, key=lambda option: option["deliveryFormat"] not in _CODES)
    return next((text(option["deliveryValue"]) for option in ranked), None)

"""Every Refusal: what the world can say no to, with the facts that help to go on."""

from dataclasses import dataclass
from datetime import date, datetime

from app.domain.aftersales import Rule
from app.domain.error_codes import Advice, ErrorCode
from app.domain.errors import Refusal
from app.domain.money import Money
from app.domain.payment import DeclineReason
from app.domain.tours import DepartureStatus, SellingCompany


@dataclass(kw_only=True)
class InvalidInput(Refusal):
    """The input cannot be meant as written."""

    code = ErrorCode.INVALID_INPUT
    advice = Advice.CORRECT_INPUT


@dataclass(kw_only=True)
class UnknownPlace(Refusal):
    """No city or airport has this code; `suggestions` are codes close to it."""

    code = ErrorCode.UNKNOWN_PLACE
    advice = Advice.CORRECT_INPUT

    suggestions: tuple[str, ...] = ()


@dataclass(kw_only=True)
class NotFound(Refusal):
    """Nothing with this id exists for this partner; another partner's things do not exist for it."""

    code = ErrorCode.NOT_FOUND
    advice = Advice.CORRECT_INPUT


@dataclass(kw_only=True)
class KeyReused(Refusal):
    """The idempotency key was already used with another input."""

    code = ErrorCode.KEY_REUSED
    advice = Advice.CORRECT_INPUT


@dataclass(kw_only=True)
class BookingBusy(Refusal):
    """Another operation is changing this booking; wait for `operation_id` to end."""

    code = ErrorCode.BOOKING_BUSY
    advice = Advice.WAIT

    operation_id: str


@dataclass(kw_only=True)
class WrongState(Refusal):
    """The booking's state does not allow this; `state` is what it is now."""

    code = ErrorCode.WRONG_STATE
    advice = Advice.GIVE_UP

    state: str


@dataclass(kw_only=True)
class OfferInvalid(Refusal):
    """The offer token is unreadable, altered, or was issued to another partner."""

    code = ErrorCode.OFFER_INVALID
    advice = Advice.SEARCH_AGAIN


@dataclass(kw_only=True)
class OfferExpired(Refusal):
    """The offer can no longer be reserved."""

    code = ErrorCode.OFFER_EXPIRED
    advice = Advice.SEARCH_AGAIN


@dataclass(kw_only=True)
class PriceChanged(Refusal):
    """The carrier's price moved; `offer` is a fresh token at the new total, where there is one."""

    code = ErrorCode.PRICE_CHANGED
    advice = Advice.CHOOSE_ANOTHER

    old_total: Money
    new_total: Money
    offer: str | None = None


@dataclass(kw_only=True)
class SoldOut(Refusal):
    """The last place went to somebody else."""

    code = ErrorCode.SOLD_OUT
    advice = Advice.CHOOSE_ANOTHER


@dataclass(kw_only=True)
class CarrierRefused(Refusal):
    """The carrier declined for a documented reason; `reason` is its own code."""

    code = ErrorCode.CARRIER_REFUSED
    advice = Advice.CHOOSE_ANOTHER

    carrier: str
    reason: str


@dataclass(kw_only=True)
class CarrierUnavailable(Refusal):
    """The carrier could not be reached for so long that we stopped asking; nothing happened there."""

    code = ErrorCode.CARRIER_UNAVAILABLE
    advice = Advice.WAIT

    carrier: str


@dataclass(kw_only=True)
class Unsupported(Refusal):
    """This carrier cannot do this at all."""

    code = ErrorCode.UNSUPPORTED
    advice = Advice.GIVE_UP

    carrier: str


@dataclass(kw_only=True)
class PaymentTooLate(Refusal):
    """The time to pay has passed, at `pay_by`."""

    code = ErrorCode.PAYMENT_TOO_LATE
    advice = Advice.SEARCH_AGAIN

    pay_by: datetime


@dataclass(kw_only=True)
class BalanceDue(Refusal):
    """A deposit is too little since `due_at`, when the rest was due too; all of `required` is to be paid."""

    code = ErrorCode.BALANCE_DUE
    advice = Advice.CORRECT_INPUT

    required: Money
    due_at: datetime


@dataclass(kw_only=True)
class CreditExceeded(Refusal):
    """The account's limit does not cover it; `available` is what it still covers."""

    code = ErrorCode.CREDIT_EXCEEDED
    advice = Advice.GIVE_UP

    required: Money
    available: Money


@dataclass(kw_only=True)
class NotCorrectable(Refusal):
    """The carrier does not allow these passenger fields to change any more."""

    code = ErrorCode.NOT_CORRECTABLE
    advice = Advice.GIVE_UP

    fields: tuple[str, ...]


@dataclass(kw_only=True)
class PaymentDeclined(Refusal):
    """The card was declined, for `reason`; another card may do."""

    code = ErrorCode.PAYMENT_DECLINED
    advice = Advice.CHOOSE_ANOTHER

    reason: DeclineReason


@dataclass(kw_only=True)
class PaymentUnavailable(Refusal):
    """Cards cannot be taken now: no provider is set up, or it could not be reached; nothing happened there."""

    code = ErrorCode.PAYMENT_UNAVAILABLE
    advice = Advice.WAIT


@dataclass(kw_only=True)
class CaptureRefused(Refusal):
    """The provider would not take what was authorised; `reason` is its own code."""

    code = ErrorCode.CAPTURE_REFUSED
    advice = Advice.GIVE_UP

    reason: str


@dataclass(kw_only=True)
class RefundRefused(Refusal):
    """The provider would not give the money back by itself; a person must; `reason` is its own code."""

    code = ErrorCode.REFUND_REFUSED
    advice = Advice.WAIT

    reason: str


@dataclass(kw_only=True)
class AccountOverdue(Refusal):
    """The account has a statement that was due on `due_on` and is not paid; `outstanding` is what is missing."""

    code = ErrorCode.ACCOUNT_OVERDUE
    advice = Advice.GIVE_UP

    statement_id: str
    due_on: date
    outstanding: Money


@dataclass(kw_only=True)
class ExceedsOutstanding(Refusal):
    """The amount is more than is missing of the statement and not disputed; `outstanding` is what is."""

    code = ErrorCode.EXCEEDS_OUTSTANDING
    advice = Advice.CORRECT_INPUT

    outstanding: Money


@dataclass(kw_only=True)
class NotRefundable(Refusal):
    """Nothing would be given back for it, by `rule`."""

    code = ErrorCode.NOT_REFUNDABLE
    advice = Advice.GIVE_UP

    rule: Rule


@dataclass(kw_only=True)
class NotExchangeable(Refusal):
    """It cannot be exchanged, by `rule`."""

    code = ErrorCode.NOT_EXCHANGEABLE
    advice = Advice.CHOOSE_ANOTHER

    rule: Rule


@dataclass(kw_only=True)
class QuoteExpired(Refusal):
    """The quote no longer holds: its time is over, or the booking or the carrier's terms have changed since."""

    code = ErrorCode.QUOTE_EXPIRED
    advice = Advice.QUOTE_AGAIN


@dataclass(kw_only=True)
class QuotePending(Refusal):
    """The carrier has not answered the quote yet; it is asked again by itself."""

    code = ErrorCode.QUOTE_PENDING
    advice = Advice.WAIT


@dataclass(kw_only=True)
class QuoteUsed(Refusal):
    """The quote was confirmed before, by `operation_id`; what that did is not done twice."""

    code = ErrorCode.QUOTE_USED
    advice = Advice.GIVE_UP

    operation_id: str


@dataclass(kw_only=True)
class ChangeUnpaid(Refusal):
    """A change of this booking waits for `payment_id`; let it be paid, or let its form end, first."""

    code = ErrorCode.CHANGE_UNPAID
    advice = Advice.WAIT

    payment_id: str


@dataclass(kw_only=True)
class ServiceGone(Refusal):
    """A seat or bag is no longer to be had; `services` are those, by the ids they were chosen by."""

    code = ErrorCode.SERVICE_GONE
    advice = Advice.CHOOSE_ANOTHER

    services: tuple[str, ...] = ()


@dataclass(kw_only=True)
class NotBookable(Refusal):
    """The departure cannot be booked; `status` says why."""

    code = ErrorCode.NOT_BOOKABLE
    advice = Advice.CHOOSE_ANOTHER

    status: DepartureStatus

    def __post_init__(self) -> None:
        # Errors are journalled, and shown to whoever asks what became of it.
        self.status = self.status.outward


@dataclass(kw_only=True)
class OnRequestOnly(Refusal):
    """The departure cannot be booked online; ask the selling `company` for it."""

    code = ErrorCode.ON_REQUEST_ONLY
    advice = Advice.CHOOSE_ANOTHER

    company: SellingCompany


@dataclass(kw_only=True)
class RequestPending(Refusal):
    """The operator has not answered the request yet, which it does by `answer_by`; payment is due after that."""

    code = ErrorCode.REQUEST_PENDING
    advice = Advice.WAIT

    answer_by: datetime | None


@dataclass(kw_only=True)
class RequestRejected(Refusal):
    """The operator refused what was asked for, or did not answer in time; nothing was booked."""

    code = ErrorCode.REQUEST_REJECTED
    advice = Advice.CHOOSE_ANOTHER


def refusals() -> dict[ErrorCode, type[Refusal]]:
    """Every Refusal by its code: one class per code."""
    return {kind.code: kind for kind in Refusal.__subclasses__()}

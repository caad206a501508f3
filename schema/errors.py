"""Expected failures as data: one type for every Refusal, all of them `UserError`s.

A type here carries the name of the Refusal it shows and the facts that Refusal adds; `shown` does the rest. A Refusal
without a type fails a test.
"""

# ruff: noqa: D101, N818 - a type says in its description what it is, and is no exception

import re
from collections.abc import Iterable
from dataclasses import fields
from datetime import date, datetime
from typing import Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from app.domain import aftersales, tours
from app.domain import money as domain_money
from app.domain import refusals as domain
from app.domain.error_codes import Advice, ErrorCode, MoneyMovement
from app.domain.errors import Refusal
from app.domain.payment import DeclineReason
from app.domain.tours import DepartureStatus
from schema.enums import describe
from schema.money import Money
from schema.rule import Rule
from schema.selling import SellingCompany


def _for_clients(sentence: str) -> str:
    """The sentence with its names as clients write them."""
    return re.sub(r"`\w+`", lambda name: to_camel_case(name[0]), sentence)


describe(
    Advice,
    "What to do next about an error.",
    {
        Advice.RETRY_SAME_KEY: "Send the same mutation again with the same idempotency key.",
        Advice.WAIT: "Wait; it may pass by itself.",
        Advice.SEARCH_AGAIN: "Search again: this offer can no longer be used.",
        Advice.CHOOSE_ANOTHER: "Choose another itinerary or departure, or accept the new facts.",
        Advice.CORRECT_INPUT: "Correct the input that `path` names, then send it again.",
        Advice.QUOTE_AGAIN: "Ask for a new quote: this one no longer holds.",
        Advice.GIVE_UP: "Nothing the client can do makes this possible.",
    },
)
describe(
    MoneyMovement,
    "What happened to the customer's money.",
    {
        MoneyMovement.NONE: "No money moved.",
        MoneyMovement.BLOCKED: "An amount is reserved but not taken.",
        MoneyMovement.TAKEN: "Money was taken.",
        MoneyMovement.UNKNOWN: "It is not known yet; the booking's timeline will tell.",
    },
)
describe(
    ErrorCode,
    "Every expected failure. More codes may come: treat an unknown one by its advice.",
    {code: _for_clients(kind.__doc__ or "") for code, kind in domain.refusals().items()},
)
describe(
    DeclineReason,
    "Why a card was declined.",
    {
        DeclineReason.DECLINED: "The issuer gave no reason.",
        DeclineReason.INSUFFICIENT_FUNDS: "The card does not cover the amount.",
        DeclineReason.EXPIRED_CARD: "The card is no longer valid.",
        DeclineReason.INCORRECT_SECURITY_CODE: "The security code is wrong.",
        DeclineReason.LOST_OR_STOLEN: "The card was reported lost or stolen.",
        DeclineReason.AUTHENTICATION_FAILED: "The payer did not pass the issuer's challenge.",
        DeclineReason.SUSPECTED_FRAUD: "The payment was taken for fraud.",
        DeclineReason.PROCESSING_ERROR: "Something failed on the way to the issuer; trying again may help.",
    },
)


@strawberry.interface(description="An expected failure: what went wrong, what to do next, and what the money did.")
class UserError:
    """What every error type has in common."""

    code: ErrorCode = strawberry.field(description="Which failure it is, for programs.")
    message: str = strawberry.field(description="One sentence for developers; nothing personal is in it.")
    path: list[str] | None = strawberry.field(
        description='The input field that caused it, such as ["input", "legs", "0", "origin"]; null when none did.'
    )
    advice: Advice = strawberry.field(description="What to do next.")
    money: MoneyMovement = strawberry.field(description="What happened to the customer's money.")


@strawberry.type(description="The input cannot be meant as written.")
class InvalidInput(UserError):
    pass


@strawberry.type(description="No city or airport has this code.")
class UnknownPlace(UserError):
    suggestions: list[str] = strawberry.field(description="Place codes that were perhaps meant, likeliest first.")


@strawberry.type(description="Nothing with this id exists for this partner.")
class NotFound(UserError):
    pass


@strawberry.type(description="The idempotency key was already used with another input.")
class KeyReused(UserError):
    pass


@strawberry.type(description="Another operation is changing this booking.")
class BookingBusy(UserError):
    operation_id: strawberry.ID = strawberry.field(description="The operation to wait for.")


@strawberry.type(description="The booking's state does not allow this.")
class WrongState(UserError):
    state: str = strawberry.field(description="The state it is in now.")


@strawberry.type(description="The offer is unreadable, was altered, or was issued to another partner.")
class OfferInvalid(UserError):
    pass


@strawberry.type(description="The offer can no longer be reserved.")
class OfferExpired(UserError):
    pass


@strawberry.type(description="The carrier's price moved since the offer was made.")
class PriceChanged(UserError):
    old_total: Money = strawberry.field(description="The total the offer showed.")
    new_total: Money = strawberry.field(description="The total now.")
    offer: str | None = strawberry.field(description="A fresh offer at the new total; null when there is none.")


@strawberry.type(description="The last place went to somebody else.")
class SoldOut(UserError):
    pass


@strawberry.type(description="The carrier declined for a documented reason.")
class CarrierRefused(UserError):
    carrier: str = strawberry.field(description="The carrier's code in this gateway.")
    reason: str = strawberry.field(description="The carrier's own code for the reason.")


@strawberry.type(description="The carrier could not be reached; nothing happened there.")
class CarrierUnavailable(UserError):
    carrier: str = strawberry.field(description="The carrier's code in this gateway.")


@strawberry.type(description="This carrier cannot do this at all.")
class Unsupported(UserError):
    carrier: str = strawberry.field(description="The carrier's code in this gateway.")


@strawberry.type(description="The time to pay has passed.")
class PaymentTooLate(UserError):
    pay_by: datetime = strawberry.field(description="When it passed.")


@strawberry.type(description="A deposit is too little by now.")
class BalanceDue(UserError):
    required: Money = strawberry.field(description="What is to be paid instead.")
    due_at: datetime = strawberry.field(description="Until when a deposit was enough.")


@strawberry.type(description="The account's credit limit does not cover it.")
class CreditExceeded(UserError):
    required: Money = strawberry.field(description="What would be needed.")
    available: Money = strawberry.field(description="What the account still covers.")


@strawberry.type(description="The carrier does not allow these passenger fields to change any more.")
class NotCorrectable(UserError):
    fields: list[str] = strawberry.field(description="The fields, as in the carrier's `correctable`.")


@strawberry.type(description="The card was declined; another card may do.")
class PaymentDeclined(UserError):
    reason: DeclineReason = strawberry.field(description="Why, as far as its issuer lets anybody know.")


@strawberry.type(description="Cards cannot be taken now; nothing happened.")
class PaymentUnavailable(UserError):
    pass


@strawberry.type(description="The payment provider would not take what was authorised.")
class CaptureRefused(UserError):
    reason: str = strawberry.field(description="The provider's own code for the reason.")


@strawberry.type(description="The payment provider would not give the money back by itself; a person has to.")
class RefundRefused(UserError):
    reason: str = strawberry.field(description="The provider's own code for the reason.")


@strawberry.type(description="The account has an overdue statement, so nothing can be paid on it.")
class AccountOverdue(UserError):
    statement_id: strawberry.ID = strawberry.field(description="The oldest statement that is overdue.")
    due_on: date = strawberry.field(description="When it was due.")
    outstanding: Money = strawberry.field(description="What is missing of it.")


@strawberry.type(description="The amount is more than is missing of the statement and not disputed.")
class ExceedsOutstanding(UserError):
    outstanding: Money = strawberry.field(description="What is missing and not disputed.")


@strawberry.type(description="Nothing would be given back for it.")
class NotRefundable(UserError):
    rule: Rule = strawberry.field(description="Why.")


@strawberry.type(description="It cannot be exchanged, or not for this.")
class NotExchangeable(UserError):
    rule: Rule = strawberry.field(description="Why.")


@strawberry.type(description="The quote no longer holds: its time is over, or something has changed since.")
class QuoteExpired(UserError):
    pass


@strawberry.type(description="The carrier has not answered the quote yet; it is asked again by itself.")
class QuotePending(UserError):
    pass


@strawberry.type(description="The quote was confirmed before; nothing is done twice.")
class QuoteUsed(UserError):
    operation_id: strawberry.ID = strawberry.field(description="The operation that confirmed it.")


@strawberry.type(description="A change of this booking waits for its payment.")
class ChangeUnpaid(UserError):
    payment_id: strawberry.ID = strawberry.field(description="The payment it waits for.")


@strawberry.type(description="A seat or bag is no longer to be had.")
class ServiceGone(UserError):
    services: list[str] = strawberry.field(description="Their ids, as in the list of services; empty when not said.")


@strawberry.type(description="The departure cannot be booked.")
class NotBookable(UserError):
    status: DepartureStatus = strawberry.field(description="Why not.")


@strawberry.type(description="The departure cannot be booked online; it has to be asked for.")
class OnRequestOnly(UserError):
    company: SellingCompany = strawberry.field(description="Whom to ask.")


@strawberry.type(description="The operator has not answered the request yet; payment is due after that.")
class RequestPending(UserError):
    answer_by: datetime | None = strawberry.field(description="By when the last request is answered, or lapses.")


@strawberry.type(description="The operator refused what was asked for, or did not answer in time.")
class RequestRejected(UserError): ...


def error_types() -> dict[str, type[UserError]]:
    """Every concrete error type by its name; the schema needs them all, since only the interface is mentioned."""
    return {kind.__name__: kind for kind in UserError.__subclasses__()}


_COMMON = {field.name for field in fields(Refusal)}


def shown(refusal: Refusal) -> UserError:
    """The Refusal as clients see it."""
    kind = type(refusal)
    facts = {field.name: _fact(getattr(refusal, field.name)) for field in fields(kind) if field.name not in _COMMON}
    return error_types()[kind.__name__](
        code=kind.code,
        message=refusal.message,
        path=[to_camel_case(step) for step in refusal.path] or None,
        advice=kind.advice,
        money=refusal.money,
        **facts,
    )


def all_shown(refusals: Iterable[Refusal]) -> list[UserError]:
    """Each Refusal as clients see it."""
    return [shown(refusal) for refusal in refusals]


def _fact(value: object) -> Any:  # noqa: ANN401 - the fields of many types
    match value:
        case domain_money.Money():
            return Money.of(value)
        case aftersales.Rule():
            return Rule.of(value)
        case tours.SellingCompany():
            return SellingCompany.of(value)
        case tuple():
            return list(value)
        case _:
            return value

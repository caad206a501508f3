"""The payments that cover a booking: taken, released and given back, each at the source it comes from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlmodel import Session, col, or_, select

from app import ledger
from app.booking import charges
from app.booking.balance_due import follow_balance
from app.booking.desk import Tools
from app.booking.facts import Author, cost_of, tell
from app.domain.errors import Refusal
from app.domain.events import EventKind
from app.domain.money import Money
from app.journal.run import Claim, Run
from app.journal.steps import Step, nothing
from app.payments.contract import Charge, ProviderRefund
from app.store.aftersales_tables import QuoteKind, QuoteRow
from app.store.tables import BookingRow, PaymentMethod, PaymentRow, PaymentStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class Fund:
    """One payment's part in a booking; `provider` and `charge` where it is by card."""

    payment: str
    method: PaymentMethod
    amount: Money
    provider: str = ""
    charge: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Funds:
    """Several funds."""

    funds: tuple[Fund, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """How much of a fund is taken or given back."""

    fund: Fund
    amount: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Shares:
    """Every fund that money moves of."""

    shares: tuple[Share, ...]


def payments_of(
    session: Session, booking_id: str, *statuses: PaymentStatus, quote_id: str | None = None
) -> list[PaymentRow]:
    """The booking's payments of these statuses: cards first, since what is on account can be lessened freely.

    What was captured pays the booking, whatever it was for; until then a change's payment pays only its own `quote_id`.
    """
    query = (
        select(PaymentRow)
        .where(
            PaymentRow.booking_id == booking_id,
            col(PaymentRow.status).in_(statuses),
            or_(
                PaymentRow.status == PaymentStatus.CAPTURED,
                col(PaymentRow.quote_id).is_not_distinct_from(quote_id),
            ),
        )
        .order_by(col(PaymentRow.method), col(PaymentRow.created_at), col(PaymentRow.id))
    )
    return list(session.exec(query).all())


def fund_of(row: PaymentRow) -> Fund:
    """The payment as the verbs carry it."""
    return Fund(
        payment=row.id,
        method=PaymentMethod(row.method),
        amount=Money(row.amount_minor - row.refunded_minor, row.currency),
        provider=row.provider or "",
        charge=row.charge or "",
    )


def covered(session: Session, booking: BookingRow, *statuses: PaymentStatus) -> Money:
    """What the booking's payments of these statuses come to, less what was given back."""
    rows = payments_of(session, booking.id, *statuses)
    return Money(sum(row.amount_minor - row.refunded_minor for row in rows), booking.currency)


def left_to_pay(session: Session, booking: BookingRow) -> Money:
    """What nobody has paid or reserved yet."""
    return cost_of(booking) - covered(session, booking, PaymentStatus.CAPTURED, PaymentStatus.AUTHORISED)


def shared(funds: Iterable[Fund], amount: Money) -> tuple[Share, ...]:
    """The amount spread over the funds in their order, each up to what it holds."""
    shares = []
    for fund in funds:
        part = min(fund.amount, max(amount, Money.zero(amount.currency)))
        shares.append(Share(fund=fund, amount=part))
        amount -= part
    return tuple(shares)


def shares_back(session: Session, booking_id: str, amount: Money) -> tuple[Share, ...]:
    """Where so much of what the booking was paid goes back to: the latest payments first."""
    rows = payments_of(session, booking_id, PaymentStatus.CAPTURED)
    latest = sorted(rows, key=lambda row: (row.created_at, row.id), reverse=True)
    return tuple(share for share in shared(map(fund_of, latest), amount) if share.amount)


def capture_on_account(tools: Tools, claim: Claim, share: Share, session: Session) -> None:
    """The reserved credit becomes a debt, in the ledger and on the timeline; nothing taken lifts the reserve."""
    if not share.amount:
        return _write_void(tools, claim, share.fund, session)
    lines = ledger.payment_on_account(share.amount, claim.partner_id)
    return _write_captured(tools, claim, share, lines, session)


async def capture_cards(tools: Tools, run: Run, shares: Sequence[Share]) -> list[Refusal]:
    """Take each card's share, and release the cards that nothing is taken from; answers what was refused."""
    cards = [share for share in shares if share.fund.method == PaymentMethod.CARD]
    answers = await run.each([_capture(tools, run.claim, share) for share in cards])
    refused = [(share.fund, no) for share, no in zip(cards, answers, strict=True) if isinstance(no, Refusal)]
    await run.each([_let_go(tools, fund) for fund, _ in refused])
    return [no for _, no in refused]


async def void(tools: Tools, run: Run, funds: Sequence[Fund], *, reason: str) -> None:
    """Release every fund; forms that are still open for the booking are looked at once more."""
    accounts = [fund for fund in funds if fund.method == PaymentMethod.ON_ACCOUNT]
    await run.record("void", bool, partial(_void_accounts, tools, run.claim, accounts, reason))
    cards = [fund for fund in funds if fund.method == PaymentMethod.CARD]
    await run.each([_void(tools, run.claim, fund, reason) for fund in cards])


async def reserved(run: Run) -> tuple[Fund, ...]:
    """Whatever is reserved for the booking by now."""
    return (await run.record("reserved", Funds, partial(_reserved, run.claim))).funds


async def give_back(tools: Tools, run: Run, *, reason: str) -> list[Refusal]:
    """Give back what the booking was paid beyond what is sold in it, to the sources it came from, latest first.

    Answers what providers refused: that stays visible as too much paid.
    """
    back = await run.record("give-back", Shares, partial(_to_give_back, tools, run.claim, reason))
    cards = [share for share in back.shares if share.fund.method == PaymentMethod.CARD]
    answers = await run.each([_refund(tools, run.claim, share, reason) for share in cards])
    return [answer for answer in answers if isinstance(answer, Refusal)]


def look_at_forms(session: Session, booking_id: str, now: datetime) -> None:
    """What happened to the booking decides whether its open forms may stay: look at them now."""
    for row in payments_of(session, booking_id, PaymentStatus.PENDING):
        row.check_at = now


def tell_payment(
    session: Session,
    author: Author | Claim,
    kind: EventKind,
    row: PaymentRow,
    at: datetime,
    **facts: Any,  # noqa: ANN401
) -> None:
    """One line of the timeline about a payment."""
    amount = facts.pop("amount", Money(row.amount_minor, row.currency))
    tell(session, author, kind, at, payment=row.id, method=row.method, amount=amount, card=row.card, **facts)


def _capture(tools: Tools, claim: Claim, share: Share) -> Step[charges.ChargeRequest, Charge]:
    if not share.amount:
        return _void(tools, claim, share.fund, "NOT_NEEDED")
    fund = share.fund

    def settle(session: Session, _charge: Charge) -> None:
        lines = ledger.payment_by_card(share.amount, claim.partner_id, fund.provider)
        _write_captured(tools, claim, share, lines, session)

    return charges.capture(
        tools, fund.payment, _request(fund, share.amount), settle, partial(_write_failed, tools, claim, fund)
    )


def _void(tools: Tools, claim: Claim, fund: Fund, reason: str) -> Step[charges.ChargeRequest, Charge]:
    def settle(session: Session, _charge: Charge) -> None:
        _write_void(tools, claim, fund, session, reason)

    return charges.void(tools, fund.payment, _request(fund), settle, partial(_write_failed, tools, claim, fund))


def _let_go(tools: Tools, fund: Fund) -> Step[charges.ChargeRequest, Charge]:
    """What could not be taken must not stay blocked on the card; that it has failed is written already."""
    return charges.void(tools, fund.payment, _request(fund), lambda _session, _charge: None, nothing)


def _refund(tools: Tools, claim: Claim, share: Share, reason: str) -> Step[charges.ChargeRequest, ProviderRefund]:
    fund = share.fund

    def settle(session: Session, _refund: ProviderRefund) -> None:
        lines = ledger.payment_by_card(share.amount, claim.partner_id, fund.provider)
        _write_refunded(tools, claim, share, lines, reason, session)

    def refused(session: Session, refusal: Refusal) -> None:
        # What is owed stays visible: more was paid than the booking costs.
        row = session.get_one(PaymentRow, fund.payment, with_for_update=True)
        tell_payment(
            session, claim, EventKind.REFUND_FAILED, row, tools.clock.now(), amount=share.amount, reason=refusal.code
        )

    return charges.refund(tools, fund.payment, _request(fund, share.amount), settle, refused)


def _request(fund: Fund, amount: Money | None = None) -> charges.ChargeRequest:
    return charges.ChargeRequest(provider=fund.provider, charge=fund.charge, amount=amount)


def _write_captured(tools: Tools, claim: Claim, share: Share, lines: Iterable[ledger.Line], session: Session) -> None:
    now = tools.clock.now()
    row = session.get_one(PaymentRow, share.fund.payment, with_for_update=True)
    row.status, row.amount_minor, row.settled_at = PaymentStatus.CAPTURED, share.amount.minor, now
    ledger.post(session, claim, _kind(session, row), lines, now, about=row.id)
    tell_payment(session, claim, EventKind.PAYMENT_CAPTURED, row, now)
    follow_balance(session, row.booking_id, now)


def _kind(session: Session, row: PaymentRow) -> ledger.EntryKind:
    """An exchange's payment has a line of its own on statements."""
    quote = session.get(QuoteRow, row.quote_id) if row.quote_id else None
    exchange = quote is not None and quote.kind == QuoteKind.EXCHANGE
    return ledger.EntryKind.EXCHANGE_PAYMENT if exchange else ledger.EntryKind.PAYMENT


def _write_refunded(
    tools: Tools, claim: Claim, share: Share, paid: Iterable[ledger.Line], reason: str, session: Session
) -> None:
    """The lines of the payment, taken back."""
    now = tools.clock.now()
    row = session.get_one(PaymentRow, share.fund.payment, with_for_update=True)
    row.refunded_minor += share.amount.minor
    ledger.post(session, claim, ledger.EntryKind.REFUND, ledger.reversed_lines(paid), now, about=row.id)
    tell_payment(session, claim, EventKind.PAYMENT_REFUNDED, row, now, amount=share.amount, reason=reason)


def _write_void(tools: Tools, claim: Claim, fund: Fund, session: Session, reason: str | None = None) -> None:
    now = tools.clock.now()
    row = session.get_one(PaymentRow, fund.payment, with_for_update=True)
    row.status, row.settled_at, row.check_at = PaymentStatus.VOIDED, now, None
    tell_payment(session, claim, EventKind.PAYMENT_VOIDED, row, now, reason=reason)


def _write_failed(tools: Tools, claim: Claim, fund: Fund, session: Session, refusal: Refusal) -> None:
    now = tools.clock.now()
    row = session.get_one(PaymentRow, fund.payment, with_for_update=True)
    row.status, row.settled_at = PaymentStatus.FAILED, now
    tell_payment(session, claim, EventKind.PAYMENT_FAILED, row, now, reason=refusal.code)


def _void_accounts(tools: Tools, claim: Claim, funds: Sequence[Fund], reason: str, session: Session) -> bool:
    for fund in funds:
        _write_void(tools, claim, fund, session, reason)
    look_at_forms(session, str(claim.booking_id), tools.clock.now())
    return True


def _reserved(claim: Claim, session: Session) -> Funds:
    rows = payments_of(session, str(claim.booking_id), PaymentStatus.AUTHORISED)
    return Funds(funds=tuple(map(fund_of, rows)))


def _to_give_back(tools: Tools, claim: Claim, reason: str, session: Session) -> Shares:
    """Decide what goes back where; what was on account is given back with the decision."""
    booking = session.get_one(BookingRow, claim.booking_id, with_for_update=True)
    excess = -ledger.outstanding(session, booking.id, booking.currency)
    shares = shares_back(session, booking.id, excess)
    for share in shares:
        if share.fund.method == PaymentMethod.ON_ACCOUNT:
            lines = ledger.payment_on_account(share.amount, claim.partner_id)
            _write_refunded(tools, claim, share, lines, reason, session)
    follow_balance(session, booking.id, tools.clock.now())
    return Shares(shares=shares)

"""Changes that may have to be paid: what is due is reserved before the carrier is asked, and taken after it acted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlmodel import Session, col

from app.aftersales.exchange import ExchangeOrder, exchange, return_balance
from app.aftersales.quotes import confirmed, facts_of, holds, owned_quote
from app.aftersales.reserve_anew import AnewOrder, anew_order, reserve_anew
from app.aftersales.services import ServicesOrder, add_services, services_order
from app.booking.complete import CompleteOrder, form_duty, has_paid
from app.booking.desk import Desk, Outcome, Tools
from app.booking.funds import Fund, Share, capture_cards, capture_on_account, fund_of, void
from app.booking.pay import reserve_credit
from app.booking.sessions import VERB as OPEN_SESSION
from app.booking.sessions import Form, form_end, prepare_form
from app.domain import codec
from app.domain.money import Money
from app.domain.partner import Viewer
from app.domain.quotes import ExchangeQuote, ServicesQuote
from app.domain.refusals import InvalidInput, QuoteExpired
from app.journal.journal import Prepared
from app.journal.run import Claim, Run
from app.store.aftersales_tables import QuoteKind, QuoteRow
from app.store.tables import BookingRow, PaymentMethod, PaymentRow

EXCHANGE = "exchange@1"
SERVICES = "add-services@1"
COMPLETE = "complete-change@1"
_VERBS = {QuoteKind.EXCHANGE: EXCHANGE, QuoteKind.SERVICES: SERVICES}


@dataclass(frozen=True, kw_only=True, slots=True)
class OnAccount:
    """Pay on the partner's account; `reference` is its own for the payment."""

    reference: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ByCard:
    """Let the payer give a card in a form; `locale` is a BCP 47 tag."""

    locale: str = "en"
    reference: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeWish:
    """The quote to confirm, and how to pay what it asks; nothing is needed where nothing is due."""

    quote_id: str
    method: OnAccount | ByCard | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeOrder:
    """What to do: exchange what is paid, reserve anew what is held, or add services; `fund` is reserved for it."""

    exchange: ExchangeOrder | None = None
    anew: AnewOrder | None = None
    services: ServicesOrder | None = None
    fund: Fund | None = None

    @property
    def funds(self) -> tuple[Fund, ...]:
        """The payment, where there is one."""
        return (self.fund,) if self.fund else ()


async def take_exchange(desk: Desk, viewer: Viewer, key: str, wish: ChangeWish) -> Outcome:
    """Confirm an exchange quote, paying its balance: on account at once, by card once its form is paid.

    QuoteExpired, QuoteUsed, ChangeUnpaid, CreditExceeded, AccountOverdue or PaymentUnavailable says why not.
    """
    return await _take_change(desk, viewer, key, wish, QuoteKind.EXCHANGE)


async def take_services(desk: Desk, viewer: Viewer, key: str, wish: ChangeWish) -> Outcome:
    """Confirm a services quote, paying its price; refused for the same reasons as an exchange."""
    return await _take_change(desk, viewer, key, wish, QuoteKind.SERVICES)


async def change(tools: Tools, run: Run) -> None:
    """The verb for what is paid on account, or not at all."""
    await _change(tools, run, codec.load(ChangeOrder, run.claim.input))


async def complete_change(tools: Tools, run: Run) -> None:
    """The verb for a card form of a change: once it is paid, make the change; too late for its quote, release it."""
    if not await has_paid(tools, run, codec.load(CompleteOrder, run.claim.input)):
        return
    order = await run.record("change", ChangeOrder, partial(_paid_change, tools, run.claim))
    if order.exchange or order.services:
        await _change(tools, run, order)
    else:
        await void(tools, run, order.funds, reason=QuoteExpired.code)


async def _take_change(desk: Desk, viewer: Viewer, key: str, wish: ChangeWish, kind: QuoteKind) -> Outcome:
    partner_id = viewer.partner.id
    quote = await desk.tools.store.read(lambda session: owned_quote(session, partner_id, wish.quote_id))
    verb = OPEN_SESSION if isinstance(wish.method, ByCard) and quote.kind == kind and _due(quote) else _VERBS[kind]
    prepare = partial(_prepare, desk.tools, viewer, wish, kind)
    return await desk.take(desk.opening(viewer, verb, key, wish), prepare, booking_id=quote.booking_id)


async def _change(tools: Tools, run: Run, order: ChangeOrder) -> None:
    if order.anew is not None:
        await reserve_anew(tools, run, order.anew)
    elif order.services is not None:
        await add_services(tools, run, order.services, order.funds)
        await _take(tools, run, order.funds)
    elif order.exchange is not None:
        await exchange(tools, run, order.exchange, order.funds)
        await _take(tools, run, order.funds)
        await return_balance(tools, run)


async def _take(tools: Tools, run: Run, funds: Sequence[Fund]) -> None:
    """Take what was reserved; what cannot be taken stays a balance that everybody sees and can pay."""
    shares = [Share(fund=fund, amount=fund.amount) for fund in funds]
    await run.record("take", bool, partial(_take_on_account, tools, run.claim, shares))
    refused = await capture_cards(tools, run, shares)
    if refused:
        raise refused[0]


def _take_on_account(tools: Tools, claim: Claim, shares: Sequence[Share], session: Session) -> bool:
    for share in shares:
        if share.fund.method == PaymentMethod.ON_ACCOUNT:
            capture_on_account(tools, claim, share, session)
    return True


def _prepare(
    tools: Tools, viewer: Viewer, wish: ChangeWish, kind: QuoteKind, session: Session, operation_id: str
) -> Prepared:
    now = tools.clock.now()
    row, booking = confirmed(session, viewer.partner.id, wish.quote_id, kind, operation_id, now)
    due = _due(row)
    if due and wish.method is None:
        raise InvalidInput(message=f"Say how to pay the {due} that is due.", path=("input", "method"))
    if due and isinstance(wish.method, ByCard):
        form = _form(tools, row, due, wish.method, now)
        return prepare_form(tools, viewer, session, booking, operation_id, form)
    if _is_held(row):
        order = ChangeOrder(anew=anew_order(tools, viewer, session, booking, facts_of(ExchangeQuote, row)))
    else:
        order = _order(tools, session, row, _reserve(tools, viewer, session, row, operation_id, due, wish.method))
    return Prepared(booking_id=booking.id, input=codec.dump(order))


def _due(quote: QuoteRow) -> Money:
    """What is to be paid for the change by itself; a hold is paid later, with its booking."""
    if quote.kind == QuoteKind.SERVICES:
        return facts_of(ServicesQuote, quote).price
    balance = facts_of(ExchangeQuote, quote).balance
    nothing = Money.zero(balance.currency)
    return nothing if _is_held(quote) else max(balance, nothing)


def _is_held(quote: QuoteRow) -> bool:
    """Whether it exchanges what is not paid yet."""
    return quote.kind == QuoteKind.EXCHANGE and facts_of(ExchangeQuote, quote).held_offer is not None


def _order(tools: Tools, session: Session, quote: QuoteRow, fund: Fund | None) -> ChangeOrder:
    """What the quote of something paid says is to be done."""
    if quote.kind == QuoteKind.SERVICES:
        return ChangeOrder(services=services_order(session, facts_of(ServicesQuote, quote)), fund=fund)
    exchanged = ExchangeOrder(quote=facts_of(ExchangeQuote, quote), new_item=tools.ids.new("it"))
    return ChangeOrder(exchange=exchanged, fund=fund)


def _reserve(
    tools: Tools,
    viewer: Viewer,
    session: Session,
    quote: QuoteRow,
    operation_id: str,
    due: Money,
    method: OnAccount | ByCard | None,
) -> Fund | None:
    if not due or method is None:
        return None
    row = reserve_credit(
        tools, viewer, session, quote.booking_id, operation_id, due, method.reference, quote_id=quote.id
    )
    return fund_of(row)


def _form(tools: Tools, quote: QuoteRow, due: Money, method: ByCard, now: datetime) -> Form:
    """The card form for what is due, ending before the quote does; QuoteExpired when that leaves no time."""
    limit = quote.expires_at or now + tools.terms.payment_session
    ends = form_end(tools, limit, now)
    if ends is None:
        raise QuoteExpired(message="This quote ends too soon to be paid by card.", path=("input", "quoteId"))
    return Form(amount=due, expires_at=ends, locale=method.locale, reference=method.reference, quote_id=quote.id)


def _over(session: Session, booking: BookingRow, form: PaymentRow, now: datetime) -> bool:
    return not holds(session.get_one(QuoteRow, form.quote_id), booking, now)


def _paid_change(tools: Tools, claim: Claim, session: Session) -> ChangeOrder:
    """The change that the form was for, with its payment; only the payment where the quote no longer holds."""
    form = codec.load(CompleteOrder, claim.input).form
    payment = session.get_one(PaymentRow, form.payment)
    booking = session.get_one(BookingRow, claim.booking_id, with_for_update=True)
    row = session.get_one(QuoteRow, payment.quote_id)
    fund = fund_of(payment)
    if not holds(row, booking, tools.clock.now()):
        return ChangeOrder(fund=fund)
    return _order(tools, session, row, fund)


DUTY = form_duty(COMPLETE, col(PaymentRow.quote_id).is_not(None), _over)

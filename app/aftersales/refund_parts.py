"""What a refund quote says: each item's part, by which rule, and where the money goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from app import ledger
from app.aftersales.amounts import GivenBack, given_back, shares
from app.booking.desk import Tools
from app.booking.facts import earliest, price_of, stay_of
from app.booking.funds import shares_back
from app.domain.aftersales import RefundForm, Rule, RuleGround
from app.domain.booking import ItemState
from app.domain.errors import Refusal
from app.domain.itinerary import Price
from app.domain.money import Money, total
from app.domain.quotes import ArrivalBasis, RefundPart, RefundQuote, RefundShare, RefundSource
from app.domain.refusals import CarrierUnavailable, NotRefundable, Unsupported
from app.domain.tours import TourStay
from app.store.tables import BookingRow, ItemRow, PaymentMethod, TicketRow
from carriers.contract import RefundTerms

# Where the carrier names no end of its terms.
_LIFE = timedelta(minutes=30)
_SOLD = {ItemState.CONFIRMED, ItemState.TICKETED}
_UNSOLD = {ItemState.NEW, ItemState.REQUESTED, ItemState.HELD}

# By item; nothing for those that there was nothing to ask about.
Answers = Mapping[str, RefundTerms | Refusal]


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedItem:
    """One item to quote for the travellers `asked`. `order` is None where there is nothing to ask the carrier about.

    `unpaid` is what is still to be paid of its price after a deposit, `stay` what it was sold for if that is one.
    `travellers` are all of the item, by the carrier's references; `tickets` are their owners, by id.
    """

    item: str
    carrier: str
    order: str | None
    ground: RuleGround | None
    price: Price
    unpaid: Money
    asked: tuple[str, ...]
    travellers: Mapping[str, str]
    tickets: Mapping[str, str]
    stay: TourStay | None = None

    @property
    def paid(self) -> Money:
        """What was paid of its price."""
        return self.price.total - self.unpaid


def asked_item(row: ItemRow, asked: set[str], tickets: Sequence[TicketRow], unpaid: Money | None) -> AskedItem:
    """The item to quote for these travellers."""
    sold = row.state in _SOLD and row.order_ref is not None
    price = price_of(row)
    unsold = RuleGround.NOT_SOLD if row.state in _UNSOLD else RuleGround.ENDED
    return AskedItem(
        item=row.id,
        carrier=row.carrier,
        order=row.order_ref if sold else None,
        ground=None if sold else unsold,
        price=price,
        unpaid=unpaid or Money.zero(price.currency),
        asked=tuple(sorted(asked)),
        travellers=row.passengers,
        tickets={ticket.id: ticket.traveller_id for ticket in tickets if ticket.item_id == row.id},
        stay=stay_of(row),
    )


def unanswered(items: Sequence[AskedItem], currency: str) -> RefundQuote:
    """The quote before any carrier has answered."""
    parts = tuple(_unknown(item, RuleGround.CARRIER_DECIDES, pending=True) for item in items)
    return RefundQuote(parts=parts, sources=(), set_off=Money.zero(currency), currency=currency)


def answered(
    tools: Tools, session: Session, booking: BookingRow, items: Sequence[AskedItem], answers: Answers, *, late: bool
) -> RefundQuote:
    """The quote by what the carriers answered; `late` when who has not answered by now is not waited for."""
    now = tools.clock.now()
    parts = [_part(item, answers.get(item.item), now) for item in items]
    if late:
        parts = [replace(part, pending=False) for part in parts]
    known = _known_to_come_back(items, answers)
    money = total((back.money for back in known), booking.currency)
    set_off = _set_off(session, booking, money, known)
    sources = (*_to_payments(tools, session, booking, money - set_off), *_as_credit(known))
    return RefundQuote(parts=tuple(parts), sources=sources, set_off=set_off, currency=booking.currency)


def _part(item: AskedItem, answer: RefundTerms | Refusal | None, now: datetime) -> RefundPart:
    match answer:
        case None:
            # Nothing was paid for it yet, or all of it is settled.
            none = Money.zero(item.price.currency)
            return replace(_unknown(item, item.ground or RuleGround.ENDED), paid=none, unpaid=none, fee=none)
        case NotRefundable():
            return replace(_unknown(item, answer.rule.ground), rule=answer.rule)
        case CarrierUnavailable():
            return _unknown(item, RuleGround.CARRIER_DECIDES, pending=True)
        case Refusal():
            unsupported = isinstance(answer, Unsupported)
            return _unknown(item, RuleGround.UNSUPPORTED if unsupported else RuleGround.CARRIER_DECIDES)
    return _known(item, answer, now)


def _known(item: AskedItem, terms: RefundTerms, now: datetime) -> RefundPart:
    back = given_back(item.price, terms.refund, terms.form, item.unpaid)
    fee = None if back is None else item.paid - back.whole
    covered = tuple(sorted(name for name, reference in item.travellers.items() if reference in terms.passengers))
    return RefundPart(
        item=item.item,
        carrier=item.carrier,
        rule=terms.rule,
        asked=item.asked,
        travellers=covered,
        segments=terms.segments,
        paid=item.paid,
        unpaid=item.unpaid,
        fee=fee,
        back=back.whole if back else None,
        form=terms.form,
        shares=_shares(item, covered, back),
        terms=terms.ref,
        # What the rule says holds until another one does.
        expires_at=earliest(terms.expires_at or now + _LIFE, terms.rule.deadline),
    )


def _unknown(item: AskedItem, ground: RuleGround, *, pending: bool = False) -> RefundPart:
    """A part that nothing comes back of, or that nobody knows of yet."""
    nothing = None if pending else Money.zero(item.price.currency)
    return RefundPart(
        item=item.item,
        carrier=item.carrier,
        rule=Rule(ground=ground, allowed=False),
        asked=item.asked,
        travellers=item.asked,
        segments=(),
        paid=item.paid,
        unpaid=item.unpaid,
        fee=None if pending else item.paid,
        back=nothing,
        pending=pending,
    )


def _shares(item: AskedItem, covered: Sequence[str], back: GivenBack | None) -> tuple[RefundShare, ...]:
    """Each ticket's part; equal ones, since carriers tell the whole order's amount."""
    tickets = [(ticket, owner) for ticket, owner in sorted(item.tickets.items()) if owner in covered]
    if not tickets:
        return ()
    parts = zip(
        tickets,
        item.paid.split([1] * len(tickets)),
        shares(back.whole if back else None, len(tickets)),
        strict=True,
    )
    return tuple(
        RefundShare(
            ticket=ticket,
            traveller=owner,
            paid=price,
            # What is left over of the split, so that each ticket's three amounts add up too.
            fee=None if returned is None else price - returned,
            back=returned,
        )
        for (ticket, owner), price, returned in parts
    )


def _known_to_come_back(items: Sequence[AskedItem], answers: Answers) -> Sequence[GivenBack]:
    return [
        back
        for item in items
        if isinstance(terms := answers.get(item.item), RefundTerms)
        and (back := given_back(item.price, terms.refund, terms.form, item.unpaid)) is not None
    ]


def _set_off(session: Session, booking: BookingRow, money: Money, known: Sequence[GivenBack]) -> Money:
    """What of the money pays what is still owed for the rest of the booking."""
    none = Money.zero(booking.currency)
    owed = ledger.outstanding(session, booking.id, booking.currency)
    rest = owed - total((back.unpaid for back in known), booking.currency)
    return max(min(rest, money), none)


def _to_payments(tools: Tools, session: Session, booking: BookingRow, money: Money) -> Sequence[RefundSource]:
    """Back to the latest payments first."""
    return [
        RefundSource(
            form=RefundForm.MONEY,
            amount=share.amount,
            payment=share.fund.payment,
            expected_by=_arrival(tools, share.fund.method, share.fund.provider),
            basis=ArrivalBasis.AT_ONCE if share.fund.method == PaymentMethod.ON_ACCOUNT else ArrivalBasis.PROVIDER,
        )
        for share in shares_back(session, booking.id, money)
    ]


def _as_credit(known: Sequence[GivenBack]) -> Sequence[RefundSource]:
    """The carriers' own credit goes to the travellers."""
    return [
        RefundSource(form=back.form, amount=back.credit, payment=None, expected_by=None, basis=ArrivalBasis.CARRIER)
        for back in known
        if back.credit
    ]


def _arrival(tools: Tools, method: PaymentMethod, provider: str) -> datetime:
    now = tools.clock.now()
    if method == PaymentMethod.ON_ACCOUNT:
        return now
    return now + tools.providers.get(provider).profile.refund_arrival

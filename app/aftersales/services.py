"""Add services to a paid item: the carrier adds all that was quoted or nothing, and the item costs so much more."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from app import ledger
from app.aftersales import service_steps as steps
from app.booking import orders
from app.booking.desk import Tools
from app.booking.facts import price_of, refresh, tell
from app.booking.funds import Fund, void
from app.booking.prices import with_services
from app.booking.services import booked_for
from app.domain import codec
from app.domain.aftersales import ServiceChoice
from app.domain.errors import Refusal
from app.domain.events import EventKind
from app.domain.quotes import ServicesQuote
from app.domain.refusals import PriceChanged, QuoteExpired
from app.journal.run import Claim, Run
from app.store.partners import partner_of
from app.store.tables import ItemRow, PartnerRow
from carriers.contract import CarrierOrder


@dataclass(frozen=True, kw_only=True, slots=True)
class ServicesOrder:
    """The quote to add by, and the carrier's order to add to."""

    quote: ServicesQuote
    order: str


def services_order(session: Session, quote: ServicesQuote) -> ServicesOrder:
    """The order that the quote is for."""
    return ServicesOrder(quote=quote, order=session.get_one(ItemRow, quote.item).order_ref or "")


async def add_services(tools: Tools, run: Run, order: ServicesOrder, funds: Sequence[Fund]) -> None:
    """Let the carrier add what was quoted; its Refusal leaves the booking as it was, and releases the `funds`."""
    try:
        await _add(tools, run, order)
    except Refusal as refusal:
        await run.record("refused", bool, partial(_tell_refused, tools, run.claim, order.quote, refusal))
        await void(tools, run, funds, reason=refusal.code)
        if isinstance(refusal, PriceChanged):
            raise QuoteExpired(message="The carrier now asks another price for these services.") from None
        raise


async def _add(tools: Tools, run: Run, order: ServicesOrder) -> None:
    quote = order.quote
    asked = orders.OrderRequest(carrier=quote.carrier, order=order.order)
    # What it has now, and not what we know of: a lost answer is told by what is there besides.
    before = await run.step(orders.read(tools, quote.item, asked, lambda _s, _order: None, lambda _s, _no: None))
    request = steps.AddRequest(
        carrier=quote.carrier,
        order=order.order,
        services=tuple(ServiceChoice(ref=each.service.ref, quantity=each.quantity) for each in quote.services),
        amount=quote.carrier_price,
        before=before.services,
    )
    await run.step(steps.add_services(tools, quote.item, request, partial(_write_added, tools, run.claim, quote)))


def _write_added(tools: Tools, claim: Claim, quote: ServicesQuote, session: Session, made: CarrierOrder) -> None:
    row = session.get_one(ItemRow, quote.item, with_for_update=True)
    row.services = [codec.dump(service) for service in booked_for(row, made)]
    row.price = codec.dump(with_services(price_of(row), quote.price, quote.carrier_price))
    refresh(session, row.booking_id)
    _post(tools, claim, quote, session)
    tell(
        session,
        claim,
        EventKind.SERVICES_ADDED,
        tools.clock.now(),
        item_id=row.id,
        price=quote.price,
        cost=quote.carrier_price,
    )


def _post(tools: Tools, claim: Claim, quote: ServicesQuote, session: Session) -> None:
    """What is owed for the services, what the partner earns on them as on a fare, and what the carrier is owed."""
    now, item, kinds = tools.clock.now(), quote.item, ledger.EntryKind
    partner = partner_of(session.get_one(PartnerRow, claim.partner_id))
    sold = ledger.services_sale(quote.price, partner.id, quote.carrier)
    ledger.post(session, claim, kinds.SALE, sold, now, item)
    ledger.post(session, claim, kinds.COMMISSION, ledger.commission(quote.price, partner), now, item)
    ledger.post(session, claim, kinds.CARRIER_COST, ledger.carrier_cost(quote.carrier_price, quote.carrier), now, item)


def _tell_refused(tools: Tools, claim: Claim, quote: ServicesQuote, refusal: Refusal, session: Session) -> bool:
    now = tools.clock.now()
    tell(session, claim, EventKind.SERVICES_REFUSED, now, item_id=quote.item, reason=refusal.code)
    return True

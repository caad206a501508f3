"""The steps of after sales that reach a carrier: quote, refund, exchange. Requests hold ids and amounts only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from app.booking.desk import Tools
from app.booking.orders import asking, changing
from app.domain.aftersales import CarrierChange, ChangeAction
from app.domain.errors import Refusal
from app.domain.itinerary import CarrierOffer
from app.domain.recovery import Call
from app.domain.refusals import NotFound, Unsupported
from app.domain.search import SearchQuery
from app.domain.tours import DepartureKey, Room, SellingRegion, TourStay
from app.journal.steps import Step
from carriers.contract import Cancelled, CarrierOrder, ExchangeOffer, ExchangeWish, PendingExchange, RefundTerms, Verb
from carriers.tours import TourSeller

_SEARCH_DEADLINE = timedelta(seconds=20)

Refused = Callable[[Session, Refusal], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundRequest:
    """A paid order at a carrier, and the stay that it was sold for, if it is for one."""

    carrier: str
    order: str
    stay: TourStay | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TermsRequest:
    """Refund terms at a carrier, by its own id of them."""

    carrier: str
    terms: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ExchangeRequest:
    """What an order at this carrier is to be exchanged for."""

    carrier: str
    wish: ExchangeWish


@dataclass(frozen=True, kw_only=True, slots=True)
class ExchangeOffers:
    """What a carrier would exchange an order for."""

    offers: tuple[ExchangeOffer, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchRequest:
    """What to search for at this carrier."""

    carrier: str
    query: SearchQuery


@dataclass(frozen=True, kw_only=True, slots=True)
class StayRequest:
    """The departure, and the rooms there, to ask this operator for."""

    carrier: str
    region: SellingRegion
    departure: DepartureKey
    rooms: tuple[Room, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnewOffers:
    """What a carrier would sell instead."""

    offers: tuple[CarrierOffer, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectRequest:
    """An exchange offer at a carrier, by its own id of it."""

    carrier: str
    offer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingRequest:
    """An exchange that a carrier is ready to make."""

    carrier: str
    pending: PendingExchange


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeRequest:
    """A change that a carrier made to an order, by its own id of it."""

    carrier: str
    order: str
    change: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangesRequest:
    """The order whose changes are asked for; of a tour, with the stay that was agreed."""

    carrier: str
    order: str
    agreed: TourStay | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CarrierChanges:
    """What a carrier has changed of an order, newest first."""

    changes: tuple[CarrierChange, ...]


def quote_refund(tools: Tools, item: str, request: RefundRequest) -> Step[RefundRequest, RefundTerms]:
    """Ask what the order would give back."""
    carrier = tools.carriers.get(request.carrier)

    async def ask(wanted: RefundRequest) -> RefundTerms:
        return await carrier.quote_refund(wanted.order, wanted.stay)

    return asking(carrier, "quote-refund", item, request, RefundTerms, ask)


def refund(
    tools: Tools, item: str, request: TermsRequest, settle: Callable[[Session, Cancelled], None]
) -> Step[TermsRequest, Cancelled]:
    """Let the carrier refund by exactly these terms."""
    carrier = tools.carriers.get(request.carrier)

    async def ask(wanted: TermsRequest, call: Call) -> Cancelled:
        return await carrier.refund(wanted.terms, call)

    async def find(wanted: TermsRequest, _call: Call, _since: datetime) -> Cancelled | None:
        return await carrier.refunded(wanted.terms)

    return changing(carrier, Verb.REFUND, item, request, Cancelled, ask, settle=settle, find=find)


def follow_refund(
    tools: Tools, item: str, request: TermsRequest, settle: Callable[[Session, Cancelled], None], refused: Refused
) -> Step[TermsRequest, Cancelled]:
    """Ask what came of a refund whose amount the carrier had not told."""
    carrier = tools.carriers.get(request.carrier)

    async def ask(wanted: TermsRequest) -> Cancelled:
        return await carrier.refunded(wanted.terms) or Cancelled(ref="", refund=None)

    return asking(carrier, "follow-refund", item, request, Cancelled, ask, settle=settle, refused=refused)


def quote_exchange(tools: Tools, item: str, request: ExchangeRequest) -> Step[ExchangeRequest, ExchangeOffers]:
    """Ask what the order could be exchanged for."""
    carrier = tools.carriers.get(request.carrier)

    async def ask(wanted: ExchangeRequest) -> ExchangeOffers:
        return ExchangeOffers(offers=tuple(await carrier.quote_exchange(wanted.wish)))

    return asking(carrier, "quote-exchange", item, request, ExchangeOffers, ask)


def search_anew(tools: Tools, item: str, request: SearchRequest, *, most: int) -> Step[SearchRequest, AnewOffers]:
    """Search the one carrier for what could be held instead: its `most` cheapest offers."""
    carrier = tools.carriers.get(request.carrier)

    async def ask(wanted: SearchRequest) -> AnewOffers:
        found = await carrier.search(wanted.query, deadline=_SEARCH_DEADLINE)
        return AnewOffers(offers=tuple(sorted(found.offers, key=lambda offer: offer.total.minor)[:most]))

    return asking(carrier, "search", item, request, AnewOffers, ask)


def offer_stay(tools: Tools, item: str, request: StayRequest) -> Step[StayRequest, CarrierOffer]:
    """Ask the operator what it would sell the rooms for; its Refusal says why not."""
    carrier = tools.carriers.get(request.carrier)
    seller = carrier if isinstance(carrier, TourSeller) else None

    async def ask(wanted: StayRequest) -> CarrierOffer:
        if seller is None:
            raise Unsupported(message="This carrier runs no tours any more.", carrier=wanted.carrier)
        found = await seller.availability(wanted.region, [wanted.departure])
        if wanted.departure not in found:
            raise NotFound(message="The operator has no such departure.")
        return await carrier.check(seller.offer(found[wanted.departure], wanted.rooms).ref)

    return asking(carrier, "offer-stay", item, request, CarrierOffer, ask)


def select_exchange(tools: Tools, item: str, request: SelectRequest) -> Step[SelectRequest, PendingExchange]:
    """Select an exchange offer, which changes nothing yet."""
    carrier = tools.carriers.get(request.carrier)

    async def ask(wanted: SelectRequest) -> PendingExchange:
        return await carrier.prepare_exchange(wanted.offer)

    return asking(carrier, "select-exchange", item, request, PendingExchange, ask)


def exchange(
    tools: Tools, item: str, request: PendingRequest, settle: Callable[[Session, CarrierOrder], None]
) -> Step[PendingRequest, CarrierOrder]:
    """Make the exchange that was selected."""
    carrier = tools.carriers.get(request.carrier)

    async def ask(wanted: PendingRequest, call: Call) -> CarrierOrder:
        return await carrier.exchange(wanted.pending, call)

    async def find(wanted: PendingRequest, _call: Call, _since: datetime) -> CarrierOrder | None:
        return await carrier.exchanged(wanted.pending)

    return changing(carrier, Verb.EXCHANGE, item, request, CarrierOrder, ask, settle=settle, find=find)


def changes(tools: Tools, item: str, request: ChangesRequest, refused: Refused) -> Step[ChangesRequest, CarrierChanges]:
    """Ask what the carrier has changed of the order."""
    carrier = tools.carriers.get(request.carrier)

    async def ask(wanted: ChangesRequest) -> CarrierChanges:
        return CarrierChanges(changes=tuple(await carrier.changes(wanted.order, wanted.agreed)))

    return asking(carrier, "changes", item, request, CarrierChanges, ask, refused=refused)


def accept_change(
    tools: Tools, item: str, request: ChangeRequest, settle: Callable[[Session, CarrierOrder], None], refused: Refused
) -> Step[ChangeRequest, CarrierOrder]:
    """Tell the carrier that its change is accepted."""
    carrier = tools.carriers.get(request.carrier)

    async def ask(wanted: ChangeRequest, call: Call) -> CarrierOrder:
        return await carrier.accept_change(wanted.order, wanted.change, call)

    async def find(wanted: ChangeRequest, _call: Call, _since: datetime) -> CarrierOrder | None:
        known = await carrier.changes(wanted.order)
        done = any(each.ref == wanted.change and each.taken is ChangeAction.ACCEPT for each in known)
        return await carrier.order(wanted.order) if done else None

    return changing(carrier, Verb.ACCEPT, item, request, CarrierOrder, ask, settle=settle, refused=refused, find=find)

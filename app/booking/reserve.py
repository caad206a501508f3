"""Reserve: whether offers can be reserved for these passengers, and what of; `hold` does it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session, select

from app.booking.desk import Desk, Outcome, Tools
from app.booking.facts import Author, tell
from app.booking.hold import ReserveItem, ReserveOrder
from app.booking.passengers import Passenger, check_passengers, latest_date, match, traveller_rows
from app.booking.people import versions
from app.booking.with_services import ChosenService, WantedService, check_services
from app.domain import codec
from app.domain.booking import BookingState
from app.domain.events import EventKind
from app.domain.itinerary import PassengerType
from app.domain.money import Money, total
from app.domain.partner import Partner, Viewer
from app.domain.refusals import InvalidInput
from app.journal.journal import Prepared
from app.pricing.offers import OfferToken
from app.store.tables import BookingRow, ItemRow, TravellerRow

VERB = "reserve@1"
_MOST_OFFERS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class ReserveWish:
    """What a client wants reserved, all or nothing. `accept_up_to` is the highest total it takes without asking.

    Offers with `services` are not held but bought, with them, when they are paid.
    """

    offers: tuple[str, ...]
    passengers: tuple[Passenger, ...]
    partner_reference: str | None = None
    accept_up_to: Money | None = None
    services: tuple[ChosenService, ...] = ()


async def take_reserve(desk: Desk, viewer: Viewer, key: str, wish: ReserveWish) -> Outcome:
    """Reserve the offers. InvalidInput, OfferInvalid, OfferExpired or KeyReused before anything opens."""
    opening = desk.opening(viewer, VERB, key, wish)
    known = await desk.journal.known(opening)
    if known is not None:
        # The offers may have expired since; the first answer stands all the same.
        return await desk.ended(known.id)
    tokens = _opened(desk.tools, viewer, wish)
    return await desk.take(opening, partial(_prepare, desk.tools, viewer, wish, tokens))


def _opened(tools: Tools, viewer: Viewer, wish: ReserveWish) -> list[OfferToken]:
    """The offers behind the tokens, after every check that needs no database."""
    if not 1 <= len(wish.offers) <= _MOST_OFFERS:
        raise InvalidInput(message=f"A booking takes 1 to {_MOST_OFFERS} offers.", path=("input", "offers"))
    tokens = [
        tools.seals.open(text, viewer.partner.id, ("input", "offers", str(index)))
        for index, text in enumerate(wish.offers)
    ]
    _check_distinct(tokens)
    _check_regions(viewer.partner, tokens)
    currencies = {token.price.currency for token in tokens}
    if len(currencies) > 1:
        raise InvalidInput(
            message=f"A booking has one selling currency; these offers are in {', '.join(sorted(currencies))}.",
            path=("input", "offers"),
        )
    accepted = wish.accept_up_to
    if accepted is not None and accepted.currency not in currencies:
        raise InvalidInput(
            message=f"Accept an amount in the offers' currency, {currencies.pop()}.", path=("input", "acceptUpTo")
        )
    shown = total((token.price.total for token in tokens), tokens[0].price.currency)
    if accepted is not None and accepted < shown:
        raise InvalidInput(
            message=f"These offers cost {shown}, which is more than the {accepted} you accept.",
            path=("input", "acceptUpTo"),
        )
    required = frozenset(name for token in tokens for name in token.required)
    check_services(wish.services, len(wish.offers), len(wish.passengers))
    check_passengers(wish.passengers, latest_date(tools.clock.now()), required)
    return tokens


def _check_distinct(tokens: Sequence[OfferToken]) -> None:
    seen: set[tuple[str, str]] = set()
    for index, token in enumerate(tokens):
        if (token.carrier, token.offer) in seen:
            raise InvalidInput(message="This offer is in the list already.", path=("input", "offers", str(index)))
        seen.add((token.carrier, token.offer))


def _check_regions(partner: Partner, tokens: Sequence[OfferToken]) -> None:
    """InvalidInput for a region that the partner was not given, or that was taken from it since the offer was made."""
    for index, token in enumerate(tokens):
        if token.region not in {None, *partner.regions}:
            message = f"This partner does not sell tours in {token.region}."
            raise InvalidInput(message=message, path=("input", "offers", str(index)))


def _prepare(
    tools: Tools, viewer: Viewer, wish: ReserveWish, tokens: Sequence[OfferToken], session: Session, operation_id: str
) -> Prepared:
    now = tools.clock.now()
    booking = BookingRow(
        id=tools.ids.new("bk"),
        partner_id=viewer.partner.id,
        reference=_free_reference(tools, session),
        partner_reference=wish.partner_reference,
        state=BookingState.NEW,
        currency=tokens[0].price.currency,
        total_minor=sum(token.price.total.minor for token in tokens),
        created_at=now,
    )
    session.add(booking)
    session.flush()
    references = [match(wish.passengers, token.passengers, token.travels_on) for token in tokens]
    travellers = traveller_rows(
        wish.passengers, _types(tokens[0], references[0]), tools.ids, tools.vault, (viewer.partner.id, booking.id)
    )
    session.add_all(travellers)
    items = [
        ReserveItem(
            item=tools.ids.new("it"),
            token=token,
            passengers={row.id: reference for row, reference in zip(travellers, matched, strict=True)},
            services=_services(wish, index, travellers),
        )
        for index, (token, matched) in enumerate(zip(tokens, references, strict=True))
    ]
    session.add_all(_item_row(booking, position, item) for position, item in enumerate(items))
    order = ReserveOrder(
        items=tuple(items),
        travellers=versions(travellers),
        highest=_highest(wish, booking),
        accepted=wish.accept_up_to is not None,
        pay_by=now + viewer.partner.payment_limit if viewer.partner.payment_limit else None,
    )
    author = Author(partner_id=viewer.partner.id, booking_id=booking.id, operation_id=operation_id, actor=viewer.actor)
    tell(session, author, EventKind.RESERVE_STARTED, now, total=Money(booking.total_minor, booking.currency))
    return Prepared(booking_id=booking.id, input=codec.dump(order))


def _highest(wish: ReserveWish, booking: BookingRow) -> Money:
    """The highest total to go on at without asking: what was shown, or what the client accepts beyond it."""
    shown = Money(booking.total_minor, booking.currency)
    return wish.accept_up_to or shown


def _services(wish: ReserveWish, offer: int, travellers: Sequence[TravellerRow]) -> tuple[WantedService, ...]:
    """What is wanted with this offer, and for whom."""
    return tuple(
        WantedService(ref=each.ref, quantity=each.quantity, traveller=travellers[each.passenger].id, place=place)
        for place, each in enumerate(wish.services)
        if each.offer == offer
    )


def _types(token: OfferToken, references: Sequence[str]) -> list[PassengerType]:
    """Each passenger's type, as the first offer prices it."""
    kinds = {place.ref: place.type for place in token.passengers}
    return [kinds[reference] for reference in references]


def _item_row(booking: BookingRow, position: int, item: ReserveItem) -> ItemRow:
    return ItemRow(
        id=item.item,
        partner_id=booking.partner_id,
        booking_id=booking.id,
        position=position,
        carrier=item.token.carrier,
        price=codec.dump(item.token.price),
        passengers=dict(item.passengers),
    )


def _free_reference(tools: Tools, session: Session) -> str:
    """A short reference no other booking has."""
    while True:
        reference = tools.ids.reference()
        if session.exec(select(BookingRow.id).where(BookingRow.reference == reference)).first() is None:
            return reference

"""What a ticket's receipt and its verification page say, read from the booking's facts when asked for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from app.booking.facts import offer_of, price_of
from app.domain import codec
from app.domain.aftersales import BookedService, ServiceKind
from app.domain.booking import TicketStatus
from app.domain.itinerary import BaggageKind, CabinClass, CarrierOffer, Condition, Price, Segment, SegmentFare
from app.domain.itinerary import Journey as DomainJourney
from app.domain.places import Place
from app.papers import receipt as paper
from app.store.tables import (
    BookingRow,
    ItemRow,
    PartnerRow,
    PaymentMethod,
    PaymentRow,
    PaymentStatus,
    TicketRow,
    TravellerRow,
)

Find = Callable[[str], Place | None]

_CABINS = {
    CabinClass.ECONOMY: "Economy",
    CabinClass.PREMIUM_ECONOMY: "Premium economy",
    CabinClass.BUSINESS: "Business",
    CabinClass.FIRST: "First",
}
# Carriers confirm, and may issue, before the money is taken: what is reserved then is how it is paid.
_PAYING = (PaymentStatus.AUTHORISED, PaymentStatus.CAPTURED)


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketFacts:
    """A ticket with everything a paper tells of it.

    `party` are all travellers of its item, `payments` those that pay the booking, oldest first.
    """

    partner: PartnerRow
    booking: BookingRow
    item: ItemRow
    ticket: TicketRow
    traveller: TravellerRow
    party: tuple[TravellerRow, ...]
    payments: tuple[PaymentRow, ...]


def ticket_facts(session: Session, partner_id: str, ticket_id: str) -> TicketFacts | None:
    """The partner's ticket and what belongs to it; None when it is another's or there is none."""
    ticket = session.get(TicketRow, ticket_id)
    if ticket is None or ticket.partner_id != partner_id:
        return None
    item = session.get_one(ItemRow, ticket.item_id)
    party = _party(session, item)
    return TicketFacts(
        partner=session.get_one(PartnerRow, partner_id),
        booking=session.get_one(BookingRow, ticket.booking_id),
        item=item,
        ticket=ticket,
        traveller=next(traveller for traveller in party if traveller.id == ticket.traveller_id),
        party=party,
        payments=_payments(session, ticket.booking_id),
    )


def _party(session: Session, item: ItemRow) -> tuple[TravellerRow, ...]:
    query = select(TravellerRow).where(
        col(TravellerRow.id).in_(item.passengers),
        TravellerRow.booking_id == item.booking_id,
        col(TravellerRow.current).is_(True),
    )
    return tuple(session.exec(query))


def _payments(session: Session, booking_id: str) -> tuple[PaymentRow, ...]:
    query = (
        select(PaymentRow)
        .where(PaymentRow.booking_id == booking_id, col(PaymentRow.status).in_(_PAYING))
        .order_by(col(PaymentRow.created_at), col(PaymentRow.id))
    )
    return tuple(session.exec(query))


def receipt(facts: TicketFacts, find: Find, verification_url: str) -> paper.Receipt | None:
    """The ticket's receipt; None once its traveller was erased."""
    traveller, item = facts.traveller, facts.item
    offer = offer_of(item)
    if traveller.erased_at is not None or offer is None:
        return None
    passenger = item.passengers[traveller.id]
    return paper.Receipt(
        issuer=facts.partner.name,
        ticket_number=facts.ticket.number,
        passenger_name=printed_name(traveller),
        status=TicketStatus(facts.ticket.status),
        booking_reference=facts.booking.reference,
        carrier_references=(paper.CarrierReference(offer.seller, item.order_reference or ""),),
        issued_on=facts.ticket.issued_at.date(),
        journeys=tuple(_journey(journey, passenger, _services(item, passenger), find) for journey in offer.journeys),
        refund=condition(offer.conditions.refund),
        change=condition(offer.conditions.change),
        price=price(item),
        form_of_payment=form_of_payment(facts),
        verification_url=verification_url,
    )


def form_of_payment(facts: TicketFacts) -> str:
    """Each card and account the booking was paid with, once, such as `Visa 4242 and Account of Acme Travel`.

    What was given back in full, such as a card that was one too many, does not count, unless everything was.
    """
    kept = kept_payments(facts) or facts.payments
    return " and ".join(dict.fromkeys(form(facts, payment) for payment in kept)) or "Not paid"


def kept_payments(facts: TicketFacts) -> list[PaymentRow]:
    """The payments that were not given back in full, oldest first."""
    return [payment for payment in facts.payments if payment.refunded_minor < payment.amount_minor]


def form(facts: TicketFacts, payment: PaymentRow) -> str:
    """The card or the account of a payment."""
    return f"Account of {facts.partner.name}" if payment.method == PaymentMethod.ON_ACCOUNT else payment.card or "Card"


def printed_name(traveller: TravellerRow) -> str:
    """The name as papers have it."""
    return f"{traveller.family_name} / {traveller.given_name} {traveller.title}"


def flights(facts: TicketFacts) -> tuple[Segment, ...]:
    """Every flight of the ticket, in order."""
    offer: CarrierOffer | None = offer_of(facts.item)
    return tuple(segment for journey in offer.journeys for segment in journey.segments) if offer else ()


def traveller_name(facts: TicketFacts) -> str:
    """Given and family name; empty once erased."""
    return f"{facts.traveller.given_name or ''} {facts.traveller.family_name or ''}".strip()


def _services(item: ItemRow, passenger: str) -> list[BookedService]:
    """What the passenger has beside the fare."""
    booked = (codec.load(BookedService, service) for service in item.services)
    return [service for service in booked if service.passenger == passenger]


def _journey(journey: DomainJourney, passenger: str, services: Sequence[BookedService], find: Find) -> paper.Journey:
    segments = tuple(_segment(segment, passenger, services, find) for segment in journey.segments)
    return paper.Journey(segments=segments, fare_brand=journey.fare_brand)


def _segment(segment: Segment, passenger: str, services: Sequence[BookedService], find: Find) -> paper.FlightSegment:
    here = [service for service in services if segment.ref in service.segments]
    fare = next((fare for fare in segment.fares if fare.passenger == passenger), None)
    return paper.FlightSegment(
        flight_number=f"{segment.marketing.code} {segment.flight_number}",
        marketing_carrier=segment.marketing.name,
        operating_carrier=segment.operating.name,
        origin=_stop(segment.origin, segment.departs_at, segment.origin_terminal, find),
        destination=_stop(segment.destination, segment.arrives_at, segment.destination_terminal, find),
        cabin=(fare.cabin_name or _CABINS[fare.cabin]) if fare else "",
        fare_basis=fare.fare_basis if fare else None,
        baggage=_baggage(fare),
        aircraft=segment.aircraft,
        seat=next((service.seat for service in here if service.kind is ServiceKind.SEAT), None),
        more_bags=tuple(map(_more_bags, (service for service in here if service.kind is ServiceKind.BAGGAGE))),
    )


def _more_bags(service: BookedService) -> paper.MoreBags:
    checked = service.baggage is not BaggageKind.CARRY_ON
    return paper.MoreBags(pieces=service.quantity, checked=checked, kg=service.weight_kg)


def _stop(code: str, at: datetime, terminal: str | None, find: Find) -> paper.Stop:
    place = find(code)
    return paper.Stop(
        iata=code,
        city=place.city if place else code,
        airport=place.name if place else code,
        at=at,
        terminal=terminal,
    )


def _baggage(fare: SegmentFare | None) -> paper.Baggage:
    """Pieces by kind; what the carrier does not list at all it has not said."""
    if fare is None or not fare.baggage:
        return paper.Baggage()
    pieces = {kind: sum(bag.quantity for bag in fare.baggage if bag.kind == kind) for kind in BaggageKind}
    return paper.Baggage(checked=pieces[BaggageKind.CHECKED], carry_on=pieces[BaggageKind.CARRY_ON])


def condition(rule: Condition | None) -> paper.Condition:
    """The rule as papers have it."""
    return paper.Condition(rule.allowed, rule.fee) if rule else paper.Condition(None)


def _extras(charged: Price) -> Iterator[paper.PriceLine]:
    """What the carrier charges beside the fare."""
    for name, amount in (("Seats and bags", charged.services), ("Exchange", charged.change_fees)):
        if amount is not None:
            yield paper.PriceLine(name, amount)


def price(item: ItemRow) -> paper.Price:
    """The item's price as papers have it."""
    charged = price_of(item)
    return paper.Price(
        base=charged.base,
        taxes=charged.tax,
        fees=(*_extras(charged), *(paper.PriceLine(fee.name, fee.amount) for fee in charged.fees)),
        total=charged.total,
        passengers=len(item.passengers),
    )

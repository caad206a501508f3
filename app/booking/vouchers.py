"""What a tour's voucher says, and which paper a ticket has: a voucher, or a receipt of its flights."""

from app.booking.facts import offer_of
from app.booking.receipts import Find, TicketFacts, condition, form, kept_payments, price, printed_name, receipt
from app.domain.booking import TicketStatus
from app.domain.itinerary import CarrierOffer
from app.domain.money import Money
from app.domain.tours import TourStay
from app.papers.receipt import Receipt
from app.papers.voucher import Guest, Paid, SharedRoom, Voucher


def printed(facts: TicketFacts, find: Find, verification_url: str) -> Receipt | Voucher | None:
    """The ticket's paper; None once its traveller was erased."""
    offer = offer_of(facts.item)
    if offer is None or offer.stay is None:
        return receipt(facts, find, verification_url)
    return None if facts.traveller.erased_at else _voucher(facts, offer, offer.stay, verification_url)


def _voucher(facts: TicketFacts, offer: CarrierOffer, stay: TourStay, verification_url: str) -> Voucher:
    return Voucher(
        issuer=facts.partner.name,
        number=facts.ticket.number,
        passenger_name=printed_name(facts.traveller),
        status=TicketStatus(facts.ticket.status),
        booking_reference=facts.booking.reference,
        operator_reference=facts.item.order_reference or "",
        issued_on=facts.ticket.issued_at.date(),
        stay=stay,
        company=offer.company,
        rooms=_rooms(facts, offer, stay),
        refund=condition(offer.conditions.refund),
        price=price(facts.item),
        payments=_payments(facts),
        verification_url=verification_url,
    )


def _rooms(facts: TicketFacts, offer: CarrierOffer, stay: TourStay) -> tuple[SharedRoom, ...]:
    guests = {facts.item.passengers[each.id]: each for each in facts.party}
    by_room = stay.by_room(place.ref for place in offer.passengers)
    return tuple(
        SharedRoom(
            type=room.type,
            guests=tuple(
                Guest(
                    name=None if guests[ref].erased_at else printed_name(guests[ref]),
                    bearer=guests[ref].id == facts.traveller.id,
                )
                for ref in refs
                if ref in guests
            ),
        )
        for room, refs in zip(stay.rooms, by_room, strict=True)
    )


def _payments(facts: TicketFacts) -> tuple[Paid, ...]:
    """What was paid for the booking and not given back."""
    currency = facts.booking.currency
    return tuple(
        Paid(
            on=payment.created_at.date(),
            form=form(facts, payment),
            amount=Money(payment.amount_minor - payment.refunded_minor, currency),
        )
        for payment in kept_payments(facts)
    )

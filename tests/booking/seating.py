"""Seats and bags that the tests choose with an offer."""

from app.booking.with_services import ChosenService


async def seats(house, offer, *, free=False, passenger=None):
    """The seats of the offer's first flight that are for sale, those that cost something unless `free`."""
    (plan, *_) = await house.carrier.offer_seat_maps(offer.ref)
    who = passenger or offer.passengers[0].ref
    return [seat for seat in plan.services if bool(seat.price) != free and seat.passenger == who]


async def bag(house, offer):
    """The first bag that can be bought with the offer."""
    return (await house.carrier.offer_services(offer.ref))[0]


def chosen(service, passenger=0, quantity=1, offer=0):
    """The service as a client names it in its wish."""
    return ChosenService(offer=offer, ref=service.ref, quantity=quantity, passenger=passenger)


async def seat_and_bag(house, offer):
    """A seat and two bags for the one passenger of the offer."""
    return chosen((await seats(house, offer))[0]), chosen(await bag(house, offer), quantity=2)

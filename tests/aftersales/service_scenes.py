"""Seats and bags, set up to be explored: bought with an offer, and added to what is paid, on account and by card."""

from app.aftersales.paid_changes import ByCard
from tests.aftersales.scenes import sold
from tests.aftersales.selling import add_services, quote_services
from tests.booking.card_scenes import give_cards
from tests.booking.paying import deliver
from tests.booking.scenes import floating, instant
from tests.booking.seating import seat_and_bag


async def buying(house, *more):
    """With one offer that is bought at once, perhaps beside more."""
    offer = await instant(house)
    tokens = [house.token(each) for each in (offer, *more)]
    services = await seat_and_bag(house, offer)

    async def act(again):
        outcome = await again.reserve_tokens("r1", *tokens, services=services)
        await again.settle_operations()
        if (await again.booking(outcome.booking_id)).state == "HELD":
            await again.pay(outcome.booking_id)

    return act


async def buying_beside_a_hold(house):
    """The same beside one that is held."""
    return await buying(house, await floating(house))


async def adding(house):
    """To what is paid, on account."""
    booking_id = await sold(house)
    quoted = await quote_services(house, booking_id)
    return lambda again: add_services(again, quoted)


async def adding_by_card(house):
    """In a card form."""
    quote = await quote_services(house, await sold(house))

    async def act(again):
        await add_services(again, quote, ByCard())
        await again.settle_operations()
        await give_cards(again, "approved_amex", "approved_amex")
        await deliver(again)

    return act


async def added_paid(house):
    """The card was given; nobody has heard of it yet."""
    quote = await quote_services(house, await sold(house))
    await add_services(house, quote, ByCard())
    await give_cards(house, "approved_amex", "approved_amex")
    return deliver

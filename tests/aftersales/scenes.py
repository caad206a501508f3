"""After sales, set up to be explored: what was sold and quoted before, and what client and payer go on doing."""

from datetime import date, timedelta

from sqlmodel import select

from app.aftersales.accept_change import AcceptWish, take_accept
from app.aftersales.paid_changes import ByCard, OnAccount
from app.domain.travellers import DocumentKind, IdentityDocument
from app.store.aftersales_tables import CarrierChangeRow, QuoteRow
from tests.aftersales.selling import (
    ask_exchange,
    asking_money,
    exchange,
    exchange_wish,
    giving_money,
    quote_exchange,
    quote_refund,
    refund,
)
from tests.booking.card_scenes import give_cards
from tests.booking.house import viewer
from tests.booking.paying import deliver, paid_by_card
from tests.booking.scenes import FLEX, STANDARD, guaranteed
from tests.payments.worlds import listen

PASSPORT = IdentityDocument(
    kind=DocumentKind.PASSPORT, number="925665416", issuing_country="GB", expires_on=date(2031, 6, 25)
)
AFTER_VOID_WINDOW = timedelta(days=2)


async def sold(house, *brands, by_card=False):
    """A paid booking of one item for each brand, beyond the time in which it could be voided."""
    listen(house.bank)
    offers = [await guaranteed(house, brand) for brand in brands or (STANDARD,)]
    booking_id = (await house.reserve("r1", *offers)).booking_id
    await (paid_by_card if by_card else type(house).pay)(house, booking_id)
    assert (await house.booking(booking_id)).state == "TICKETED"
    house.clock.advance(AFTER_VOID_WINDOW)
    return booking_id


async def refunding(house):
    """A fare that keeps a fee, on account; from the question what comes back."""
    booking_id = await sold(house)

    async def act(again):
        quote = await quote_refund(again, booking_id)
        await again.settle_operations()
        await refund(again, quote)

    return act


async def refunding_one(house):
    """The first of two items that were paid together by card."""
    booking_id = await sold(house, STANDARD, FLEX, by_card=True)
    first, _ = await house.items(booking_id)
    quote = await quote_refund(house, booking_id, items=(first.id,))
    return lambda again: refund(again, quote)


async def refunding_card(house):
    """All of it, to the card."""
    quote = await quote_refund(house, await sold(house, by_card=True))
    return lambda again: refund(again, quote)


async def exchanging(house):
    """For something dearer, on account."""
    quote = await asking_money(house, await sold(house))
    return lambda again: exchange(again, quote, OnAccount())


async def exchanging_down(house):
    """For something cheaper, with money back to the card."""
    quote = await giving_money(house, await sold(house, FLEX, by_card=True))
    return lambda again: exchange(again, quote)


async def exchanging_by_card(house):
    """For something dearer, in a card form."""
    quote = await asking_money(house, await sold(house))

    async def act(again):
        await exchange(again, quote, ByCard())
        await again.settle_operations()
        await give_cards(again, "approved_amex", "approved_amex")
        await deliver(again)

    return act


async def exchange_paid(house):
    """The card was given for something dearer; nobody has heard of it yet."""
    quote = await asking_money(house, await sold(house))
    await exchange(house, quote, ByCard())
    await give_cards(house, "approved_amex", "approved_amex")
    return deliver


async def exchanging_held(house):
    """What is only held."""
    listen(house.bank)
    booking_id = (await house.reserve("r1", await guaranteed(house))).booking_id
    (quote, *_) = await quote_exchange(house, booking_id)
    return lambda again: exchange(again, quote)


async def choosing(house):
    """From the question what could be had instead to the new ticket, on account."""
    wish = await exchange_wish(house, await sold(house))

    async def act(again):
        await ask_exchange(again, wish)
        await again.settle_operations()
        for quote in await again.rows(select(QuoteRow).order_by(QuoteRow.id).limit(1)):
            await exchange(again, quote, OnAccount())

    return act


async def accepting(house):
    """The airline has moved the flight, and it is accepted."""
    house.listen()
    await sold(house)
    await house.deliver()
    house.change_flight(house.orders()[0]["booking_reference"], minutes=90)
    await house.deliver()
    await house.later(timedelta(seconds=1))
    (row,) = await house.rows(select(CarrierChangeRow))

    async def act(again):
        await again.settled(await take_accept(again.desk, viewer(), "a1", AcceptWish(change_id=row.id)))

    return act

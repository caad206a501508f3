"""Tours refunded or exchanged, set up to be explored: what was done before, and what the client goes on doing."""

from sqlmodel import select

from app.aftersales.paid_changes import ByCard, OnAccount
from app.store.aftersales_tables import QuoteRow
from tests.aftersales.selling import ask_exchange, exchange, quote_refund, refund
from tests.booking.card_scenes import give_cards
from tests.booking.paying import deliver
from tests.payments.worlds import listen
from tests.tours.changing import CHEAPER, SOONER, WEEK_LATER, held, on_deposit, paid, quoted, wish_for
from tests.tours.selling import OPEN, TWIN, key


async def refunding(house):
    """What is paid in full; from the question what comes back."""
    booking = await paid(house)

    async def act(again):
        quote = await quote_refund(again, booking.id)
        await again.settle_operations()
        await refund(again, quote)

    return act


async def refunding_deposit(house):
    """What only a deposit is paid of, and less than that is kept."""
    quote = await quote_refund(house, (await on_deposit(house, OPEN, TWIN)).id)
    return lambda again: refund(again, quote)


async def forfeiting_deposit(house):
    """What only a deposit is paid of, and more than that would be kept."""
    quote = await quote_refund(house, (await on_deposit(house)).id)
    return lambda again: refund(again, quote)


async def exchanging(house):
    """From the question what another departure costs to the new voucher."""
    booking = await paid(house)
    wish = await wish_for(house, booking.id, key(WEEK_LATER))

    async def act(again):
        await ask_exchange(again, wish)
        await again.settle_operations()
        for quote in await again.rows(select(QuoteRow)):
            await exchange(again, quote, OnAccount())

    return act


async def exchanging_down(house):
    """For a departure that gives money back."""
    quote = await quoted(house, (await paid(house)).id, CHEAPER)
    return lambda again: exchange(again, quote)


async def exchanging_deposit(house):
    """On a deposit, for the fee."""
    quote = await quoted(house, (await on_deposit(house)).id, CHEAPER)
    return lambda again: exchange(again, quote, OnAccount())


async def paying_all_by_card(house):
    """On a deposit, for a departure whose rest is due; the payer gives a card."""
    listen(house.bank)
    quote = await quoted(house, (await on_deposit(house)).id, SOONER)
    await exchange(house, quote, ByCard())
    await give_cards(house, "approved_amex", "approved_amex")
    return deliver


async def exchanging_held(house):
    """What is only held."""
    quote = await quoted(house, (await held(house)).id, CHEAPER)
    return lambda again: exchange(again, quote)

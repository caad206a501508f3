"""What clients send after the sale, and what they have bought before."""

from app.domain.itinerary import PassengerType
from tests.schema.gateway import ADA

CHARLES = ADA | {"givenName": "Charles", "familyName": "Babbage", "title": "MR", "bornOn": "1991-12-26"}
ERRORS = "errors { __typename code message path advice money }"
RULED = ERRORS.removesuffix("}") + "... on NotExchangeable { rule { ground allowed } } }"
AMOUNT = "amount { gross { amount } fee { amount } net { amount } }"
QUOTE_REFUND = f"""mutation ($input: QuoteRefundInput!) {{ quoteRefund(input: $input) {{
    quote {{ id state expired eligible extent amountUnknown {AMOUNT}
        parts {{ pending rule {{ ground allowed }} askedFor {{ givenName }} alsoCovers {{ givenName }} item {{ id }}
            shares {{ {AMOUNT} }} }} }}
    booking {{ id state }} operation {{ id state }} {ERRORS} }} }}"""
REFUND = f"""mutation ($input: RefundInput!) {{ refund(input: $input) {{ quote {{ id state confirmedBy {{ id }} }}
    booking {{ id state paymentState kept {{ amount }} refunded {{ amount }} balance {{ amount }} }}
    operation {{ id state }} {ERRORS} }} }}"""
GIVE_BACK = f"""mutation ($input: GiveBackInput!) {{ giveBack(input: $input) {{
    booking {{ state paymentState balance {{ amount }} }} operation {{ id state }} {ERRORS} }} }}"""
QUOTE_EXCHANGE = f"""mutation ($input: QuoteExchangeInput!) {{ quoteExchange(input: $input) {{
    quotes {{ id state balance {{ amount }} fee {{ amount }} difference {{ amount }} added {{ departsAt }} }}
    booking {{ id state }} operation {{ id state }} {RULED} }} }}"""
EXCHANGE = f"""mutation ($input: ExchangeInput!) {{ exchange(input: $input) {{ quote {{ id state }}
    payment {{ status amount {{ amount }} }} outcome {{ __typename }}
    booking {{ id state paymentState total {{ amount }} balance {{ amount }}
        items {{ id state replacedBy {{ id }} }} tickets {{ status replaces {{ id }} }} }}
    operation {{ id state }} {ERRORS} }} }}"""
PARTS = (
    "query ($id: ID!) { booking(id: $id) { items { id journeys { ref departsAt } } passengers { id } tickets { id } } }"
)


LATER = "2026-06-03"


def moved(item, date=LATER, **facts):
    """The input that asks for an item's one journey on another day."""
    return {"item": item["id"], "journeys": [{"journey": item["journeys"][0]["ref"], "date": date} | facts]}


async def wanted(gateway, booking_id, **facts):
    """The input that asks so for the booking's newest item."""
    items = (await gateway.data(PARTS, id=booking_id))["booking"]["items"]
    return {"bookingId": booking_id, "items": [moved(items[-1], **facts)]}


async def quoted(gateway, booking_id, **facts):
    """The payload of asking so."""
    return await gateway.act(QUOTE_EXCHANGE, **await wanted(gateway, booking_id, **facts))


async def with_a_fee(gateway, passengers=1):
    """An offer that can be refunded and exchanged for a fee."""
    offers = await gateway.house.offers(types=[PassengerType.ADULT] * passengers)
    return next(offer for offer in offers if offer.holdable and _for_a_fee(offer.conditions))


async def bought(gateway, *offers, people=(ADA,)):
    """The id of a ticketed booking of these offers, or of one that can be refunded for a fee."""
    chosen = offers or (await with_a_fee(gateway, len(people)),)
    payload = await gateway.reserve(*chosen, passengers=list(people))
    booking_id = payload["booking"]["id"]
    await gateway.pay(booking_id)
    return booking_id


def _for_a_fee(conditions):
    kept = [condition.fee for condition in (conditions.refund, conditions.change) if condition and condition.allowed]
    return len(kept) == 2 and all(kept)

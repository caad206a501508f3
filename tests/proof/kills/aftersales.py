"""Clients who change their mind after they paid: quotes asked for and confirmed, under a key each."""

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.cli.demo import operations
from tests.proof.kills.stage import Json

if TYPE_CHECKING:
    from tests.proof.kills.clients import Client

# Asked again under a fresh key: what was quoted no longer holds, or could not be quoted just then.
_TRY_AGAIN = {"CARRIER_UNAVAILABLE", "QUOTE_EXPIRED", "QUOTE_PENDING", "SOLD_OUT"}
_TRIES = 4
_PAUSE_SECONDS = 1
_QUOTE_REFUND = (
    """
mutation QuoteRefund($input: QuoteRefundInput!) {
  quoteRefund(input: $input) { booking { ...Told } operation { id state } errors { code } quote { id state } }
}
"""
    + operations.BOOKING
)
_REFUND = (
    """
mutation Refund($input: RefundInput!) {
  refund(input: $input) { booking { ...Told } operation { id state } errors { code } }
}
"""
    + operations.BOOKING
)
_QUOTE_EXCHANGE = (
    """
mutation QuoteExchange($input: QuoteExchangeInput!) {
  quoteExchange(input: $input) { booking { ...Told } operation { id state } errors { code } quotes { id } }
}
"""
    + operations.BOOKING
)
_EXCHANGE = (
    """
mutation Exchange($input: ExchangeInput!) {
  exchange(input: $input) { booking { ...Told } operation { id state } errors { code } }
}
"""
    + operations.BOOKING
)


async def refund(client: "Client") -> None:
    """Ask what all of the booking would give back, and confirm it."""
    for _ in range(_TRIES):
        asked = await client.wish("quoteRefund", _QUOTE_REFUND, {"bookingId": client.booking})
        errors = asked.errors
        if asked.quotes:
            errors = (await client.wish("refund", _REFUND, {"quoteId": asked.quotes[0]})).errors
        if not set(errors) & _TRY_AGAIN:
            return
        await asyncio.sleep(_PAUSE_SECONDS)


async def exchange(client: "Client") -> None:
    """Ask what could be had some days later, and take one of it on account."""
    for _ in range(_TRIES):
        item = await client.ticketed()
        if item is None:
            return
        wanted = {"bookingId": client.booking, "items": [client.instead(item)]}
        asked = await client.wish("quoteExchange", _QUOTE_EXCHANGE, wanted)
        errors = asked.errors
        if asked.quotes:
            quote = client.chance.choice(asked.quotes)
            confirmed = {"quoteId": quote, "method": {"onAccount": {}}}
            errors = (await client.wish("exchange", _EXCHANGE, confirmed)).errors
        if not set(errors) & _TRY_AGAIN:
            return
        await asyncio.sleep(_PAUSE_SECONDS)


def later(journey: Json, days: timedelta) -> Json:
    """The journey so many days later."""
    leaves = datetime.fromisoformat(journey["departsAt"]) + days
    return {"journey": journey["ref"], "date": str(leaves.date())}

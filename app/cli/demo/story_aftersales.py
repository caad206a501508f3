"""The chapter after a booking is paid: an exchange with a difference to pay, then refunds, one after the other."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from app.cli.demo import operations as ask
from app.cli.demo.client import ADA, keep_tickets, offered, pay, reserve_all, settled, shown, until
from app.cli.demo.payer import APPROVED, post_card
from app.cli.demo.stage import DemoError, Stage, sure
from app.cli.demo.telling import Json, money, say, when

# Airlines take back what was bought today for its full price; two days later their conditions hold.
_CONDITIONS_HOLD_AFTER = 2 * 24 * 3600
_DAYS_LATER = timedelta(days=2)


async def change_of_plans(stage: Stage, keep: Path) -> None:
    """A trip of two orders: the first is exchanged, then one is refunded, then the rest."""
    await _refunds(stage, await _exchange(stage, keep))


async def _exchange(stage: Stage, keep: Path) -> str:
    """Two orders in one booking, and the first is exchanged to a later flight; answers the booking's id."""
    offers = [await _with_conditions(stage, *places) for places in (("LON", "PAR"), ("PAR", "ROM"))]
    booking = await reserve_all(stage, "trip", offers, [ADA])
    await pay(stage, "trip", booking["id"])
    paid = await until(stage, booking["id"], "TICKETED")
    say(f"{paid['reference']} has two orders, {' and '.join(_orders(paid))}, paid on account: {money(paid['total'])}.")
    await stage.pass_time(_CONDITIONS_HOLD_AFTER)
    quote = await _dearer(stage, paid)
    balance = f"{money(quote['difference'])} and a fee of {money(quote['fee'])}, {money(quote['balance'])} to pay"
    say(f"Two days later than booked, that is a difference of {balance} until {when(quote['expiresAt'])}.")
    await _pay_by_card(stage, quote)
    exchanged = await _exchanged(stage, paid, quote)
    await keep_tickets(stage, exchanged, keep)
    return str(paid["id"])


async def _refunds(stage: Stage, booking_id: str) -> None:
    """The second order is refunded with a fee, then the rest."""
    booking = await shown(stage, booking_id)
    standing = [item for item in booking["items"] if item["state"] == "TICKETED"]
    quote = await _quote_refund(stage, "one", booking_id, [standing[-1]["id"]])
    _tell_refund(quote)
    sure(quote["extent"] == "PARTIAL", "the fare keeps a fee")
    one = await _refund(stage, "one", booking_id, quote)
    sure(one["state"] == "TICKETED" and one["paymentState"] == "PARTLY_REFUNDED", "the other order stands")
    say(f"Refunded: {money(one['refunded'])} is back, {booking['reference']} is still TICKETED for the rest.")
    rest = await _quote_refund(stage, "rest", booking_id, [])
    _tell_refund(rest)
    over = await _refund(stage, "rest", booking_id, rest)
    sure(over["state"] == "REFUNDED" and not Decimal(over["balance"]["amount"]), "the booking is over and settled")
    sure({ticket["status"] for ticket in over["tickets"]} == {"EXCHANGED", "REFUNDED"}, "no ticket is worth anything")
    say(f"Then the rest: {booking['reference']} is REFUNDED, {money(over['refunded'])} in all; the fees stay paid.")
    await _agree(stage, over)


async def _with_conditions(stage: Stage, origin: str, destination: str) -> Json:
    """An itinerary whose refund and change cost a fee."""
    wanted = {"holdable": True, "refundable": True}
    found: list[Json] = (await offered(stage, origin, destination, wanted, first=30))["itineraries"]
    for itinerary in found:
        rules = itinerary["conditions"]
        if all(rule and rule["allowed"] and rule["fee"] and Decimal(rule["fee"]["amount"]) for rule in rules.values()):
            return itinerary
    raise DemoError(f"There should be a fare with fees from {origin} to {destination}.")


async def _dearer(stage: Stage, booking: Json) -> Json:
    """A quote for exchanging the first order to two days later, with something to pay."""
    item = booking["items"][0]
    (journey,) = item["journeys"]
    later = date.fromisoformat(journey["departsAt"][:10]) + _DAYS_LATER
    wanted = {
        "idempotencyKey": "quote-exchange",
        "bookingId": booking["id"],
        "items": [{"item": item["id"], "journeys": [{"journey": journey["ref"], "date": str(later)}]}],
    }
    payload = (await stage.ask(ask.QUOTE_EXCHANGE, input=wanted))["quoteExchange"]
    sure(not payload["errors"] and payload["quotes"], f"the airline offers exchanges, not {payload['errors']}")
    quotes: list[Json] = payload["quotes"]
    return next(quote for quote in quotes if Decimal(quote["difference"]["amount"]) > 0)


async def _pay_by_card(stage: Stage, quote: Json) -> None:
    wanted = {"idempotencyKey": "exchange", "quoteId": quote["id"], "method": {"card": {"locale": "en-GB"}}}
    payload = (await stage.ask(ask.EXCHANGE, input=wanted))["exchange"]
    form = payload["outcome"] or {}
    sure(form.get("__typename") == "PaymentActionRequired", f"`exchange` answers a form, not {payload}")
    sure(form["payment"]["amount"] == quote["balance"], "the form asks for the balance")
    say("`exchange` with a card answers a form; nothing is exchanged before it is paid.")
    told = await post_card(stage, form["formUrl"], APPROVED)
    sure(told["state"] == "authorised", f"the card is accepted, not {told}")


async def _exchanged(stage: Stage, before: Json, quote: Json) -> Json:
    """The booking once the exchange is made and its balance taken."""
    await settled(stage, before["id"], lambda now: len(now["items"]) > len(before["items"]))
    booking = await until(stage, before["id"], "TICKETED")
    sure(booking["paymentState"] == "PAID", "the balance was taken")
    old = before["items"][0]
    new = next(item for item in booking["items"] if item["replaces"] and item["replaces"]["id"] == old["id"])
    sure(new["carrierReference"] == old["carrierReference"], "the order stays the same")
    reissued = [ticket for ticket in booking["tickets"] if ticket["replaces"]]
    sure([ticket["replaces"]["status"] for ticket in reissued] == ["EXCHANGED"], "the old ticket is linked")
    leaves = new["journeys"][0]["departsAt"][:16].replace("T", " ")
    say(f"Authorised, exchanged at the airline, captured: {new['carrierReference']} now leaves {leaves}.")
    say(f"Ticket {reissued[0]['replaces']['number']} became {reissued[0]['number']}.")
    sure(booking["paid"] == booking["total"], f"{money(quote['balance'])} more was paid")
    return booking


async def _quote_refund(stage: Stage, key: str, booking_id: str, items: list[str]) -> Json:
    wanted = {"idempotencyKey": f"quote-refund-{key}", "bookingId": booking_id, "items": items or None}
    payload = (await stage.ask(ask.QUOTE_REFUND, input=wanted))["quoteRefund"]
    sure(not payload["errors"] and payload["quote"]["state"] == "READY", f"a refund is quoted, not {payload}")
    quote: Json = payload["quote"]
    return quote


def _tell_refund(quote: Json) -> None:
    amount = quote["amount"]
    gross, fee, net = (money(amount[name]) for name in ("gross", "fee", "net"))
    say(f"`quoteRefund`: {gross} paid, {fee} kept, {net} back, by {', '.join(sorted(set(_grounds(quote))))}.")
    for source in quote["sources"]:
        say(f"  {money(source['amount'])} to {source['to']}, expected by {when(source['expectedBy'])}.")


def _grounds(quote: Json) -> Iterator[str]:
    for part in quote["parts"]:
        deadline = f" until {when(part['rule']['deadline'])}" if part["rule"]["deadline"] else ""
        yield f"{part['rule']['ground']}{deadline}"


async def _refund(stage: Stage, key: str, booking_id: str, quote: Json) -> Json:
    wanted = {"idempotencyKey": f"refund-{key}", "quoteId": quote["id"]}
    payload = (await stage.ask(ask.REFUND, input=wanted))["refund"]
    sure(not payload["errors"], f"the refund passes, not {payload['errors']}")
    return await settled(stage, booking_id)


async def _agree(stage: Stage, booking: Json) -> None:
    """What the airline kept, and what the card provider has, is what the booking says."""
    mine = {item["carrierReference"] for item in booking["items"]}
    orders = [order for order in (await stage.ledger())["orders"] if order["booking_reference"] in mine]
    sure({order["state"] for order in orders} == {"cancelled"}, "both orders are cancelled at the airline")
    (charge,) = await stage.charges(booking["reference"])
    sure(charge["captured_minor"] > 0 and charge["net_minor"] >= 0, "the card was charged once, and partly given back")
    say("The airline has both orders cancelled; the provider gave back to the card what the quote had said.")


def _orders(booking: Json) -> list[str]:
    return [str(item["carrierReference"]) for item in booking["items"]]

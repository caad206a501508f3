"""The flights' chapters: search, reserve, pay on account, ticket, and what the gateway does when things go wrong."""

from datetime import datetime
from pathlib import Path

from app.cli.demo import operations as ask
from app.cli.demo.client import (
    ADA,
    CHARLES,
    GRACE,
    cancel,
    held,
    keep_tickets,
    pay,
    payment,
    reserve,
    search,
    settled,
    shown,
    until,
)
from app.cli.demo.stage import Stage, sure
from app.cli.demo.telling import Json, money, say, when


async def places(stage: Stage) -> None:
    """What people type is found."""
    for typed, expected in (("pari", "PAR"), ("londn", "LON"), ("new yrok", "NYC")):
        found = (await stage.ask(ask.PLACES, text=typed))["places"]
        sure(found[0]["code"] == expected, f"{typed!r} finds {expected} first")
        say(f"{typed!r} finds {found[0]['name']}, {found[0]['country']['name']} ({found[0]['code']}).")


async def journey(stage: Stage, tickets: Path) -> None:
    """Two people to New York and back, on account."""
    found = await search(stage, "LON", "NYC", passengers=2, there_and_back=True)
    itinerary = found["itineraries"][0]
    _tell_itinerary(itinerary)
    booking = await held(stage, "journey", itinerary, [ADA, CHARLES])
    say(f"Reserved as {booking['reference']}, to be paid by {when(booking['payBy'])}: {money(booking['total'])}.")
    again = await held(stage, "journey", itinerary, [ADA, CHARLES])
    sure(again["id"] == booking["id"] and len((await stage.ledger())["holds"]) == 1, "the same key reserves once")
    say("Sent twice with the same key: still one booking here, one hold at the airline.")
    await pay(stage, "journey", booking["id"])
    paid = await shown(stage, booking["id"])
    sure(paid["state"] == "TICKETED" and paid["paymentState"] == "PAID", "the booking is paid and ticketed")
    confirmed = paid["items"][0]["carrierReference"]
    say(f"Paid on account: the airline confirmed {confirmed}, {paid['balance']['amount']} is left to pay.")
    await keep_tickets(stage, paid, tickets)
    await _tell_account(stage)


async def lost_answer(stage: Stage) -> None:
    """The carrier makes the order and its answer is lost."""
    found = await search(stage, "JFK", "EWR")
    await stage.spoil("orders.create", "lost_reply")
    say("The airline makes the order; the connection is cut before its answer arrives.")
    before = len((await stage.ledger())["orders"])
    reserved = await reserve(stage, "lost", found["itineraries"][0], [GRACE])
    booking = await settled(stage, reserved["booking"]["id"])
    sure(booking["state"] == "HELD", "the booking is held after all")
    sure(len((await stage.ledger())["orders"]) == before + 1, "the airline has one order of it")
    say(f"Looked up instead of asked again: {booking['reference']} is held, with one order at the airline.")
    await cancel(stage, "lost", booking["id"])
    say("Given back again: cancelled here and at the airline.")


async def late_tickets(stage: Stage, tickets: Path) -> None:
    """Tickets come hours after the confirmation."""
    found = await search(stage, "PAR", "ROM")
    await stage.spoil("payments.create", "documents_later", hours=2)
    booking = await held(stage, "late", found["itineraries"][0], [GRACE])
    await pay(stage, "late", booking["id"])
    confirmed = await shown(stage, booking["id"])
    sure(confirmed["state"] == "CONFIRMED" and not confirmed["tickets"], "confirmed without tickets")
    say(f"{booking['reference']} is confirmed and paid, and says that its tickets are pending.")
    await stage.pass_time(3 * 3600)
    ticketed = await until(stage, booking["id"], "TICKETED")
    say("Three hours later the gateway has asked again by itself: ticketed.")
    await keep_tickets(stage, ticketed, tickets)


async def price_moves(stage: Stage) -> None:
    """The price moves between search and reserve."""
    found = await search(stage, "AMS", "BCN")
    await stage.spoil("offers.get", "price_changed", percent=10)
    refused = await reserve(stage, "moved", found["itineraries"][0], [ADA], expect="PRICE_CHANGED")
    error = refused["errors"][0]
    moved = f"{money(error['oldTotal'])} became {money(error['newTotal'])}"
    say(f"Refused with {error['code']}: {moved}, nothing was booked.")
    accepted = await held(stage, "moved-accepted", {"offer": error["offer"]}, [ADA])
    sure(accepted["total"] == error["newTotal"], "the fresh offer is reserved at its price")
    say(f"The fresh offer that came with the refusal is reserved at {money(accepted['total'])}.")
    await cancel(stage, "moved", accepted["id"])


async def expiry(stage: Stage) -> None:
    """Nobody pays in time."""
    found = await search(stage, "JFK", "EWR")
    booking = await held(stage, "unpaid", found["itineraries"][0], [ADA])
    say(f"{booking['reference']} is held until {when(booking['payBy'])}; nobody pays.")
    limit = datetime.fromisoformat(booking["payBy"]) - await stage.now()
    await stage.pass_time(int(limit.total_seconds()) + 60)
    await until(stage, booking["id"], "EXPIRED")
    holds = [hold for hold in (await stage.ledger())["holds"] if hold["state"] == "held"]
    sure(not holds, "no hold is left at the airline")
    say("At that minute the hold was given back to the airline, and the booking says EXPIRED.")
    late = await stage.ask(ask.PAY, input=payment("unpaid", booking["id"]))
    error = late["pay"]["errors"][0]
    sure(error["code"] == "PAYMENT_TOO_LATE" and error["money"] == "NONE", "paying later is refused")
    say(f"Paying now answers {error['code']} ({error['advice']}), and no money moved.")


async def _tell_account(stage: Stage) -> None:
    viewer = (await stage.ask(ask.ACCOUNT))["viewer"]
    for credit in viewer["credit"]:
        say(f"{viewer['partner']['name']} owes {credit['owed']['amount']} of {money(credit['limit'])} on account.")


def _tell_itinerary(itinerary: Json) -> None:
    price = itinerary["price"]
    for trip in itinerary["journeys"]:
        leaves = trip["departsAt"][:16].replace("T", " ")
        flights = [f"{leg['flight']} {leg['origin']['code']}-{leg['destination']['code']}" for leg in trip["segments"]]
        say(f"{leaves} local: {', '.join(flights)}, {trip['changes']} changes, {trip['duration']}.")
    fees = ", ".join(f"{fee['name']} {fee['amount']['amount']}" for fee in price["fees"])
    parts = f"fare {price['base']['amount']}, tax {price['tax']['amount']}, {fees}"
    say(f"{money(price['total'])}: {parts}; {itinerary['emissionsKg']} kg CO2.")

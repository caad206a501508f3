"""The demo's story: search, reserve, pay, ticket, and what the gateway does when things go wrong.

Every sentence that is printed was checked first, against the carrier's own ledger wherever it can know.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.cli.demo import operations as ask
from app.cli.demo.stage import Stage, sure

Json = dict[str, Any]

_ADA = {
    "title": "MS",
    "givenName": "Ada",
    "familyName": "Lovelace",
    "bornOn": "1990-12-10",
    "email": "ada@example.org",
    "phone": "+442080160508",
    "document": {"kind": "PASSPORT", "number": "925665416", "issuingCountry": "GB", "expiresOn": "2035-06-30"},
}
_CHARLES = _ADA | {"title": "MR", "givenName": "Charles", "familyName": "Babbage", "bornOn": "1986-12-26"}
_GRACE = _ADA | {"givenName": "Grace", "familyName": "Hopper", "bornOn": "1992-12-09"}
_DAYS_AHEAD = timedelta(days=45)
_DAYS_THERE = timedelta(days=9)
# What the story pays for: two travel to New York and one to Rome.
_PAID_ORDERS, _TICKETS = 2, 3
_PATIENCE_SECONDS = 60


async def tell(stage: Stage, tickets: Path) -> None:
    """The whole story, in order."""
    for number, (title, chapter) in enumerate(_chapters(stage, tickets), start=1):
        print(f"\n{number}. {title}")
        await chapter()


def _chapters(stage: Stage, tickets: Path) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
    return [
        ("Find the places, typos and all", lambda: _places(stage)),
        ("Search, reserve, pay on account, and get the tickets", lambda: _journey(stage, tickets)),
        ("The carrier makes the order, and its answer is lost", lambda: _lost_answer(stage)),
        ("Tickets come hours after the confirmation", lambda: _late_tickets(stage, tickets)),
        ("The price moves between search and reserve", lambda: _price_moves(stage)),
        ("Nobody pays in time", lambda: _expiry(stage)),
        ("The carrier's ledger and ours agree", lambda: _agree(stage)),
    ]


def _say(sentence: str) -> None:
    print(f"   {sentence}")


async def _places(stage: Stage) -> None:
    for typed, expected in (("pari", "PAR"), ("londn", "LON"), ("new yrok", "NYC")):
        found = (await stage.ask(ask.PLACES, text=typed))["places"]
        sure(found[0]["code"] == expected, f"{typed!r} finds {expected} first")
        _say(f"{typed!r} finds {found[0]['name']}, {found[0]['country']['name']} ({found[0]['code']}).")


async def _journey(stage: Stage, tickets: Path) -> None:
    found = await _search(stage, "LON", "NYC", passengers=2, there_and_back=True)
    itinerary = found["itineraries"][0]
    _tell_itinerary(itinerary)
    reserved = await _reserve(stage, "journey", itinerary, [_ADA, _CHARLES])
    booking = reserved["booking"]
    sure(booking["state"] == "HELD", "the booking is held")
    _say(f"Reserved as {booking['reference']}, to be paid by {_when(booking['payBy'])}: {_money(booking['total'])}.")
    again = (await _reserve(stage, "journey", itinerary, [_ADA, _CHARLES]))["booking"]
    sure(again["id"] == booking["id"] and len((await stage.ledger())["holds"]) == 1, "the same key reserves once")
    _say("Sent twice with the same key: still one booking here, one hold at the airline.")
    await _pay(stage, "journey", booking["id"])
    paid = await _shown(stage, booking["id"])
    sure(paid["state"] == "TICKETED" and paid["paymentState"] == "PAID", "the booking is paid and ticketed")
    confirmed = paid["items"][0]["carrierReference"]
    _say(f"Paid on account: the airline confirmed {confirmed}, {paid['balance']['amount']} is left to pay.")
    await _keep_tickets(stage, paid, tickets)
    await _tell_account(stage)


async def _lost_answer(stage: Stage) -> None:
    found = await _search(stage, "JFK", "EWR")
    await stage.spoil("orders.create", "lost_reply")
    _say("The airline makes the order; the connection is cut before its answer arrives.")
    before = len((await stage.ledger())["orders"])
    reserved = await _reserve(stage, "lost", found["itineraries"][0], [_GRACE])
    booking = await _settled(stage, reserved)
    sure(booking["state"] == "HELD", "the booking is held after all")
    sure(len((await stage.ledger())["orders"]) == before + 1, "the airline has one order of it")
    _say(f"Looked up instead of asked again: {booking['reference']} is held, with one order at the airline.")
    given_up = await stage.ask(ask.CANCEL, input={"idempotencyKey": "cancel-lost", "bookingId": booking["id"]})
    sure(given_up["cancel"]["booking"]["state"] == "CANCELLED", "the hold can be given back")
    _say("Given back again: cancelled here and at the airline.")


async def _late_tickets(stage: Stage, tickets: Path) -> None:
    found = await _search(stage, "PAR", "ROM")
    await stage.spoil("payments.create", "documents_later", hours=2)
    booking = (await _reserve(stage, "late", found["itineraries"][0], [_GRACE]))["booking"]
    await _pay(stage, "late", booking["id"])
    confirmed = await _shown(stage, booking["id"])
    sure(confirmed["state"] == "CONFIRMED" and not confirmed["tickets"], "confirmed without tickets")
    _say(f"{booking['reference']} is confirmed and paid, and says that its tickets are pending.")
    await stage.pass_time(3 * 3600)
    ticketed = await _until(stage, booking["id"], "TICKETED")
    _say("Three hours later the gateway has asked again by itself: ticketed.")
    await _keep_tickets(stage, ticketed, tickets)


async def _price_moves(stage: Stage) -> None:
    found = await _search(stage, "AMS", "BCN")
    await stage.spoil("offers.get", "price_changed", percent=10)
    refused = await _reserve(stage, "moved", found["itineraries"][0], [_ADA], expect="PRICE_CHANGED")
    error = refused["errors"][0]
    moved = f"{_money(error['oldTotal'])} became {_money(error['newTotal'])}"
    _say(f"Refused with {error['code']}: {moved}, nothing was booked.")
    accepted = await _reserve(stage, "moved-accepted", {"offer": error["offer"]}, [_ADA])
    sure(accepted["booking"]["total"] == error["newTotal"], "the fresh offer is reserved at its price")
    _say(f"The fresh offer that came with the refusal is reserved at {_money(accepted['booking']['total'])}.")
    await stage.ask(ask.CANCEL, input={"idempotencyKey": "cancel-moved", "bookingId": accepted["booking"]["id"]})


async def _expiry(stage: Stage) -> None:
    found = await _search(stage, "JFK", "EWR")
    booking = (await _reserve(stage, "unpaid", found["itineraries"][0], [_ADA]))["booking"]
    _say(f"{booking['reference']} is held until {_when(booking['payBy'])}; nobody pays.")
    limit = datetime.fromisoformat(booking["payBy"]) - datetime.now(UTC)
    await stage.pass_time(int(limit.total_seconds()) + 60)
    await _until(stage, booking["id"], "EXPIRED")
    held = [hold for hold in (await stage.ledger())["holds"] if hold["state"] == "held"]
    sure(not held, "no hold is left at the airline")
    _say("At that minute the hold was given back to the airline, and the booking says EXPIRED.")
    late = await stage.ask(ask.PAY, input=_payment("unpaid", booking["id"]))
    error = late["pay"]["errors"][0]
    sure(error["code"] == "PAYMENT_TOO_LATE" and error["money"] == "NONE", "paying later is refused")
    _say(f"Paying now answers {error['code']} ({error['advice']}), and no money moved.")


async def _agree(stage: Stage) -> None:
    ledger = await stage.ledger()
    paid = [order for order in ledger["orders"] if order["state"] == "paid"]
    charges = [charge for charge in ledger["charges"] if charge["state"] == "succeeded"]
    sure(len(paid) == len(charges) == _PAID_ORDERS, "the paid orders are charged once each")
    sure(len(ledger["documents"]) == _TICKETS, "every traveller has one ticket")
    sure(
        not [order for order in ledger["orders"] if order["state"] not in {"paid", "cancelled", "expired"}],
        "no orphans",
    )
    counts = f"{len(ledger['orders'])} orders, {len(paid)} paid and each charged once, {_TICKETS} tickets"
    _say(f"The airline's ledger has {counts}, and no orphan.")


async def _search(
    stage: Stage, origin: str, destination: str, passengers: int = 1, *, there_and_back: bool = False
) -> Json:
    leaving = datetime.now(UTC).date() + _DAYS_AHEAD
    legs = [{"origin": origin, "destination": destination, "date": str(leaving)}]
    if there_and_back:
        legs.append({"origin": destination, "destination": origin, "date": str(leaving + _DAYS_THERE)})
    wanted = {"legs": legs, "passengers": [{"type": "ADULT"}] * passengers}
    found: Json = (await stage.ask(ask.SEARCH, input=wanted))["search"]
    sure(found["itineraries"], f"there are holdable itineraries from {origin} to {destination}")
    for outcome in found["carrierOutcomes"]:
        took = f"{outcome['status']} in {outcome['latencyMs']} ms, {found['totalCount']} itineraries"
        _say(f"{origin} to {destination}: {outcome['carrier']['name']} answers {took}.")
    return found


async def _reserve(stage: Stage, key: str, itinerary: Json, passengers: list[Json], expect: str | None = None) -> Json:
    wanted = {"idempotencyKey": f"reserve-{key}", "offers": [itinerary["offer"]], "passengers": passengers}
    payload: Json = (await stage.ask(ask.RESERVE, input=wanted))["reserve"]
    codes = [error["code"] for error in payload["errors"]]
    sure(codes == ([expect] if expect else []), f"reserve answers {expect or 'no error'}, not {payload['errors']}")
    return payload


async def _pay(stage: Stage, key: str, booking: str) -> None:
    payload = (await stage.ask(ask.PAY, input=_payment(key, booking)))["pay"]
    sure(not payload["errors"], f"the payment passes, not {payload['errors']}")


def _payment(key: str, booking: str) -> Json:
    return {"idempotencyKey": f"pay-{key}", "bookingId": booking, "method": {"onAccount": {"reference": f"INV-{key}"}}}


async def _shown(stage: Stage, booking: str) -> Json:
    shown: Json = (await stage.ask(ask.SHOW, id=booking))["booking"]
    return shown


async def _settled(stage: Stage, payload: Json) -> Json:
    """The booking once nothing about it is open any more."""
    booking: Json = payload["booking"]
    for _ in range(_PATIENCE_SECONDS * 2):
        if not booking["openOperations"]:
            return booking
        await asyncio.sleep(0.5)
        booking = await _shown(stage, booking["id"])
    sure(condition=False, claim=f"{booking['reference']} settles within {_PATIENCE_SECONDS} seconds")
    return booking


async def _until(stage: Stage, booking: str, state: str) -> Json:
    for _ in range(_PATIENCE_SECONDS * 2):
        shown = await _shown(stage, booking)
        if shown["state"] == state:
            return shown
        await asyncio.sleep(0.5)
    sure(condition=False, claim=f"the booking becomes {state} within {_PATIENCE_SECONDS} seconds")
    return {}


async def _keep_tickets(stage: Stage, booking: Json, folder: Path) -> None:
    for ticket in booking["tickets"]:
        content = await stage.fetch(ticket["pdfUrl"])
        sure(content.startswith(b"%PDF-"), "the ticket is a PDF")
        page = (await stage.fetch(ticket["verificationUrl"])).decode()
        sure("VALID" in page.upper(), "the code on the ticket says that it is valid")
        path = folder / f"{booking['reference']}-{ticket['number']}.pdf"
        path.write_bytes(content)
        name = f"{ticket['passenger']['givenName']} {ticket['passenger']['familyName']}"
        _say(f"Ticket {ticket['number']} for {name}: {path} ({len(content) // 1024} KB).")


async def _tell_account(stage: Stage) -> None:
    viewer = (await stage.ask(ask.ACCOUNT))["viewer"]
    for credit in viewer["credit"]:
        _say(f"{viewer['partner']['name']} owes {credit['owed']['amount']} of {_money(credit['limit'])} on account.")


def _tell_itinerary(itinerary: Json) -> None:
    price = itinerary["price"]
    for journey in itinerary["journeys"]:
        leaves = journey["departsAt"][:16].replace("T", " ")
        flights = [
            f"{leg['flight']} {leg['origin']['code']}-{leg['destination']['code']}" for leg in journey["segments"]
        ]
        _say(f"{leaves} local: {', '.join(flights)}, {journey['changes']} changes, {journey['duration']}.")
    fees = ", ".join(f"{fee['name']} {fee['amount']['amount']}" for fee in price["fees"])
    parts = f"fare {price['base']['amount']}, tax {price['tax']['amount']}, {fees}"
    _say(f"{_money(price['total'])}: {parts}; {itinerary['emissionsKg']} kg CO2.")


def _money(money: Json) -> str:
    return f"{money['amount']} {money['currency']}"


def _when(instant: str) -> str:
    return f"{datetime.fromisoformat(instant):%d %b %Y %H:%M} UTC"

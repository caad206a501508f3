"""What a client of the gateway does, for every chapter alike: search, reserve, pay, wait, and fetch the tickets."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from app.cli.demo import operations as ask
from app.cli.demo.stage import DemoError, Stage, sure
from app.cli.demo.telling import Json, say

T = TypeVar("T")

ADA: Json = {
    "title": "MS",
    "givenName": "Ada",
    "familyName": "Lovelace",
    "bornOn": "1990-12-10",
    "email": "ada@example.org",
    "phone": "+442080160508",
    "document": {"kind": "PASSPORT", "number": "925665416", "issuingCountry": "GB", "expiresOn": "2035-06-30"},
}
CHARLES: Json = ADA | {"title": "MR", "givenName": "Charles", "familyName": "Babbage", "bornOn": "1986-12-26"}
GRACE: Json = ADA | {"givenName": "Grace", "familyName": "Hopper", "bornOn": "1992-12-09"}
_DAYS_AHEAD = timedelta(days=45)
_DAYS_THERE = timedelta(days=9)
_TRIES = 300
_PAUSE_SECONDS = 0.2


async def search(
    stage: Stage, origin: str, destination: str, passengers: int = 1, *, there_and_back: bool = False
) -> Json:
    """Search, tell how each carrier answered, and answer the result; it has itineraries that can be held."""
    legs = await _legs(stage, origin, destination, there_and_back=there_and_back)
    found = await _found(stage, legs, passengers, {"holdable": True}, 3)
    for outcome in found["carrierOutcomes"]:
        took = f"{outcome['status']} in {outcome['latencyMs']} ms, {found['totalCount']} itineraries"
        say(f"{origin} to {destination}: {outcome['carrier']['name']} answers {took}.")
    return found


async def offered(stage: Stage, origin: str, destination: str, wanted: Json, *, first: int) -> Json:
    """The first itineraries that are `wanted`, for one adult."""
    return await _found(stage, await _legs(stage, origin, destination), 1, wanted, first)


async def _legs(stage: Stage, origin: str, destination: str, *, there_and_back: bool = False) -> list[Json]:
    leaving = (await stage.now()).date() + _DAYS_AHEAD
    legs = [{"origin": origin, "destination": destination, "date": str(leaving)}]
    if there_and_back:
        legs.append({"origin": destination, "destination": origin, "date": str(leaving + _DAYS_THERE)})
    return legs


async def _found(stage: Stage, legs: list[Json], passengers: int, wanted: Json, first: int) -> Json:
    search_input = {"legs": legs, "passengers": [{"type": "ADULT"}] * passengers}
    answer = await stage.ask(ask.SEARCH, input=search_input, filter=wanted, first=first)
    found: Json = answer["search"]
    sure(found["itineraries"], f"there are itineraries for {legs}")
    return found


async def reserve(stage: Stage, key: str, itinerary: Json, passengers: list[Json], expect: str | None = None) -> Json:
    """Reserve the itinerary under this key; the payload, with the `expect`ed error or none."""
    wanted = {"idempotencyKey": f"reserve-{key}", "offers": [itinerary["offer"]], "passengers": passengers}
    payload: Json = (await stage.ask(ask.RESERVE, input=wanted))["reserve"]
    codes = [error["code"] for error in payload["errors"]]
    sure(codes == ([expect] if expect else []), f"reserve answers {expect or 'no error'}, not {payload['errors']}")
    return payload


async def reserve_all(stage: Stage, key: str, itineraries: list[Json], passengers: list[Json]) -> Json:
    """One booking of several offers that waits to be paid."""
    offers = [itinerary["offer"] for itinerary in itineraries]
    wanted = {"idempotencyKey": f"reserve-{key}", "offers": offers, "passengers": passengers}
    payload = (await stage.ask(ask.RESERVE, input=wanted))["reserve"]
    sure(not payload["errors"] and payload["booking"]["state"] == "HELD", f"all is held, not {payload['errors']}")
    booking: Json = payload["booking"]
    return booking


async def held(stage: Stage, key: str, itinerary: Json, passengers: list[Json]) -> Json:
    """A booking that waits to be paid."""
    booking: Json = (await reserve(stage, key, itinerary, passengers))["booking"]
    sure(booking["state"] == "HELD", "the booking is held")
    return booking


async def pay(stage: Stage, key: str, booking: str) -> None:
    """Pay all of it on account."""
    payload = (await stage.ask(ask.PAY, input=payment(key, booking)))["pay"]
    sure(not payload["errors"], f"the payment passes, not {payload['errors']}")


def payment(key: str, booking: str) -> Json:
    """The input of a payment on account."""
    return {"idempotencyKey": f"pay-{key}", "bookingId": booking, "method": {"onAccount": {"reference": f"INV-{key}"}}}


async def cancel(stage: Stage, key: str, booking: str) -> None:
    """Give the hold back."""
    given_up = await stage.ask(ask.CANCEL, input={"idempotencyKey": f"cancel-{key}", "bookingId": booking})
    sure(given_up["cancel"]["booking"]["state"] == "CANCELLED", "the hold can be given back")


async def shown(stage: Stage, booking: str) -> Json:
    """The booking as it is now."""
    found: Json = (await stage.ask(ask.SHOW, id=booking))["booking"]
    return found


async def settled(stage: Stage, booking: str, begun: Callable[[Json], bool] = bool) -> Json:
    """The booking once it has `begun` to change, and nothing about it is open any more."""

    async def look() -> Json | None:
        found = await shown(stage, booking)
        return None if found["openOperations"] or not begun(found) else found

    return await eventually(look, "the booking settles")


async def until(stage: Stage, booking: str, state: str) -> Json:
    """The booking once it is in this state."""

    async def look() -> Json | None:
        found = await shown(stage, booking)
        return found if found["state"] == state else None

    return await eventually(look, f"the booking becomes {state}")


async def eventually(look: Callable[[], Awaitable[T | None]], claim: str) -> T:
    """What `look` finds once it finds something; DemoError with the claim when that takes a minute."""
    for _ in range(_TRIES):
        if (found := await look()) is not None:
            return found
        await asyncio.sleep(_PAUSE_SECONDS)
    raise DemoError(f"This should be true within a minute and is not: {claim}")


async def keep_tickets(stage: Stage, booking: Json, folder: Path, what: str = "Ticket") -> None:
    """Keep the booking's valid tickets in the folder, each once its code says that it is; `what` is their name."""
    for ticket in [ticket for ticket in booking["tickets"] if ticket["status"] == "VALID"]:
        content = await stage.fetch(ticket["pdfUrl"])
        sure(content.startswith(b"%PDF-"), "the ticket is a PDF")
        page = (await stage.fetch(ticket["verificationUrl"])).decode()
        sure("VALID" in page.upper(), "the code on the ticket says that it is valid")
        path = folder / f"{booking['reference']}-{ticket['number']}.pdf"
        path.write_bytes(content)
        name = f"{ticket['passenger']['givenName']} {ticket['passenger']['familyName']}"
        say(f"{what} {ticket['number']} for {name}: {path} ({len(content) // 1024} KB).")

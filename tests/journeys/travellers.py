"""What travellers do, in the words of the GraphQL operations that the demo uses."""

from datetime import UTC, datetime, timedelta

from app.cli.demo import operations

ADA = {
    "title": "MS",
    "givenName": "Ada",
    "familyName": "Lovelace",
    "bornOn": "1990-12-10",
    "email": "ada@example.org",
    "phone": "+442080160508",
}
GRACE = ADA | {"givenName": "Grace", "familyName": "Hopper"}


async def found(town, *, passengers=1, days=40):
    """The cheapest holdable itinerary from New York to Newark on that day."""
    date = datetime.now(UTC).date() + timedelta(days=days)
    legs = [{"origin": "JFK", "destination": "EWR", "date": str(date)}]
    wanted = {"legs": legs, "passengers": [{"type": "ADULT"}] * passengers}
    return (await town.ask(operations.SEARCH, input=wanted))["search"]["itineraries"][0]


async def reserve(town, key, itinerary, *people):
    wanted = {"idempotencyKey": key, "offers": [itinerary["offer"]], "passengers": list(people or (ADA,))}
    return (await town.ask(operations.RESERVE, input=wanted))["reserve"]


async def held(town, key="r1", *people):
    """A booking that is held."""
    payload = await reserve(town, key, await found(town, passengers=len(people) or 1), *people)
    assert payload["errors"] == [] and payload["booking"]["state"] == "HELD", payload
    return payload["booking"]


async def pay(town, key, booking):
    wanted = {"idempotencyKey": key, "bookingId": booking["id"], "method": {"onAccount": {"reference": "INV-1"}}}
    return (await town.ask(operations.PAY, input=wanted))["pay"]


async def shown(town, booking):
    return (await town.ask(operations.SHOW, id=booking["id"]))["booking"]

"""From search to ticket and back, as clients, carriers and passers-by see it: over real ports."""

import asyncio
from datetime import UTC, datetime

import jwt
import pytest

from app.cli.demo.stage import DemoError
from app.web.access import AUDIENCE
from tests.journeys.conftest import ACME, OTHER
from tests.journeys.travellers import ADA, GRACE, found, held, pay, reserve, shown

NODE = "query ($id: ID!) { node(id: $id) { id } bookings(first: 10) { nodes { id } } }"


async def test_search_reserve_pay_and_print_the_tickets(town):
    booking = await held(town, "r1", ADA, GRACE)
    paid = await pay(town, "p1", booking)
    assert paid["errors"] == [] and paid["booking"]["state"] == "TICKETED", paid
    final = await shown(town, booking)
    assert final["paymentState"] == "PAID" and final["balance"]["amount"] == "0.00"
    assert {ticket["passenger"]["givenName"] for ticket in final["tickets"]} == {"Ada", "Grace"}

    ledger = await town.ledger()
    assert [order["state"] for order in ledger["orders"]] == ["paid"] and len(ledger["charges"]) == 1
    assert sorted(document["number"] for document in ledger["documents"]) == sorted(
        ticket["number"] for ticket in final["tickets"]
    )

    # As a browser opens them: nothing but the address.
    first = final["tickets"][0]
    assert (await town.fetch(first["pdfUrl"])).startswith(b"%PDF-")
    page = (await town.fetch(first["verificationUrl"])).decode()
    assert "valid for travel" in page and "Lovelace" not in page and first["number"] not in page
    async with town.http.get(first["pdfUrl"].replace(".pdf", "x.pdf")) as answer:
        assert answer.status == 404


@pytest.mark.proof
async def test_an_unpaid_hold_is_given_back_when_its_time_has_come(town):
    booking = await held(town)
    left = datetime.fromisoformat(booking["payBy"]) - datetime.now(UTC)
    await town.pass_time(int(left.total_seconds()) + 60)
    async with asyncio.timeout(8):
        while (await shown(town, booking))["state"] != "EXPIRED":
            await asyncio.sleep(0.05)
    assert {hold["state"] for hold in (await town.ledger())["holds"]} <= {"cancelled", "expired"}
    late = await pay(town, "p1", booking)
    assert [error["code"] for error in late["errors"]] == ["PAYMENT_TOO_LATE"]
    assert (await town.ledger())["charges"] == []


@pytest.mark.proof
async def test_an_order_that_was_only_accepted_at_first_is_held_once_it_exists(town):
    itinerary = await found(town)
    await town.spoil("orders.create", "accepted_202_created", seconds=0.3)
    payload = await reserve(town, "r1", itinerary)
    assert payload["booking"]["state"] == "HELD" and payload["operation"]["state"] == "DONE"
    (order,) = (await town.ledger())["orders"]
    assert order["booking_reference"] == payload["booking"]["items"][0]["carrierReference"]


@pytest.mark.proof
async def test_a_webhook_tells_that_an_accepted_order_was_never_made(town):
    itinerary = await found(town)
    await town.spoil("orders.create", "accepted_202_failed", seconds=0.3)
    # An order that cannot be found might still come for an hour here: only the webhook can know.
    payload = await reserve(town, "r1", itinerary)
    assert [error["code"] for error in payload["errors"]] == ["CARRIER_REFUSED"]
    assert payload["booking"]["state"] == "REJECTED" and payload["operation"]["state"] == "REFUSED"


async def test_an_unsigned_webhook_is_turned_away(town):
    async with town.http.post(f"{town.gateway}/carriers/duffel/webhooks", json={"type": "order.created"}) as answer:
        assert answer.status == 401


async def test_another_partner_does_not_even_learn_that_a_booking_exists(town):
    booking = await held(town)
    stranger = town.as_seen_by(town.token_of(OTHER))
    assert await stranger.ask(NODE, id=booking["id"]) == {"node": None, "bookings": {"nodes": []}}
    refused = await pay(stranger, "p1", booking)
    unknown = await pay(stranger, "p2", {"id": "bk_nobody"})
    assert [error["code"] for error in refused["errors"]] == ["NOT_FOUND"] and refused["booking"] is None
    assert refused["errors"] == unknown["errors"]
    assert (await town.ask(NODE, id=booking["id"]))["bookings"]["nodes"] == [{"id": booking["id"]}]


async def test_a_token_without_the_scope_may_search_and_not_book(town):
    reader = town.as_seen_by(town.token_of(ACME, "search"))
    itinerary = await found(reader)
    with pytest.raises(DemoError, match="FORBIDDEN"):
        await reserve(reader, "r1", itinerary)
    assert (await town.ledger())["orders"] == []


async def test_the_published_keys_verify_our_tokens_and_tell_no_secret(town):
    async with town.http.get(f"{town.gateway}/.well-known/jwks.json") as answer:
        published = await answer.json()
    assert published["keys"] and not any("d" in key for key in published["keys"])
    wanted = jwt.get_unverified_header(town.token)["kid"]
    key = next(key for key in jwt.PyJWKSet.from_dict(published).keys if key.key_id == wanted)
    claims = jwt.decode(town.token, key.key, algorithms=["ES256"], audience=AUDIENCE, issuer=town.settings.public_url)
    assert claims["sub"] == ACME.id and claims["scope"] == "search book refund"

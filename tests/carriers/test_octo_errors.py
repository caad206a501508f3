"""OCTO's codes and statuses, one by one: only what is documented becomes a Refusal, and nothing personal leaks."""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.errors import Refusal, Trouble, Unknown
from app.domain.refusals import CarrierRefused, NotFound, OfferExpired, SoldOut
from app.domain.tours import DepartureStatus
from app.wire.messages import Response
from carriers.contract import OrderState
from carriers.octo.errors import MEANINGS, Meaning
from carriers.octo.statuses import AVAILABILITY, ORDERS
from tests.carriers.contract import Desk
from tests.carriers.test_octo_bookings import Shop
from tests.carriers.worlds import SandboxTransport

DOCUMENT = Path(__file__).parents[2] / "docs" / "carriers.md"
NAME = "Earhart"


def no(code, status=400):
    return Response(status=status, body=json.dumps({"error": code, "errorMessage": f"{NAME} may not"}).encode())


@dataclass
class Canned(SandboxTransport):
    """Answers what a test says, by method and the end of the path; with `effect` the world acts all the same."""

    def __post_init__(self):
        self.instead = {}
        self.effect = False

    async def send(self, request, timeout: timedelta):
        known = next((at for at in self.instead if request.method == at[0] and request.url.endswith(at[1])), None)
        if known is None:
            return await super().send(request, timeout)
        if self.effect:
            await super().send(request, timeout)
        return self.instead[known]


@pytest.fixture
def shop():
    return Shop.opened(Canned)


async def raised(attempt) -> Exception:
    with pytest.raises((Refusal, Trouble, Unknown)) as caught:
        await attempt
    assert NAME not in f"{caught.value!r} {caught.value} {caught.value.__cause__!r} {vars(caught.value)}"
    return caught.value


CODES = [
    ("INVALID_PRODUCT_ID", OfferExpired),
    ("INVALID_OPTION_ID", OfferExpired),
    ("INVALID_UNIT_ID", OfferExpired),
    ("INVALID_AVAILABILITY_ID", OfferExpired),
    ("UNPROCESSABLE_ENTITY", SoldOut),
    ("BAD_REQUEST", Trouble),
    ("UNAUTHORIZED", Trouble),
    ("FORBIDDEN", Trouble),
    ("INTERNAL_SERVER_ERROR", Unknown),
    ("A_CODE_OF_TOMORROW", Trouble),
    ("", Trouble),
]


@pytest.mark.parametrize(("code", "kind"), CODES)
async def test_each_code_of_a_hold(shop, code, kind):
    offer = await shop.stay()
    shop.wire.instead["POST", "/bookings/"] = no(code)
    assert type(await raised(shop.hold(offer))) is kind


@pytest.mark.parametrize("code", [*MEANINGS, "BAD_REQUEST", ""])
@pytest.mark.parametrize("status", [500, 502, 503])
async def test_no_code_vouches_for_a_server_error(shop, code, status):
    offer = await shop.stay()
    shop.wire.instead["POST", "/bookings/"] = no(code, status)
    assert type(await raised(shop.hold(offer))) is Unknown


@pytest.mark.parametrize("status", [401, 403])
async def test_a_token_that_is_not_taken_is_trouble_and_never_shown(shop, status):
    offer = await shop.stay()
    shop.wire.instead["POST", "/bookings/"] = no("", status)
    trouble = await raised(shop.hold(offer))
    assert (type(trouble), "octo_sandbox" in str(trouble)) == (Trouble, False)


async def test_a_uuid_that_is_in_use_is_our_own_attempt_with_other_travellers(shop):
    offer = await shop.stay()
    held = await shop.hold(offer)
    assert await shop.hold(offer, given_name="Amelie") == held
    assert len(shop.world.ledger()["bookings"]) == 1


@pytest.mark.parametrize(("code", "kind"), [*CODES[:4], ("INVALID_BOOKING_UUID", NotFound), CODES[8]])
async def test_each_code_of_a_read(shop, code, kind):
    shop.wire.instead["GET", "/bookings/anything"] = no(code)
    expected = Trouble if kind is Unknown else kind
    assert type(await raised(shop.carrier.order("anything"))) is expected


async def test_a_confirmation_that_is_refused_while_the_hold_stands_is_the_operators_no(shop):
    held = await shop.hold(await shop.stay())
    shop.wire.instead["POST", "/confirm"] = no("UNPROCESSABLE_ENTITY")
    refused = await raised(shop.pay(held))
    assert (type(refused), refused.reason) == (CarrierRefused, "UNPROCESSABLE_ENTITY")


@pytest.mark.parametrize("code", ["UNPROCESSABLE_ENTITY", "INVALID_BOOKING_UUID"])
async def test_a_no_to_what_was_done_is_success(shop, code):
    held = await shop.hold(await shop.stay())
    shop.wire.effect = True
    shop.wire.instead["POST", "/confirm"] = no(code)
    assert (await shop.pay(held)).state is OrderState.CONFIRMED
    shop.wire.instead["POST", "/cancel"] = no("UNPROCESSABLE_ENTITY")
    assert (await shop.cancel(held)).refund


async def test_a_no_that_cannot_be_looked_into_is_unknown(shop):
    held = await shop.hold(await shop.stay())
    shop.wire.instead |= {("POST", "/cancel"): no("UNPROCESSABLE_ENTITY"), ("GET", held.ref): no("BAD_REQUEST")}
    assert type(await raised(shop.cancel(held))) is Unknown


@pytest.mark.parametrize("body", [b"", b"<html>", b"1", b'{"uuid": "x"}', b"{"])
async def test_an_answer_that_cannot_be_read_is_unknown_to_a_write_and_trouble_to_a_read(shop, body):
    offer = await shop.stay()
    answer = Response(status=200, headers={"octo-capabilities": "octo/pricing"}, body=body)
    shop.wire.instead |= {("POST", "/bookings/"): answer, ("GET", "/bookings/x"): answer}
    assert type(await raised(shop.hold(offer))) is Unknown
    assert type(await raised(shop.carrier.order("x"))) is Trouble


async def test_what_the_operator_lists_and_cannot_be_read_hides_no_other(shop):
    held = await shop.hold(await shop.stay())
    good = json.loads((await shop.wire.send(await _listing(shop), timedelta(seconds=1))).body)
    body = json.dumps([{"uuid": "x"}, *good]).encode()
    told = {"octo-capabilities": "octo/content, octo/pricing, faregate/departures"}
    shop.wire.instead["GET", "/bookings/"] = Response(status=200, headers=told, body=body)
    assert [entry.order for entry in await shop.carrier.orders(since=shop.clock.now())] == [held]


async def _listing(shop: Desk):
    await shop.carrier.orders(since=shop.clock.now())
    return shop.wire.sent[-1]


def tables():
    """The rows of the document's tables, by their first cell's code."""
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \| (.+) \|$", DOCUMENT.read_text(), re.MULTILINE)
    return {code: row for cell, row in rows for code in re.findall(r"`(\w+)`", cell)}


@pytest.mark.parametrize("code", MEANINGS)
def test_every_code_has_a_row_in_the_document(code):
    words = {Meaning.OFFER_GONE: "`OFFER_EXPIRED`", Meaning.NOT_FOUND: "`NOT_FOUND`", Meaning.REFUSED: "`SOLD_OUT`"}
    assert words[MEANINGS[code]] in tables()[code]


@pytest.mark.parametrize(("status", "means"), [*ORDERS.items(), *AVAILABILITY.items()])
def test_every_status_has_a_row_in_the_document(status, means):
    name = "released" if means is OrderState.CANCELLED else means.lower().replace("_", " ")
    assert name in tables()[status].lower()


def test_the_statuses_are_all_that_octo_has():
    assert set(ORDERS) == {"ON_HOLD", "CONFIRMED", "EXPIRED", "CANCELLED", "REDEEMED", "PENDING", "REJECTED"}
    assert set(AVAILABILITY) == {"AVAILABLE", "FREESALE", "SOLD_OUT", "LIMITED", "CLOSED"}
    assert set(AVAILABILITY.values()) < set(DepartureStatus)

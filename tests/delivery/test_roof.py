"""The composed gateway carries deliveries by itself, over real connections, and verifiably with its published keys."""

import json
from datetime import UTC, datetime
from functools import partial

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from app.booking.facts import Author, tell
from app.delivery.endpoints import NewEndpoint, add_endpoint, give_secret
from app.domain.events import EventKind
from app.domain.ids import RandomIds
from app.domain.money import Money
from app.main import opened
from app.settings import Settings
from app.signing.jwks import read_keys
from app.signing.jws import Expected, read_header, verified
from app.store.delivery_tables import EndpointFormat
from app.store.partners import save_partner
from app.store.tables import BookingRow, PaymentMethod, PaymentRow
from tests.booking.house import PARTNER
from tests.ports import site

NOW = datetime.now(UTC)


def captured(gateway, origin, session):
    """A booking paid by card, and an endpoint of each format; the secret of the one that has any."""
    save_partner(session, PARTNER, NOW)
    session.flush()
    facts = {"partner_id": PARTNER.id, "currency": "GBP", "created_at": NOW}
    session.add(BookingRow(id="bk_1", reference="K7PX4M", state="TICKETED", total_minor=100, **facts))
    session.flush()
    session.add(PaymentRow(id="py_1", booking_id="bk_1", operation_id="op_1", method="CARD", amount_minor=100, **facts))
    secret = ""
    for form in EndpointFormat:
        wish = NewEndpoint(partner_id=PARTNER.id, url=f"{origin}/{form}", format=form)
        row = add_endpoint(session, wish, RandomIds(), NOW)
        secret = give_secret(row, gateway.keys.sealer, NOW) if form is EndpointFormat.STANDARD_WEBHOOKS else secret
    author = Author(partner_id=PARTNER.id, booking_id="bk_1", operation_id="op_1", actor="system")
    amount, method = Money(100, "GBP"), PaymentMethod.CARD
    tell(session, author, EventKind.PAYMENT_CAPTURED, NOW, amount=amount, method=method, payment="py_1")
    return secret


@pytest.fixture
async def backend():
    """A partner's backend on a real port: its origin, and what it heard by path."""
    heard = {}

    async def hear(request):
        heard[request.path] = (dict(request.headers), await request.read())
        return web.Response(status=202)

    application = web.Application()
    application.router.add_post("/{tail:.*}", hear)
    async with site(application) as origin:
        yield origin, heard


async def test_what_happens_reaches_the_partners_backend(backend, tmp_path):
    origin, heard = backend
    settings = Settings(profile="development", data_dir=tmp_path)
    async with opened(settings) as gateway:
        secret = await gateway.store.write(partial(captured, gateway, origin))
        await gateway.desk.runner.tick()
        await gateway.courier.rest()
        keys = read_keys(json.dumps(gateway.keys.keyring.jwks()).encode())
    headers, body = heard["/STANDARD_WEBHOOKS"]
    assert Webhook(secret).verify(body, headers)["type"] == "payment.captured"
    callback = json.loads(heard["/PAYMENT_CALLBACK"][1])
    token = callback["authToken"]
    header = read_header(token)
    expected = Expected(types=("payment-callback+jwt",), issuer=settings.public_url, audience=origin)
    assert verified(token, header, keys[header.kid], expected, datetime.now(UTC))["event"].startswith("dl_")
    assert (callback["amount"], callback["sellingCompany"]) == ("1.00", "FAREGATE")

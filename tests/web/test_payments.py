"""Callbacks over HTTP, and what a card form's page may read: every answer, and what is never told."""

import json
import logging
from datetime import timedelta

import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.responses import Response

from app.domain.errors import Trouble
from app.domain.refusals import InvalidInput
from app.signing.links import PaymentLinks
from app.signing.sealing import Sealer
from app.store.tables import InboxRow, PaymentRow
from app.web.payments import LONGEST_BODY, origin, payment_routes
from tests.booking.house import SECRET, House
from tests.booking.paying import deliver, open_form, payment_of, submit
from tests.payments.worlds import callbacks, listen

CALLBACKS = "/payments/sandbox/callbacks"
PRIVATE = {"cache-control": "no-store", "vary": "Origin", "referrer-policy": "no-referrer"}
HOME = "http://payments.sandbox"


@pytest.fixture
async def house():
    house = await House().open()
    listen(house.bank)
    return house


@pytest.fixture
async def form(house):
    held = await house.reserve()
    return await payment_of(house, await open_form(house, held.booking_id))


@pytest.fixture
def paid(house, form):
    """The callback that tells of a card in the form; headers and body."""
    submit(house, form)
    (callback,) = callbacks(house.bank)
    return callback


async def ask(house, method, path, headers=None, parts=(b"",)):
    """One request over ASGI, its body in these parts."""
    named = [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
    scope = {"type": "http", "method": method, "path": path, "headers": named, "query_string": b"", "root_path": ""}
    coming = [{"type": "http.request", "body": part, "more_body": True} for part in parts if part is not None]
    coming += [] if None in parts else [{"type": "http.request", "body": b"", "more_body": False}]
    sent = []

    async def receive():
        return coming.pop(0) if coming else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    await Starlette(routes=payment_routes(house.desk))(scope, receive, send)
    answer = Response(b"".join(part.get("body", b"") for part in sent[1:]), status_code=sent[0]["status"])
    answer.raw_headers = sent[0]["headers"]
    return answer


async def post(house, headers, body, path=CALLBACKS):
    return await ask(house, "POST", path, headers, (body[:10], body[10:]))


def told(answer):
    return answer.status_code, json.loads(answer.body)


def outcome_path(house, form, **changed):
    links = house.desk.tools.payment_links
    ids = {"payment_id": form.id, "partner_id": form.partner_id} | changed
    return links.outcome(**ids).removeprefix("https://gateway.test")


class TestCallbacks:
    async def test_heard_and_heard_before(self, house, paid):
        assert told(await post(house, *paid)) == (200, {"message": "Heard."})
        assert told(await post(house, *paid)) == (200, {"message": "Heard before."})
        await house.runner.drain()
        (payment,) = await house.rows(select(PaymentRow))
        assert payment.status == "CAPTURED"

    async def test_a_changed_or_unsigned_one_is_not_authentic(self, house, paid):
        headers, body = paid
        for one in ((headers, body + b" "), ({}, body), ({"Payment-Signature": "é.é.é"}, body), ({}, b"")):
            assert told(await post(house, *one)) == (401, {"message": "The signature is not valid."})
        assert await house.rows(select(InboxRow)) == []

    @pytest.mark.parametrize("name", ["nobody", "SANDBOX", "duffel", "%00"])
    async def test_a_provider_that_is_not_here(self, house, paid, name):
        answer = await post(house, *paid, path=f"/payments/{name}/callbacks")
        assert told(answer) == (404, {"message": "There is no such payment provider here."})

    async def test_one_too_large_is_not_read_to_its_end(self, house):
        parts = [b"x" * LONGEST_BODY, b"x", None]
        assert (await ask(house, "POST", CALLBACKS, {}, parts)).status_code == 413

    async def test_one_that_breaks_off_is_answered_to_nobody(self, house, paid):
        headers, body = paid
        assert (await ask(house, "POST", CALLBACKS, headers, (body[:10], None))).status_code == 400
        assert await house.rows(select(InboxRow)) == []

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    async def test_it_is_posted_only(self, house, method):
        assert (await ask(house, method, CALLBACKS)).status_code == 405

    @pytest.mark.parametrize(
        ("error", "status"), [(InvalidInput(message="no"), 400), (Trouble("no keys"), 503)], ids=["unreadable", "later"]
    )
    async def test_what_the_provider_cannot_read_or_verify_now(self, house, paid, error, status, monkeypatch):
        async def hear(_headers, _body):
            raise error

        monkeypatch.setattr(house.provider, "hear", hear)
        answer = await post(house, *paid)
        assert answer.status_code == status
        assert (answer.headers.get("retry-after") is not None) == (status == 503)

    @pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'{"kind": 1}', b"\xff", b"[" * 9_000, b'"\\ud800"'])
    async def test_rubbish_that_is_signed_is_an_answer_and_no_fault(self, house, body, monkeypatch):
        async def believed(_token, _body, _now):
            return {"event": "ev_1", "jti": "j_1"}

        monkeypatch.setattr(house.provider._verifier, "verify", believed)
        assert (await post(house, {}, body)).status_code in {400, 401}
        assert await house.rows(select(InboxRow)) == []

    async def test_nothing_of_it_is_logged(self, house, paid, caplog):
        headers, body = paid
        with caplog.at_level(logging.DEBUG):
            await post(house, headers, body)
            await post(house, headers, body + b"4242424242424242")
        assert "not authentic: signed for another body" in caplog.text
        for secret in ("4242424242424242", headers["Payment-Signature"], json.loads(body)["charge"]):
            assert secret not in caplog.text


class TestOutcomes:
    async def test_the_forms_origin_alone_may_read_it(self, house, form):
        answer = await ask(house, "GET", outcome_path(house, form), {"Origin": "https://elsewhere.test"})
        assert answer.headers["access-control-allow-origin"] == HOME
        assert PRIVATE.items() <= dict(answer.headers).items()
        assert "access-control-allow-credentials" not in answer.headers

    async def test_the_documented_fields_from_the_form_to_the_ticket(self, house, form):
        path = outcome_path(house, form)
        waiting = {
            "type": "FaregatePaymentResponse",
            "paymentSuccessful": None,
            "paymentStatus": None,
            "amountPaid": "0.00",
            "currency": form.currency,
            "bookingId": form.booking_id,
            "final": False,
        }
        assert told(await ask(house, "GET", path)) == (200, waiting)
        submit(house, form, "declined")
        await deliver(house)
        assert told(await ask(house, "GET", path)) == (200, waiting | {"paymentSuccessful": "false"})
        submit(house, form)
        await deliver(house)
        paid = {"paymentSuccessful": "true", "paymentStatus": "SUCCESS", "final": True}
        amount = f"{form.amount_minor // 100}.{form.amount_minor % 100:02}"
        assert told(await ask(house, "GET", path)) == (200, waiting | paid | {"amountPaid": amount})

    async def test_a_browser_that_asks_first_is_told_the_same_origin(self, house, form):
        answer = await ask(house, "OPTIONS", outcome_path(house, form), {"Origin": HOME})
        assert (answer.status_code, answer.body) == (204, b"")
        assert answer.headers["access-control-allow-origin"] == HOME
        assert answer.headers["access-control-allow-methods"] == "GET"

    async def test_without_a_form_nobody_elsewhere_may_read_it(self, house, form):
        await house.store.write(lambda session: setattr(session.get_one(PaymentRow, form.id), "form_url", None))
        answer = await ask(house, "GET", outcome_path(house, form))
        assert answer.status_code == 200 and "access-control-allow-origin" not in answer.headers

    @pytest.mark.parametrize("method", ["GET", "OPTIONS"])
    async def test_a_link_that_opens_nothing(self, house, form, method):
        good, links = outcome_path(house, form), house.desk.tools.payment_links
        forged = PaymentLinks(Sealer([b"x" * 32]), house.clock, "").outcome(form.id, form.partner_id)
        unknown = outcome_path(house, form, payment_id="py_none")
        foreign = outcome_path(house, form, partner_id="pa_2")
        ticket = "/payments/outcomes/" + Sealer([SECRET]).seal(
            "ticket-pdf", {"payment": form.id, "partner": "pa_1"}, {}
        )
        assert links.open_outcome(good.rpartition("/")[2]).payment_id == form.id
        for path in (good[:-2], good + "A", forged, unknown, foreign, ticket, "/payments/outcomes/x"):
            answer = await ask(house, method, path, {"Origin": HOME})
            assert told(answer) == (404, {"message": "There is no such payment."})
            assert "access-control-allow-origin" not in answer.headers

    async def test_a_link_ends_after_a_day(self, house, form):
        path = outcome_path(house, form)
        house.clock.advance(timedelta(days=1))
        assert (await ask(house, "GET", path)).status_code == 404


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://pay.example/form/x?y=1#z", "https://pay.example"),
        ("https://PAY.example:443/form", "https://pay.example"),
        ("http://pay.example:80", "http://pay.example"),
        ("http://pay.example:443/", "http://pay.example:443"),
        ("http://127.0.0.1:8101/pay/s", "http://127.0.0.1:8101"),
        ("http://[::1]:8101/pay/s", "http://[::1]:8101"),
        ("https://user:word@pay.example/", "https://pay.example"),
    ],
)
def test_an_origin_is_spelled_as_browsers_do(url, expected):
    assert origin(url) == expected

"""Standard Webhooks, verified by their own library."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import select
from standardwebhooks import Webhook, WebhookVerificationError, webhooks

from app.delivery.endpoints import NoSecretError, endpoints, give_secret
from app.delivery.secrets import OVERLAP
from app.delivery.webhook import event_type
from app.domain.events import EventKind
from app.store.delivery_tables import EndpointRow
from tests.booking.house import PARTNER
from tests.delivery.office import CALLBACK, HOOK

HELD, CAPTURED = (EventKind.BOOKING_HELD,), (EventKind.PAYMENT_CAPTURED,)


@pytest.fixture(autouse=True)
def library_time(office, monkeypatch):
    """The library asks the wall for the time; here it asks the office's clock."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return office.house.clock.now()

    monkeypatch.setattr(webhooks, "datetime", Clock)


def verified(secret, request):
    return Webhook(secret).verify(request.body, dict(request.headers))


async def rotate(office, name):
    def body(session):
        (row,) = (row for row in endpoints(session, PARTNER.id) if row.id == name)
        return give_secret(row, office.sealer, office.house.clock.now())

    return await office.house.store.write(body)


async def test_the_library_verifies_it_and_reads_what_happened(office, booked):
    _, secret = await office.endpoint(events=CAPTURED)
    payment = await office.paid(booked)
    await office.tick()
    (request,) = office.backends.posts[HOOK]
    (row,) = await office.deliveries()
    assert verified(secret, request) == {
        "type": "payment.captured",
        "timestamp": "2026-03-01T09:00:00Z",
        "data": {
            "bookingId": booked,
            "reference": (await office.house.booking(booked)).reference,
            "eventKind": "PAYMENT_CAPTURED",
            "operationId": "op_x",
            "facts": {"amount": {"amount": "123.45", "currency": "GBP"}, "method": "CARD", "payment": payment},
        },
    }
    assert request.headers["webhook-id"] == row.id
    assert request.headers["content-type"] == "application/json"
    assert request.method == "POST"


async def test_a_changed_body_a_strange_secret_and_an_old_message_are_refused(office, booked):
    _, secret = await office.endpoint(events=HELD)
    _, strange = await office.endpoint("https://other.example/", events=HELD)
    await office.tick()
    (request,) = office.backends.posts[HOOK]
    headers = dict(request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(request.body.replace(b"held", b"paid"), headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(strange).verify(request.body, headers)
    office.house.clock.advance(timedelta(minutes=6))
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(secret).verify(request.body, headers)


async def test_every_attempt_is_signed_for_its_own_time(office, booked):
    _, secret = await office.endpoint(events=HELD)
    office.backends.answers[HOOK] = [500, 500]
    await office.tick()
    await office.later(timedelta(seconds=5))
    await office.later(timedelta(minutes=5))
    first, *_, last = office.backends.posts[HOOK]
    assert int(last.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 305
    assert verified(secret, last)["type"] == "booking.held"


async def test_after_a_rotation_both_secrets_verify_for_a_day_and_then_the_new_one_alone(office, booked):
    name, old = await office.endpoint()
    new = await rotate(office, name)
    await office.tick()
    for request in office.backends.posts[HOOK]:
        assert verified(old, request) == verified(new, request)
    office.house.clock.advance(OVERLAP)
    await office.house.cancel(booked)
    await office.tick()
    request = office.backends.posts[HOOK][-1]
    assert verified(new, request)["type"] == "item.cancelled"
    with pytest.raises(WebhookVerificationError):
        verified(old, request)


async def test_secrets_are_sealed_where_they_are_kept(office):
    name, secret = await office.endpoint()
    (row,) = await office.house.rows(select(EndpointRow))
    assert row.id == name and secret.startswith("whsec_")
    assert secret.removeprefix("whsec_") not in row.secret


async def test_a_payment_callback_has_no_secret(office):
    name, _ = await office.callback()
    with pytest.raises(NoSecretError):
        await rotate(office, name)
    assert [row.secret for row in await office.house.rows(select(EndpointRow).where(EndpointRow.url == CALLBACK))] == [
        None
    ]


def test_names_of_events_are_their_kinds_with_the_first_word_as_subject():
    assert [event_type(kind) for kind in ("BOOKING_HELD", "PAYMENT_DUE_SOON")] == ["booking.held", "payment.due_soon"]
    assert len({event_type(kind) for kind in EventKind}) == len(EventKind)

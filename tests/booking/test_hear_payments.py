"""What payment providers tell by themselves: a hint to look, whenever and however often it comes."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlmodel import select

from app.booking.hear_payments import _check_tokens, hear_payment, heard_already
from app.domain.errors import Access
from app.domain.recovery import Lost, Recovery
from app.domain.refusals import InvalidInput
from app.payments.contract import HeardPayment, PaymentVerb, ProviderProfile
from app.payments.registry import UnknownProviderError
from app.signing.encoding import from_text
from app.signing.errors import TokenInvalid
from app.store.tables import InboxRow, PaymentStatus
from tests.booking.house import House
from tests.booking.judge import judge
from tests.booking.paying import charges, open_form, payment_of, payments, submit
from tests.payments.worlds import callbacks, listen

EVENT = HeardPayment(event="ev_1", kind="payment.authorised", charge="ch_1", jti="j_1")


class Told:
    """A provider whose callbacks say whatever a test wants, and are always authentic."""

    def __init__(self, code="told"):
        recovery = dict.fromkeys(PaymentVerb, Recovery(lost=Lost.IDEMPOTENT))
        self.profile = ProviderProfile(
            code=code,
            name="Told",
            family="told",
            recovery=recovery,
            write_deadline=timedelta(seconds=10),
            refund_arrival=timedelta(days=3),
        )
        self.says = [EVENT]

    async def hear(self, headers, body):
        return list(headers.get("says", self.says))


def jti(headers):
    """The id of the token in these headers."""
    return json.loads(from_text(headers["Payment-Signature"].split(".")[1]))["jti"]


async def inbox(house):
    return await house.rows(select(InboxRow).where(InboxRow.source == "payments:sandbox"))


async def form_of(house):
    """A form that waits for its payer, for a held booking; its provider calls back."""
    listen(house.bank)
    held = await house.reserve()
    return await payment_of(house, await open_form(house, held.booking_id))


async def hear(house, headers, body):
    return await hear_payment(house.desk, "sandbox", headers, body)


async def only_payment(house):
    (row,) = await payments(house)
    return row


@pytest.fixture
async def form(house):
    return await form_of(house)


@pytest.fixture
async def paid(house, form):
    """The callback that tells of a card in the form; headers and body."""
    submit(house, form)
    (callback,) = callbacks(house.bank)
    return callback


@pytest.fixture
async def told():
    """A house with two providers whose callbacks say whatever the test wants."""
    return await House(cards=(Told(), Told("other"))).open()


async def tell(house, *events, provider="told"):
    return await hear_payment(house.desk, provider, {"says": events}, b"")


async def test_news_of_a_card_has_the_charge_looked_at_in_this_instant(house, paid):
    assert (await only_payment(house)).check_at > house.clock.now()
    assert await hear(house, *paid) == 1
    assert (await only_payment(house)).check_at == house.clock.now()
    await house.runner.drain()
    row = await only_payment(house)
    assert row.status == PaymentStatus.CAPTURED and charges(house) == [("captured", row.amount_minor)]
    await judge(house)


async def test_news_wakes_the_runner_that_would_look_an_hour_later(house, paid):
    serving = asyncio.create_task(house.runner.serve(3600))
    try:
        await asyncio.sleep(0)
        await hear(house, *paid)
        async with asyncio.timeout(10):
            while (await only_payment(house)).status != PaymentStatus.CAPTURED:
                await asyncio.sleep(0)
    finally:
        serving.cancel()
        await house.runner.stop()


async def test_the_same_news_twice_is_one(house, paid):
    assert [await hear(house, *paid), await hear(house, *paid)] == [1, 0]
    await house.runner.drain()
    assert await hear(house, *paid) == 0
    assert len(await inbox(house)) == 1
    assert [state for state, _ in charges(house)] == ["captured"]


async def test_a_retry_signed_anew_is_the_same_news(house, form):
    submit(house, form)
    (first,) = house.bank.pending_webhooks()
    house.bank.webhook_delivered(first.delivery_id, 503)
    house.clock.advance(timedelta(minutes=1))
    (again,) = house.bank.pending_webhooks()
    assert again.body == first.body and jti(again.headers) != jti(first.headers)
    assert [await hear(house, again.headers, again.body), await hear(house, first.headers, first.body)] == [1, 0]
    assert [row.jti for row in await inbox(house)] == [jti(again.headers)]


async def test_a_replayed_token_with_another_body_is_refused(house, paid):
    await hear(house, *paid)
    kept, (headers, body) = await inbox(house), paid
    with pytest.raises(TokenInvalid):
        await hear(house, headers, body.replace(b"authorised", b"captured"))
    assert await inbox(house) == kept


async def test_a_replayed_token_is_refused_once_it_has_expired(house, paid):
    await hear(house, *paid)
    house.clock.advance(timedelta(minutes=5))
    with pytest.raises(Access, match="expired"):
        await hear(house, *paid)


async def test_news_that_comes_before_the_answer_to_our_own_call_is_not_lost(house):
    """The payer pays, and we are told, while the answer that names the charge is still on its way."""
    send, early = house.bank_transport.send, []

    async def slow(request, timeout):
        answer = await send(request, timeout)
        if request.url.endswith("/v1/charges"):
            house.bank_transport.send = send
            submit(house, SimpleNamespace(form_url=json.loads(answer.body)["form_url"]))
            early.extend([await hear(house, *callback) for callback in callbacks(house.bank)])
        return answer

    house.bank_transport.send = slow
    await form_of(house)
    await house.runner.drain()
    row = await only_payment(house)
    assert early == [1] and row.status == PaymentStatus.CAPTURED and row.settled_at == row.created_at
    await judge(house)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "out of order"])
async def test_news_in_any_order_ends_the_same(house, form, order):
    submit(house, form, "declined")
    submit(house, form)
    news = callbacks(house.bank)
    for index in order:
        assert await hear(house, *news[index]) == 1
        await house.runner.drain()
    row = await only_payment(house)
    assert (row.status, row.attempts, charges(house)) == ("CAPTURED", 2, [("captured", row.amount_minor)])
    await judge(house)


async def test_news_after_everything_is_over_changes_nothing(house, form):
    submit(house, form, "declined")
    late = callbacks(house.bank)
    await house.cancel(form.booking_id)
    ended, timeline = await only_payment(house), await house.timeline(form.booking_id)
    assert ended.status == PaymentStatus.EXPIRED
    for callback in (*late, *callbacks(house.bank)):
        assert await hear(house, *callback) == 1
    await house.quiet()
    assert (await only_payment(house), await house.timeline(form.booking_id)) == (ended, timeline)
    await judge(house)


async def test_news_of_a_charge_we_never_heard_of_is_kept_and_harmless(told):
    assert await tell(told, EVENT) == 1
    assert await told.store.read(lambda session: heard_already(session, "told", "ch_1"))
    assert not await told.store.read(lambda session: heard_already(session, "other", "ch_1"))
    assert not await told.store.read(lambda session: heard_already(session, "told", "ch_2"))
    await told.quiet()


async def test_two_providers_events_and_tokens_may_be_named_alike(told):
    assert [await tell(told, EVENT), await tell(told, EVENT, provider="other")] == [1, 1]


async def test_an_event_twice_in_one_callback_is_one(told):
    assert await tell(told, EVENT, EVENT) == 1


async def test_a_token_vouches_for_one_event_only(told):
    """Only its signer could give it to two; still, the second is not believed."""
    await tell(told, EVENT)
    with pytest.raises(TokenInvalid):
        await tell(told, replace(EVENT, event="ev_2"))
    assert [row.event for row in await told.rows(select(InboxRow))] == ["ev_1"]


async def test_a_token_for_two_events_in_one_callback_vouches_for_neither(told):
    with pytest.raises(TokenInvalid):
        await tell(told, EVENT, replace(EVENT, event="ev_2"))
    assert await told.rows(select(InboxRow)) == []


@pytest.mark.parametrize("name", ["", "a\x00b", "\ud800", "a\nb", "x" * 256], ids=ascii)
@pytest.mark.parametrize("field", ["event", "kind", "charge", "jti"])
async def test_what_no_database_keeps_is_refused_in_words(told, field, name):
    with pytest.raises(InvalidInput):
        await tell(told, replace(EVENT, **{field: name}))
    assert await told.rows(select(InboxRow)) == []


async def test_a_provider_that_is_not_here_is_named_in_the_error(told):
    with pytest.raises(UnknownProviderError, match="told, other"):
        await tell(told, EVENT, provider="nobody")


async def test_what_is_not_signed_by_the_provider_is_not_heard(house, paid):
    headers, body = paid
    for forged in ({}, {"Payment-Signature": ""}, {"Payment-Signature": headers["Payment-Signature"][:-2] + "AA"}):
        with pytest.raises(Access):
            await hear(house, forged, body)
    assert await inbox(house) == []
    assert (await only_payment(house)).check_at > house.clock.now()


async def test_a_hundred_duplicates_at_once_are_one_row_and_one_effect(store):
    house = await House(store=store).open()
    submit(house, await form_of(house))
    (callback,) = callbacks(house.bank)
    fresh = await asyncio.gather(*(hear(house, *callback) for _ in range(100)))
    assert sorted(fresh) == [0] * 99 + [1] and len(await inbox(house)) == 1
    await house.quiet()
    row = await only_payment(house)
    assert row.status == PaymentStatus.CAPTURED and charges(house) == [("captured", row.amount_minor)]
    assert (await house.timeline(row.booking_id)).count("PAYMENT_AUTHORISED") == 1
    await judge(house)


async def test_a_token_for_two_events_at_once_vouches_for_one(store):
    house = await House(store=store, cards=(Told(),)).open()
    events = [replace(EVENT, event=f"ev_{number}") for number in range(10)]
    ends = await asyncio.gather(*(tell(house, event) for event in events), return_exceptions=True)
    assert [end for end in ends if end == 1] == [1]
    assert sum(isinstance(end, TokenInvalid) for end in ends) == 9
    assert len(await house.rows(select(InboxRow))) == 1


async def test_a_duplicate_that_was_kept_since_we_looked_is_no_second_event(house):
    """As another gateway's transaction that commits between our two looks."""
    first = HeardPayment(event="ev_1", kind="payment.authorised", charge="ch_1", jti="one token")

    def both(session):
        kept = {"source": "payments:sandbox", "event": "ev_1", "kind": first.kind, "jti": first.jti}
        session.add(InboxRow(**kept, heard_at=house.clock.now()))
        session.flush()
        _check_tokens(session, "payments:sandbox", [first])
        with pytest.raises(TokenInvalid):
            _check_tokens(session, "payments:sandbox", [replace(first, event="ev_2")])

    await house.store.write(both)

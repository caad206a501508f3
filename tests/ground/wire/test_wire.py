"""The wire's promises, with a transport that fails on demand and a time that only sleeping moves."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.clock import ManualClock
from app.domain.errors import Trouble, Unknown
from app.wire.messages import Request, Response
from app.wire.transport import NoAnswer, NotSent
from app.wire.wire import Wire

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
TEN = timedelta(seconds=10)
OK = Response(status=200, body=b'{"a": 1}')
GET = Request(method="GET", url="https://carrier.test/air/offers")
POST = Request(method="POST", url="https://carrier.test/air/orders", json={"a": 1})


def limited(**headers):
    return Response(status=429, headers={name.replace("_", "-"): value for name, value in headers.items()})


class Script:
    """A transport that plays these answers in turn, the last one for ever; each takes `taking` seconds."""

    def __init__(self, *answers, taking=0.0):
        self.answers = list(answers)
        self.taking = taking
        self.sent = []
        self.clock = ManualClock(NOW)
        self.slept = []
        self.traced = []
        self.wire = Wire(
            self,
            self.clock,
            per_host=2,
            trace=self.traced.append,
            sleep=self.sleep,
            monotonic=lambda: self.clock.now().timestamp(),
            jitter=lambda: 1.0,
        )

    async def send(self, request, timeout):
        self.sent.append((request, timeout))
        self.clock.advance(timedelta(seconds=self.taking))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def sleep(self, seconds):
        self.slept.append(round(seconds, 3))
        self.clock.advance(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    def read(self, request=GET, deadline=TEN, **more):
        return self.wire.call(request, deadline=deadline, read=True, **more)

    def write(self, request=POST, deadline=TEN, **more):
        return self.wire.call(request, deadline=deadline, **more)


async def test_an_answer_is_returned_whatever_its_status():
    for status in (200, 302, 404, 422, 500, 502, 503):
        script = Script(Response(status=status))
        assert (await script.write()).status == status and len(script.sent) == 1


async def test_a_write_that_was_never_sent_is_trouble_and_not_repeated():
    script = Script(NotSent("refused"))
    with pytest.raises(Trouble, match=r"carrier\.test could not be reached"):
        await script.write()
    assert len(script.sent) == 1


async def test_a_write_without_an_answer_is_unknown_and_not_repeated():
    script = Script(NoAnswer("cut"))
    with pytest.raises(Unknown, match="did not answer"):
        await script.write()
    assert len(script.sent) == 1


@pytest.mark.parametrize("failure", [NotSent("refused"), NoAnswer("cut")], ids=repr)
async def test_a_read_is_repeated_until_it_is_answered(failure):
    script = Script(failure, failure, OK)
    assert (await script.read()).status == 200
    assert script.slept == [0.1, 0.2]


@pytest.mark.parametrize("failure", [NotSent("refused"), NoAnswer("cut")], ids=repr)
async def test_a_read_ends_as_trouble_within_its_deadline(failure):
    script = Script(failure)
    with pytest.raises(Trouble):
        await script.read()
    assert script.slept == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0, 2.0]
    assert script.clock.now() - NOW < TEN


async def test_each_attempt_has_what_is_left_of_the_deadline():
    script = Script(NoAnswer("cut"), OK, taking=4)
    await script.read()
    assert [left.total_seconds() for _, left in script.sent] == pytest.approx([10, 5.9])


async def test_nothing_is_sent_after_send_by():
    script = Script(OK)
    assert (await script.write(send_by=NOW)).status == 200
    script.clock.advance(timedelta(microseconds=1))
    with pytest.raises(Trouble, match="nothing was sent"):
        await script.write(send_by=NOW)
    assert len(script.sent) == 1


async def test_a_pause_can_make_it_too_late_to_send():
    script = Script(limited(retry_after="5"), OK)
    with pytest.raises(Trouble, match="nothing was sent"):
        await script.write(send_by=NOW + timedelta(seconds=3))
    assert len(script.sent) == 1


@pytest.mark.parametrize("verb", ["read", "write"])
async def test_a_rate_limited_call_waits_and_asks_again(verb):
    script = Script(limited(retry_after="5"), OK)
    assert (await getattr(script, verb)()).status == 200
    assert script.slept == [5]


@pytest.mark.parametrize("verb", ["read", "write"])
async def test_a_pause_beyond_the_deadline_is_trouble_at_once(verb):
    script = Script(limited(retry_after="60"))
    with pytest.raises(Trouble) as caught:
        await getattr(script, verb)()
    assert caught.value.retry_after == timedelta(seconds=60) and script.slept == []


async def test_the_pause_holds_for_every_later_call_to_that_host_and_no_other():
    script = Script(limited(retry_after="60"), OK)
    for _ in range(2):
        with pytest.raises(Trouble):
            await script.read()
    assert len(script.sent) == 1
    await script.read(Request(method="GET", url="https://other.test/x"))
    script.clock.advance(timedelta(minutes=1))
    assert (await script.read()).status == 200


async def test_an_exhausted_allowance_delays_the_next_call():
    used_up = Response(status=200, headers={"ratelimit-remaining": "0", "ratelimit-reset": "4"})
    script = Script(used_up, OK)
    await script.read()
    await script.read()
    assert script.slept == [4]


async def test_a_503_with_a_date_is_waited_for_when_reading_and_told_when_writing():
    busy = Response(status=503, headers={"retry-after": "2"})
    assert (await Script(busy, OK).read()).status == 200
    script = Script(busy, OK)
    assert (await script.write()).status == 503 and len(script.sent) == 1


async def test_a_host_that_always_says_at_once_is_not_asked_in_a_tight_loop():
    script = Script(limited(retry_after="0"))
    with pytest.raises(Trouble):
        await script.read(deadline=timedelta(seconds=1))
    assert len(script.sent) <= 10


async def test_writes_travel_on_connections_of_their_own():
    script = Script(OK)
    await script.read()
    await script.write()
    assert [request.fresh for request, _ in script.sent] == [False, True]


class Gate:
    """A transport that holds every request until it is opened."""

    def __init__(self):
        self.open = asyncio.Event()
        self.inside = self.most = 0

    async def send(self, _request, _timeout):
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await self.open.wait()
            return OK
        finally:
            self.inside -= 1


async def test_calls_under_way_to_one_host_are_bounded():
    gate = Gate()
    wire = Wire(gate, ManualClock(NOW), per_host=2)
    calls = [asyncio.ensure_future(wire.call(GET, deadline=TEN, read=True)) for _ in range(6)]
    for _ in range(5):
        await asyncio.sleep(0)
    assert gate.inside == 2
    gate.open.set()
    assert [answer.status for answer in await asyncio.gather(*calls)] == [200] * 6 and gate.most == 2


async def test_waiting_for_a_slot_ends_with_the_deadline():
    gate = Gate()
    wire = Wire(gate, ManualClock(NOW), per_host=1)
    holder = asyncio.ensure_future(wire.call(GET, deadline=TEN))
    await asyncio.sleep(0)
    with pytest.raises(Trouble, match="under way"):
        await wire.call(POST, deadline=timedelta(milliseconds=20))
    gate.open.set()
    assert (await holder).status == 200


async def test_cancelling_is_passed_on_and_frees_the_slot():
    gate, traced = Gate(), []
    wire = Wire(gate, ManualClock(NOW), per_host=1, trace=traced.append)
    call = asyncio.ensure_future(wire.call(POST, deadline=TEN))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    gate.open.set()
    assert (await wire.call(POST, deadline=TEN)).status == 200
    assert [line.outcome for line in traced] == ["cancelled", "200"]


async def test_an_unreadable_answer_to_a_write_is_unknown_and_to_a_read_trouble():
    script = Script(Response(status=200, body=b"<html>"))
    with pytest.raises(Unknown, match="not JSON"):
        (await script.write()).json()
    with pytest.raises(Trouble, match="not JSON"):
        (await script.read()).json()
    assert (await Script(OK).read()).json() == {"a": 1}


async def test_every_attempt_is_told():
    script = Script(NoAnswer("cut"), OK, taking=0.25)
    await script.read()
    told = [(line.outcome, line.milliseconds, line.attempt) for line in script.traced]
    assert told == [("NoAnswer(cut)", 250, 1), ("200", 250, 2)]


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://h/air/orders/ord_0000AbC/actions/price", "/air/orders/{id}/actions/price"),
        ("https://h/v2/places/PAR", "/v2/places/{id}"),
        ("https://h/people/jane.doe@example.com", "/people/{id}"),
        ("https://h/search/J%C3%BCrgen?name=Jane", "/search/{id}"),
        ("https://h/air/offer_requests/", "/air/offer_requests/"),
        ("https://h", ""),
    ],
)
async def test_identifiers_are_cut_from_the_path(url, path):
    script = Script(OK)
    await script.read(Request(method="GET", url=url))
    assert script.traced[0].path == path


async def test_logs_and_reprs_hold_no_secret_and_no_name(caplog):
    request = Request(
        method="POST",
        url="https://user:hush@carrier.test/air/orders/ord_hush1?key=hush",
        headers={"Authorization": "Bearer hush"},
        params={"name": "hush"},
        json={"family_name": "hush"},
    )
    with caplog.at_level(logging.DEBUG):
        answers = [OK, NoAnswer("cut"), Response(status=500, body=b"hush", headers={"set-cookie": "hush"})]
        for answer in answers:
            wire = Wire(Script(answer), ManualClock(NOW))
            try:
                told = repr(await wire.call(request, deadline=TEN))
            except Unknown as error:
                told = repr(error)
            assert "hush" not in told
    assert len(caplog.records) == 3 and "hush" not in caplog.text
    assert not any("hush" in str(record.__dict__) for record in caplog.records)
    assert caplog.records[0].call["path"] == "/air/orders/{id}" and caplog.records[0].call["host"] == "carrier.test"

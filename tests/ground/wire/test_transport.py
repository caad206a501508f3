"""Real sockets: what a cut, slow, silent or lying server leaves us knowing."""

import asyncio
import gzip
import socket
import struct
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.clock import ManualClock
from app.domain.errors import Trouble, Unknown
from app.wire.messages import Request
from app.wire.transport import AiohttpTransport, NoAnswer, NotSent
from app.wire.wire import Wire

SOON = timedelta(seconds=0.15)
PLENTY = timedelta(seconds=5)
CLOCK = ManualClock(datetime(2026, 11, 21, tzinfo=UTC))
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Kind: Good\r\n\r\nhello"


@pytest.fixture
async def transport():
    async with AiohttpTransport(longest=1000) as opened:
        yield opened


class Server:
    """A raw server: `reply(reader, writer)` plays each request out; `heard` keeps them."""

    def __init__(self, reply):
        self.reply = reply
        self.heard = []
        self.connections = 0

    async def serve(self, reader, writer):
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.heard.append(head.decode())
                await self.reply(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def served(reply):
    server = Server(reply)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()


def reset(writer):
    """Cut the connection the hard way: an RST, not a goodbye."""
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def hello(_reader, writer):
    writer.write(HELLO)


async def reset_before_reply(_reader, writer):
    reset(writer)


async def close_before_reply(_reader, writer):
    writer.close()


async def reset_in_body(_reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
    await writer.drain()
    reset(writer)


async def close_in_body(_reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
    writer.close()


async def silence(reader, _writer):
    await reader.read()


async def drip(_reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
    for _ in range(500):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def rubbish(_reader, writer):
    writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")


async def too_long(_reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000)


async def bomb(_reader, writer):
    packed = gzip.compress(b"x" * 1_000_000)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed)


LOST = [reset_before_reply, close_before_reply, reset_in_body, close_in_body, rubbish, too_long, bomb]


def get(url, **more):
    return Request(method="GET", url=url, **more)


def post(url, method="POST"):
    return Request(method=method, url=url, headers={"Authorization": "Bearer hush"})


async def refused_url():
    """An address nobody listens at."""
    async with served(hello) as server:
        pass
    return server.url


async def test_a_complete_answer_comes_back(transport):
    async with served(hello) as server:
        answer = await transport.send(get(f"{server.url}/a", params={"q": "ü"}), PLENTY)
    assert (answer.status, answer.body, answer.headers["x-kind"]) == (200, b"hello", "Good")
    assert server.heard[0].startswith("GET /a?q=%C3%BC HTTP/1.1")


async def test_a_refused_connection_was_never_sent(transport):
    with pytest.raises(NotSent):
        await transport.send(post(await refused_url()), PLENTY)


async def test_a_name_that_does_not_exist_was_never_sent(transport):
    with pytest.raises(NotSent):
        await transport.send(post("http://carrier.invalid/"), PLENTY)


async def test_a_failed_handshake_was_never_sent(transport):
    async def no_tls(reader, writer):
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(no_tls, "127.0.0.1", 0)
    with pytest.raises(NotSent):
        await transport.send(post(f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}"), PLENTY)
    listening.close()


@pytest.mark.parametrize("reply", LOST, ids=lambda reply: reply.__name__)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_a_lost_answer_is_told_as_such_and_sent_once(transport, reply, method):
    async with served(reply) as server:
        with pytest.raises(NoAnswer):
            await transport.send(post(server.url, method), PLENTY)
    assert len(server.heard) == 1


@pytest.mark.parametrize("reply", [silence, drip], ids=lambda reply: reply.__name__)
async def test_a_time_out_after_sending_is_no_answer(transport, reply):
    async with served(reply) as server:
        with pytest.raises(NoAnswer):
            await transport.send(post(server.url), SOON)


async def test_a_time_out_while_connecting_was_never_sent(transport):
    # A listener whose queue is full answers no handshake.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for caller in waiting:
            caller.setblocking(False)
            caller.connect_ex(address)
        with pytest.raises(NotSent):
            await transport.send(post(f"http://127.0.0.1:{address[1]}/"), SOON)
        for caller in waiting:
            caller.close()


async def test_redirects_are_answers(transport):
    async def elsewhere(_reader, writer):
        writer.write(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")

    async with served(elsewhere) as server:
        assert (await transport.send(post(server.url), PLENTY)).status == 307
    assert len(server.heard) == 1


async def test_cookies_are_not_kept(transport):
    async def cookie(_reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nSet-Cookie: session=1\r\nContent-Length: 0\r\n\r\n")

    async with served(cookie) as server:
        for _ in range(2):
            await transport.send(get(server.url), PLENTY)
    assert "session" not in server.heard[1]


async def test_kept_connections_are_used_again_and_fresh_ones_are_not(transport):
    async with served(hello) as server:
        for fresh in (False, False, True, True):
            await transport.send(get(server.url, fresh=fresh), PLENTY)
    assert server.connections == 3


async def test_a_connection_closed_while_idle_costs_a_read_one_attempt_and_a_write_nothing(transport):
    async def once(_reader, writer):
        writer.write(HELLO)
        await writer.drain()
        writer.close()

    wire = Wire(transport, CLOCK)
    async with served(once) as server:
        for read in (True, True, False, True, False):
            answer = await wire.call(get(server.url), deadline=PLENTY, read=read)
            assert answer.body == b"hello"


async def test_the_wire_tells_trouble_from_unknown(transport):
    wire = Wire(transport, CLOCK)
    with pytest.raises(Trouble):
        await wire.call(post(await refused_url()), deadline=PLENTY)
    async with served(reset_before_reply) as server:
        with pytest.raises(Unknown):
            await wire.call(post(server.url), deadline=PLENTY)
    async with served(silence) as server:
        with pytest.raises(Unknown):
            await wire.call(post(server.url), deadline=SOON)
        with pytest.raises(Trouble):
            await wire.call(get(server.url), deadline=SOON, read=True)


async def test_the_wire_repeats_a_read_over_a_cut_connection(transport):
    replies = [reset_before_reply, close_in_body, hello]

    async def in_turn(reader, writer):
        await replies.pop(0)(reader, writer)

    async with served(in_turn) as server:
        answer = await Wire(transport, CLOCK, sleep=no_sleep).call(get(server.url), deadline=PLENTY, read=True)
    assert answer.body == b"hello" and answer.read and len(server.heard) == 3


async def test_the_wire_waits_as_long_as_a_429_says(transport):
    replies = [b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n", HELLO]
    time = {"now": 0.0}

    async def sleep(seconds):
        time["now"] += seconds

    async def in_turn(_reader, writer):
        writer.write(replies.pop(0))

    wire = Wire(transport, CLOCK, sleep=sleep, monotonic=lambda: time["now"])
    async with served(in_turn) as server:
        assert (await wire.call(get(server.url), deadline=PLENTY)).status == 200
    assert time["now"] == 3


async def test_nothing_reaches_the_socket_after_send_by(transport):
    async with served(hello) as server:
        with pytest.raises(Trouble):
            await Wire(transport, CLOCK).call(
                post(server.url), deadline=PLENTY, send_by=CLOCK.now() - timedelta(seconds=1)
            )
    assert server.connections == 0


async def test_failures_do_not_repeat_addresses_or_secrets(transport):
    async with served(reset_before_reply) as server:
        with pytest.raises(NoAnswer) as caught:
            await transport.send(post(f"{server.url}/hush?name=hush"), PLENTY)
    assert "hush" not in str(caught.value) and caught.value.__suppress_context__


async def no_sleep(_seconds):
    await asyncio.sleep(0)

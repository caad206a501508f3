"""localstripe (GPL) as a process of its own, and what it answers said as the current version of the API says it.

It is never imported. It was written for an older version of the API, so the adapter translates, and only translates:
parameters it does not know are left out, one call it lacks is made of two, and facts that newer versions tell at once
are fetched from where it tells them.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.error import URLError
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import Request as Asked
from urllib.request import urlopen

from app.wire.messages import Request, Response
from app.wire.transport import AiohttpTransport, NoAnswer
from tests.payments.fake_stripe import SECRET_KEY
from tests.ports import free_port

_PATIENCE = 30
_WEEK = 7 * 24 * 3600


@contextmanager
def local_stripe(folder) -> Iterator[str]:
    """The address of an empty localstripe."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "localstripe", "--from-scratch", "--port", str(port)],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _until_ready(url, process)
        yield url
    finally:
        process.terminate()
        process.wait()


def _until_ready(url, process):
    for _ in range(_PATIENCE * 20):
        assert process.poll() is None, "localstripe does not start"
        try:
            ask(url, "GET", "/v1/charges")
        except URLError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("localstripe does not answer")


def ask(url, method, path, fields=()):
    """One call of localstripe's own API, outside the gateway."""
    asked = Asked(f"{url}{path}", method=method, headers={"Authorization": f"Bearer {SECRET_KEY}"})
    data = urlencode(list(fields)).encode() if method == "POST" else None
    with urlopen(asked, data, timeout=_PATIENCE) as answer:
        return json.loads(answer.read() or b"null")


@dataclass
class Adapter:
    """Between our wire and localstripe. `lost` names ends of paths whose next answer is lost."""

    inner: AiohttpTransport
    lost: list = field(default_factory=list)

    async def send(self, request: Request, timeout) -> Response:
        """One attempt, translated on the way there and back."""
        path = urlsplit(request.url).path
        fields = parse_qsl((request.body or b"").decode() or urlsplit(request.url).query)
        response = await self._act(request, path, fields, timeout)
        end = next((end for end in self.lost if request.method == "POST" and path.endswith(end)), None)
        if end:
            self.lost.remove(end)
            raise NoAnswer("TimeoutError")
        return await self._newer(request, response, dict(fields), timeout)

    async def _act(self, request, path, fields, timeout):
        if path.endswith("/confirm"):
            # It confirms only a card that the intent has already.
            card, _ = _parted(fields, "payment_method")
            await self.inner.send(_with(request, card, path.removesuffix("/confirm")), timeout)
            return await self.inner.send(_with(request, [], path), timeout)
        if path.endswith("/capture"):
            written, rest = _parted(fields, "metadata")
            captured = await self.inner.send(_with(request, rest, path), timeout)
            update = _with(request, written, path.removesuffix("/capture"))
            return await self.inner.send(update, timeout) if captured.status == 200 else captured
        if request.method == "GET" and path in {"/v1/charges", "/v1/refunds"}:
            # It lists no charges by intent, and refunds only of intents that it knows.
            fields = [("limit", "100")]
        _, known = _parted(fields, "allowed_payment_method_types", "created")
        return await self.inner.send(_with(request, known, path), timeout)

    async def _newer(self, request, response, asked, timeout):
        told = json.loads(response.body)
        if response.status == 404:
            told["error"] |= {"code": "resource_missing", "param": "intent"}
        for each in told.get("data", [told]):
            if each.get("object") == "payment_intent":
                await self._completed(request, each, timeout)
        if told.get("object") == "list" and "payment_intent" in asked:
            told["data"] = [each for each in told["data"] if _is_of(each, asked["payment_intent"])]
        return replace(response, body=json.dumps(told).encode())

    async def _completed(self, request, intent, timeout):
        charge = intent["latest_charge"]
        intent["amount_received"] = 0
        if charge is None:
            return
        given = _with(replace(request, method="GET"), [], f"/v1/payment_methods/{charge['payment_method']}")
        method = json.loads((await self.inner.send(given, timeout)).body)
        card = method["card"] | {"capture_before": charge["created"] + _WEEK}
        charge |= {"payment_method_details": {"card": card}, "billing_details": method["billing_details"]}
        if intent["status"] == "succeeded":
            intent["amount_received"] = intent["amount"] - sum(map(_released, charge["refunds"]["data"]))


def _released(refund):
    """What a partial capture left: a refund in older versions, nothing since 2025-03-31."""
    return 0 if refund["metadata"] else refund["amount"]


def _is_of(each, ref):
    return each["payment_intent"] == ref and not (each["object"] == "refund" and _released(each))


def _parted(fields, *names):
    """The fields with these names, and the others."""
    chosen = [pair for pair in fields if pair[0].partition("[")[0] in names]
    return chosen, [pair for pair in fields if pair not in chosen]


def _with(request, fields, path):
    """The request with another path and these fields, in its body or in its query."""
    parts = urlsplit(request.url)
    plain, encoded = f"{parts.scheme}://{parts.netloc}{path}", urlencode(fields)
    if request.method == "GET":
        return replace(request, url=f"{plain}?{encoded}" if encoded else plain, body=None)
    return replace(request, url=plain, body=encoded.encode())

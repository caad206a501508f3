"""Payment providers' side: where they tell us what happened, and where their forms ask how a payment went."""

import logging
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app.booking.desk import Desk
from app.booking.hear_payments import hear_payment
from app.booking.outcomes import PaymentOutcomeFacts, outcome
from app.domain.errors import Access, Refusal, Trouble
from app.payments.registry import UnknownProviderError
from app.signing.errors import SealError, TokenError
from app.web.body import BodyTooLargeError, read_body

log = logging.getLogger(__name__)

# Providers' events are a few kilobytes.
LONGEST_BODY: Final = 262_144
# The window event's `type`, in the terms of its documented fields.
RESPONSE_TYPE: Final = "FaregatePaymentResponse"
_PRIVATE: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Vary": "Origin",
    "X-Content-Type-Options": "nosniff",
}
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def payment_routes(desk: Desk) -> list[BaseRoute]:
    """`POST /payments/{provider}/callbacks` and `GET /payments/outcomes/{token}`."""
    pages = PaymentPages(desk)
    return [
        Route("/payments/{provider}/callbacks", pages.callback, methods=["POST"]),
        Route("/payments/outcomes/{token}", pages.outcome, methods=["GET", "OPTIONS"]),
    ]


class PaymentPages:
    """Both endpoints over one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def callback(self, request: Request) -> Response:
        """Take one callback: 200 heard, 400 unreadable, 401 not authentic, 404 no such provider, 413, 503."""
        provider = request.path_params["provider"]
        try:
            body = await read_body(request, LONGEST_BODY)
            fresh = await hear_payment(self._desk, provider, request.headers, body)
        except UnknownProviderError:
            return _answer(404, "There is no such payment provider here.")
        except (BodyTooLargeError, Access, Refusal, Trouble, ClientDisconnect) as error:
            return _refused(provider, error)
        return _answer(200, "Heard." if fresh else "Heard before.")

    async def outcome(self, request: Request) -> Response:
        """How the payment went, for its form's origin alone; the address is the proof."""
        facts = await self._facts(request.path_params["token"])
        if facts is None:
            return JSONResponse({"message": "There is no such payment."}, 404, _PRIVATE)
        allowed = _PRIVATE | ({"Access-Control-Allow-Origin": origin(facts.form_url)} if facts.form_url else {})
        if request.method == "OPTIONS":
            return Response(None, 204, {**allowed, "Access-Control-Allow-Methods": "GET", "Allow": "GET, OPTIONS"})
        return JSONResponse(_told(facts), headers=allowed)

    async def _facts(self, token: str) -> PaymentOutcomeFacts | None:
        tools = self._desk.tools
        try:
            link = tools.payment_links.open_outcome(token)
        except SealError:
            return None
        return await tools.store.read(lambda session: outcome(session, link.payment_id, link.partner_id))


def origin(url: str) -> str:
    """The origin of an http(s) address as browsers spell it (RFC 6454): lower case, without a default port."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def _told(facts: PaymentOutcomeFacts) -> dict[str, Any]:
    """The window event's fields, and whether that is the last word. `paymentSuccessful` is a string, as documented."""
    return {
        "type": RESPONSE_TYPE,
        "paymentSuccessful": None if facts.successful is None else str(facts.successful).lower(),
        "paymentStatus": facts.status,
        "amountPaid": str(facts.paid.amount),
        "currency": facts.paid.currency,
        "bookingId": facts.booking_id,
        "final": facts.final,
    }


def _refused(provider: str, error: Exception) -> Response:
    """Why the callback was not taken in; nothing of its body is repeated or logged."""
    match error:
        case BodyTooLargeError():
            return _answer(413, "The callback is too large.")
        case Access():
            reason = error.reason if isinstance(error, TokenError) else "signature"
            log.warning("a callback for %s was not authentic: %s", provider, reason)
            return _answer(401, "The signature is not valid.")
        case Trouble():
            return _answer(503, "The callback cannot be verified at the moment. Send it again.", {"Retry-After": "30"})
    return _answer(400, "The callback cannot be read.")


def _answer(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"message": message}, status, headers)

"""Where a payer gives a card to Stripe: our page around Stripe's frames, and the token they make, confirmed by us.

No card data comes here: what the page sends is Stripe's confirmation token, good once and for Stripe alone.
"""

import json
import logging
import re
from collections.abc import Mapping
from typing import Any, Final, cast

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from app.domain.clock import Clock
from app.domain.errors import Refusal, Trouble, Unknown
from app.domain.recovery import Call
from app.domain.refusals import NotFound, PaymentDeclined, PaymentTooLate, WrongState
from app.payments.contract import Charge, ChargeState
from app.payments.registry import Providers, UnknownProviderError
from app.payments.stripe.form import FormProvider
from app.payments.stripe.profile import FAMILY
from app.signing.errors import SealError
from app.signing.links import FormLinks
from app.web import stripe_page
from app.web.body import BodyTooLargeError, read_body

log = logging.getLogger(__name__)

_PATH: Final = "/payments/stripe/forms"
_LONGEST: Final = 2_000
_TOKEN: Final = re.compile(r"ctoken_[A-Za-z0-9_]{1,200}")
_NO_STORE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_STATES: Final = {
    ChargeState.AUTHORISED: "authorised",
    ChargeState.CAPTURED: "authorised",
    ChargeState.CLOSED: "expired",
}


class StripeForms:
    """`/payments/stripe/forms/{token}`: the page, what became of the card, and the card's token."""

    def __init__(self, providers: Providers, links: FormLinks, clock: Clock) -> None:
        self._providers = providers
        self._links = links
        self._clock = clock

    def routes(self) -> list[BaseRoute]:
        """The three routes, and the page's script and style sheet."""
        return [
            Route(f"{_PATH}/{{token}}", self.page, methods=["GET"]),
            Route(f"{_PATH}/{{token}}/state", self.state, methods=["GET"]),
            Route(f"{_PATH}/{{token}}/cards", self.take, methods=["POST"]),
            Mount(stripe_page.ASSETS, StaticFiles(directory=stripe_page.STATIC), name="stripe"),
        ]

    async def page(self, request: Request) -> Response:
        """The page, as far as the charge has come."""
        try:
            provider, ref = self._opened(request)
            facts = await provider.form(ref)
        except NotFound:
            return HTMLResponse(stripe_page.unknown_page(), 404, stripe_page.headers())
        except Trouble:
            log.warning("a Stripe form could not be shown: Stripe did not answer")
            return Response("Stripe cannot be reached. Reload the page in a moment.", 503, {"Retry-After": "5"})
        html = stripe_page.form_page(
            facts,
            path=request.url.path,
            public_key=provider.public_key,
            script_url=provider.script_url,
            now=self._clock.now(),
        )
        return HTMLResponse(html, headers=stripe_page.headers(provider.script_url, facts.origins))

    async def state(self, request: Request) -> Response:
        """How far the charge has come, in the words of an answer to a card."""
        try:
            provider, ref = self._opened(request)
            return _answer(await self._told(provider, await provider.charge(ref)))
        except (Refusal, Trouble) as error:
            return _failed(error)

    async def take(self, request: Request) -> Response:
        """Confirm the payment with the token. A lost answer is looked up by the page, with `state`."""
        try:
            provider, ref = self._opened(request)
            token = await _read(request)
            if token is None:
                return JSONResponse({"message": "Send a confirmation token as JSON."}, 422, _NO_STORE)
            return _answer(await self._taken(provider, ref, token))
        except (Refusal, Trouble, Unknown) as error:
            return _failed(error)

    async def _taken(self, provider: FormProvider, ref: str, token: str) -> Mapping[str, Any]:
        # A token is good for one attempt, so it names it: sent twice, the second hears what the first did.
        call = Call(key=f"form-{token}", send_by=self._clock.now() + provider.profile.write_deadline)
        try:
            charge = await provider.authorise(ref, token, call)
        except (PaymentDeclined, PaymentTooLate, WrongState):
            charge = await provider.charge(ref)
        return await self._told(provider, charge)

    async def _told(self, provider: FormProvider, charge: Charge) -> Mapping[str, Any]:
        """The charge as the page hears it."""
        known = {"attempts": charge.attempts}
        if charge.state is not ChargeState.OPEN:
            return known | {"state": _STATES[charge.state]}
        secret = await provider.challenge(charge.ref)
        if secret is not None:
            return known | {"state": "challenge", "client_secret": secret}
        if charge.expires_at is not None and self._clock.now() >= charge.expires_at:
            return known | {"state": "expired"}
        reason = stripe_page.told(charge.declined)
        return known | ({"state": "declined", "reason": reason} if reason else {"state": "open"})

    def _opened(self, request: Request) -> tuple[FormProvider, str]:
        """The provider and the charge of the address; NotFound."""
        try:
            link = self._links.open_form(request.path_params["token"])
            provider = self._providers.get(link.provider)
        except (SealError, UnknownProviderError):
            raise NotFound(message="There is no such form.") from None
        if provider.profile.family != FAMILY:
            raise NotFound(message="There is no such form.")
        return cast("FormProvider", provider), link.charge


async def _read(request: Request) -> str | None:
    """The token in the request; None when there is none."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return None
    try:
        token = json.loads(await read_body(request, _LONGEST))["token"]
    except (BodyTooLargeError, ValueError, LookupError, TypeError, RecursionError):
        return None
    return token if isinstance(token, str) and _TOKEN.fullmatch(token) else None


def _answer(told: Mapping[str, Any]) -> Response:
    return JSONResponse(dict(told), headers=_NO_STORE)


def _failed(error: Refusal | Trouble | Unknown) -> Response:
    """What the page has to look up, or cannot have."""
    if isinstance(error, NotFound):
        return JSONResponse({"message": "There is no such form."}, 404, _NO_STORE)
    if isinstance(error, Refusal):
        return JSONResponse({"message": error.message}, 422, _NO_STORE)
    log.warning("a card's token was not confirmed: %s", error)
    return JSONResponse({"message": "Stripe did not answer."}, 503, _NO_STORE)

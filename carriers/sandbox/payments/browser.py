"""The endpoints that the payer's browser asks: no key, the path holds a secret."""

from urllib.parse import quote

from carriers.sandbox.exchange import Json, maybe_stamp, stamp
from carriers.sandbox.payments import payer
from carriers.sandbox.payments.cards import Card
from carriers.sandbox.payments.core import Answer, Call, Core
from carriers.sandbox.payments.errors import PaymentError
from carriers.sandbox.payments.facts import Charge, State

_OUTCOMES = {State.AUTHORISED: "authorised", State.CAPTURED: "authorised", State.CLOSED: "expired"}


def form_state(core: Core, call: Call) -> Answer:
    """`GET /pay/{secret}/state`: all that the form shows."""
    charge = payer.charge_by_secret(core, call.path["secret"])
    shown: Json = {
        "state": charge.state,
        "declined": charge.declined and charge.declined.value.lower(),
        "challenge_url": payer.challenge_url(core, charge),
        "card": charge.card,
        "attempts": charge.attempts,
        "amount_minor": charge.amount.minor,
        "amount": str(charge.amount.amount),
        "currency": charge.amount.currency,
        "reference": charge.reference,
        "locale": charge.locale,
        "origins": charge.origins,
        "outcome_url": charge.outcome_url,
        "expires_at": stamp(charge.expires_at),
        "authorised_until": maybe_stamp(charge.authorised_until),
        "now": stamp(core.now()),
    }
    return Answer(shown)


def submit_card(core: Core, call: Call) -> Answer:
    """`POST /pay/{secret}/cards`: try a card. A form posted without our script is sent on to the page."""
    charge = payer.charge_by_secret(core, call.path["secret"])
    page = f"/pay/{charge.secret}"
    try:
        form = payer.read_form(call.data, core.now())
    except PaymentError as error:
        if not call.plain:
            raise
        return _see(f"{page}?invalid={quote(','.join(error.as_json()['error']['fields']))}")
    payer.submit_card(core, charge, form)
    return _told(core, charge, call, page, form.card)


def answer_challenge(core: Core, call: Call) -> Answer:
    """`POST /challenge/{secret} {code}`: what the payer made of the issuer's question; no code is a no."""
    charge = payer.charge_by_challenge(core, call.path["secret"])
    payer.answer_challenge(core, charge, passed=payer.passes(call.data))
    return _told(core, charge, call, f"/challenge/{call.path['secret']}")


def outcome(core: Core, charge: Charge) -> Json:
    """How far the form has come: `authorised`, `declined` with its reason, `challenge` with its address, `expired`."""
    if charge.state is not State.OPEN:
        return {"state": _OUTCOMES[charge.state]}
    url = payer.challenge_url(core, charge)
    if url is not None:
        return {"state": "challenge", "challenge_url": url}
    return {"state": "declined", "reason": charge.declined and charge.declined.value.lower()}


def _told(core: Core, charge: Charge, call: Call, page: str, card: Card | None = None) -> Answer:
    slow, lost = (card.slow, card.lost) if card else (0.0, False)
    if call.plain:
        return Answer(None, 303, {"location": page}, delay_seconds=slow, lost=lost)
    return Answer(outcome(core, charge), delay_seconds=slow, lost=lost)


def _see(page: str) -> Answer:
    return Answer(None, 303, {"location": page})

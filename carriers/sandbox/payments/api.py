"""The endpoints for merchants, under `/v1` and with a bearer key, and the public keys."""

from carriers.sandbox.exchange import Json, maybe_stamp, stamp
from carriers.sandbox.payments import callbacks, charges, keys, listing, read
from carriers.sandbox.payments.cards import BY_TOKEN
from carriers.sandbox.payments.core import Answer, Call, Core
from carriers.sandbox.payments.errors import card_declined, invalid, not_found
from carriers.sandbox.payments.facts import Charge, Ending, Refund, State


def open_charge(core: Core, call: Call) -> Answer:
    """`POST /v1/charges`."""
    amount = read.money(call.data)
    charge = Charge(
        id=core.new_id("ch"),
        secret=core.new_secret(),
        key=call.key,
        amount=amount,
        captured=amount.times(0),
        payment=read.text(call.data, "payment"),
        reference=read.text(call.data, "reference"),
        origins=read.texts(call.data, "origins"),
        outcome_url=read.address(call.data, "outcome_url"),
        locale=read.text(call.data, "locale"),
        expires_at=read.instant(call.data, "expires_at"),
        created_at=core.now(),
    )
    charges.keep(core, charge)
    return Answer(shown(core, charge), 201)


def get_charge(core: Core, call: Call) -> Answer:
    """`GET /v1/charges/{id}`."""
    return _answer(core, _named(core, call))


def list_charges(core: Core, call: Call) -> Answer:
    """`GET /v1/charges?key=`: what was opened with this Idempotency-Key; or `?since=&after=`: all since, in pages."""
    if "since" in call.query:
        found, after = listing.page(list(core.facts.charges.values()), call.query)
        return Answer({"charges": [shown(core, charge) for charge in found], "after": after})
    wanted = listing.one(call.query, "key")
    found = [charge for charge in core.facts.charges.values() if charge.key == wanted]
    return Answer({"charges": [shown(core, charge) for charge in found]})


def close_charge(core: Core, call: Call) -> Answer:
    """`POST /v1/charges/{id}/close`: no card can be authorised any more; what is authorised stays so."""
    charge = _named(core, call)
    if charge.state is State.OPEN:
        charges.end(core, charge, Ending.CLOSED)
    return _answer(core, charge)


def void_charge(core: Core, call: Call) -> Answer:
    """`POST /v1/charges/{id}/void`: release what is authorised; a closed charge is as wished already."""
    charge = _named(core, call)
    if charge.state is State.OPEN:
        charges.end(core, charge, Ending.CLOSED)
    if charge.state is not State.CLOSED:
        charges.need(charge, State.AUTHORISED)
        charges.end(core, charge, Ending.VOIDED)
    return _answer(core, charge)


def capture_charge(core: Core, call: Call) -> Answer:
    """`POST /v1/charges/{id}/capture {amount_minor}`."""
    charge = _named(core, call)
    charges.capture(core, charge, read.minor(call.data))
    return _answer(core, charge)


def refund_charge(core: Core, call: Call) -> Answer:
    """`POST /v1/charges/{id}/refunds {amount_minor}`."""
    charge = _named(core, call)
    return Answer(shown_refund(charges.refund(core, charge, read.minor(call.data), call.key)), 201)


def authorise_charge(core: Core, call: Call) -> Answer:
    """`POST /v1/charges/{id}/authorise {card}`: a kept card instead of the form. `card_declined` when it was."""
    charge = _named(core, call)
    card = BY_TOKEN.get(read.text(call.data, "card"))
    if card is None:
        raise invalid("There is no such card; docs/payments.md lists the tokens.")
    charges.attempt(core, charge, card)
    charge.billing = None
    if charge.declined is not None:
        raise card_declined(charge.declined)
    return Answer(shown(core, charge), delay_seconds=card.slow, lost=card.lost)


def get_billing(core: Core, call: Call) -> Answer:
    """`GET /v1/charges/{id}/billing`: where the payer is billed; `billing_not_found` where nobody said."""
    charge = _named(core, call)
    if charge.billing is None:
        raise not_found("billing")
    return Answer(dict(charge.billing))


def register_callbacks(core: Core, call: Call) -> Answer:
    """`POST /v1/callbacks {url}`."""
    receiver = callbacks.register(core, read.address(call.data, "url"))
    known = {"id": receiver.id, "url": receiver.url, "issuer": core.origin, "audience": receiver.url}
    return Answer(known, 201)


def list_keys(core: Core, _call: Call) -> Answer:
    """`GET /.well-known/jwks.json`."""
    return Answer(keys.published(core))


def rotate_keys(core: Core, _call: Call) -> Answer:
    """`POST /_sandbox/keys`: sign with a new key; the old ones stay published."""
    keys.rotate(core)
    return Answer(keys.published(core), 201)


def retire_keys(core: Core, _call: Call) -> Answer:
    """`DELETE /_sandbox/keys`: publish no old key any more."""
    keys.retire(core)
    return Answer(keys.published(core))


def shown(core: Core, charge: Charge) -> Json:
    """A charge as merchants see it: nothing personal is in it."""
    return {
        "id": charge.id,
        "state": charge.state,
        "amount_minor": charge.amount.minor,
        "currency": charge.amount.currency,
        "captured_minor": charge.captured.minor,
        "form_url": f"{core.origin}/pay/{charge.secret}",
        "expires_at": stamp(charge.expires_at),
        "authorised_until": maybe_stamp(charge.authorised_until),
        "card": charge.card,
        "declined": charge.declined and charge.declined.value.lower(),
        "attempts": charge.attempts,
        "refunds": [shown_refund(refund) for refund in charge.refunds],
        "payment": charge.payment,
        "reference": charge.reference,
        "created_at": stamp(charge.created_at),
    }


def shown_refund(refund: Refund) -> Json:
    """A refund as merchants see it."""
    return {"id": refund.id, "amount_minor": refund.amount.minor, "key": refund.key}


def _answer(core: Core, charge: Charge) -> Answer:
    return Answer(shown(core, charge))


def _named(core: Core, call: Call) -> Charge:
    return charges.known_charge(core, call.path["id"])

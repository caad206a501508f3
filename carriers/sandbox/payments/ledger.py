"""The world's own truth, as JSON: what tests judge a gateway by. Nothing personal is in it."""

from collections import defaultdict
from hashlib import sha256

from carriers.sandbox.exchange import Json, encode, maybe_stamp, stamp
from carriers.sandbox.payments.core import Core
from carriers.sandbox.payments.facts import Charge, State
from carriers.sandbox.schedule import Later


def ledger(core: Core) -> Json:
    """Charges, oldest first, and what they come to in each currency."""
    charges = [_charge(charge) for charge in core.facts.charges.values()]
    return {"now": stamp(core.now()), "charges": charges, "totals": _totals(charges)}


def _charge(charge: Charge) -> Json:
    return _traits(charge) | {
        "id": charge.id,
        "created_at": stamp(charge.created_at),
        "expires_at": stamp(charge.expires_at),
        "authorised_until": maybe_stamp(charge.authorised_until),
    }


def _traits(charge: Charge) -> Json:
    """A charge without its ids and times. `authorised_minor` is reserved now, `net_minor` what was taken for good."""
    reserved = charge.amount.minor if charge.state is State.AUTHORISED else 0
    return {
        "payment": charge.payment,
        "reference": charge.reference,
        "key": charge.key,
        "state": charge.state,
        "ending": charge.ending,
        "currency": charge.amount.currency,
        "amount_minor": charge.amount.minor,
        "authorised_minor": reserved,
        "captured_minor": charge.captured.minor,
        "refunded_minor": charge.refunded.minor,
        "net_minor": (charge.captured - charge.refunded).minor,
        "refunds": [{"key": refund.key, "amount_minor": refund.amount.minor} for refund in charge.refunds],
        "card": charge.card,
        "declined": charge.declined,
        "attempts": charge.attempts,
    }


def _totals(charges: list[Json]) -> Json:
    totals: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for charge in charges:
        for name in ("authorised_minor", "captured_minor", "refunded_minor", "net_minor"):
            totals[charge["currency"]][name] += charge[name]
    return {currency: dict(sums) for currency, sums in totals.items()}


def fingerprint(core: Core) -> str:
    """A hash of the facts without ids, counters and times: equal for worlds that nobody could tell apart."""
    facts = core.facts
    traits = sorted(encode(_traits(charge) | _waiting(charge)).decode() for charge in facts.charges.values())
    due = sorted(_due(later) for later in facts.schedule)
    messages = sorted(f"{item.event['kind']}/{item.event['payment']}/{item.done}" for item in facts.deliveries.values())
    keys = sorted(f"{key}/{answered.status}" for key, answered in facts.answered.items())
    signers = len(facts.keys)
    return sha256(
        encode({"c": traits, "w": due, "m": messages, "f": facts.faults.marks(), "k": keys, "s": signers})
    ).hexdigest()


def _due(later: Later) -> str:
    about = later.about
    return f"{later.what}/{about.get('endpoint')}/{about.get('key')}/{about.get('card')}/{about.get('muted')}"


def _waiting(charge: Charge) -> Json:
    challenged = charge.challenge is not None and not charge.challenge.answered
    return {"challenged": challenged, "billed": charge.billing is not None, "capturable": charge.capturable}

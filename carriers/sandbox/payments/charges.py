"""What happens to a charge: one state, moved here and nowhere else."""

from datetime import timedelta

from app.domain.money import Money
from app.domain.payment import DeclineReason
from carriers.sandbox.payments.callbacks import announce
from carriers.sandbox.payments.cards import Card
from carriers.sandbox.payments.core import Core
from carriers.sandbox.payments.errors import amount_too_large, not_found, wrong_state
from carriers.sandbox.payments.facts import Challenge, Charge, Ending, Refund, State

_AUTHORISED_FOR = timedelta(days=7)


def known_charge(core: Core, charge_id: str) -> Charge:
    """The charge with this id; `charge_not_found`."""
    charge = core.facts.charges.get(charge_id)
    if charge is None:
        raise not_found()
    return charge


def keep(core: Core, charge: Charge) -> None:
    """Begin with a charge; its form takes cards until it expires."""
    core.facts.charges[charge.id] = charge
    core.later(charge.expires_at, "expire", {"charge": charge.id})


def attempt(core: Core, charge: Charge, card: Card) -> None:
    """Try a card on an open charge: it is authorised, declined or challenged then. Else `wrong_state`."""
    need(charge, State.OPEN)
    charge.attempts += 1
    charge.card, charge.declined, charge.challenge = card.shown, None, None
    if card.challenge:
        charge.challenge = Challenge(core.new_secret(), card.token)
    else:
        _ask_issuer(core, charge, card)


def answer(core: Core, charge: Charge, card: Card, *, passed: bool) -> None:
    """What the payer made of the issuer's challenge; a charge that is open no more stays as it is."""
    if charge.challenge is None or charge.challenge.answered or charge.state is not State.OPEN:
        return
    charge.challenge.answered = True
    if passed:
        _ask_issuer(core, charge, card)
    else:
        decline(core, charge, DeclineReason.AUTHENTICATION_FAILED)


def decline(core: Core, charge: Charge, reason: DeclineReason) -> None:
    """The latest card was declined; the charge stays open for another."""
    charge.declined = reason
    announce(core, "declined", charge)


def _ask_issuer(core: Core, charge: Charge, card: Card) -> None:
    if card.decline is not None:
        decline(core, charge, card.decline)
        return
    charge.state, charge.capturable = State.AUTHORISED, card.capturable
    charge.authorised_until = core.now() + _AUTHORISED_FOR
    core.later(charge.authorised_until, "lapse", {"charge": charge.id})
    announce(core, "authorised", charge, card.callbacks)


def capture(core: Core, charge: Charge, minor: int) -> None:
    """Take this much of what is authorised, once; the rest is released."""
    need(charge, State.AUTHORISED)
    if minor > charge.amount.minor:
        raise amount_too_large(charge.amount.minor)
    if not charge.capturable:
        end(core, charge, Ending.LAPSED)
        raise wrong_state(charge.state)
    charge.state, charge.captured = State.CAPTURED, Money(minor, charge.amount.currency)
    charge.authorised_until = None
    announce(core, "captured", charge)


def refund(core: Core, charge: Charge, minor: int, key: str) -> Refund:
    """Give this much back of what was captured."""
    need(charge, State.CAPTURED)
    left = charge.captured - charge.refunded
    if minor > left.minor:
        raise amount_too_large(left.minor)
    given = Refund(core.new_id("rf"), Money(minor, left.currency), key, core.now())
    charge.refunds.append(given)
    announce(core, "refunded", charge)
    return given


def end(core: Core, charge: Charge, ending: Ending) -> None:
    """The charge takes nothing, and never will."""
    charge.state, charge.ending = State.CLOSED, ending
    charge.authorised_until = None
    announce(core, "closed", charge)


def need(charge: Charge, state: State) -> None:
    """`wrong_state` unless the charge is in this one."""
    if charge.state is not state:
        raise wrong_state(charge.state)

"""Who Duffel is to the gateway: what it can do, and how long its answers may take.

Sources: duffel.com/docs/api/overview/response-handling (times, what may be asked again), duffel.com/docs/api/orders.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.domain.itinerary import PassengerField
from app.domain.recovery import Lost, Recovery
from carriers.contract import Ability, Profile, Verb

FAMILY = "duffel"

# Airlines may take up to 120 s to answer; Duffel asks for a client time-out of at least 130 s.
WRITE_DEADLINE = timedelta(seconds=130)
# An order sent at the last instant exists 120 s later at most; the rest is for it to appear in the list of orders.
SETTLE_DELAY = timedelta(seconds=150)
# After a 202 an order "might take a couple of hours to show up".
ACCEPTED_SETTLE_DELAY = timedelta(hours=3)

# What an account with Duffel can be allowed to do.
_ABILITIES = frozenset(Ability) - {Ability.TOURS, Ability.REQUESTS, Ability.EXTEND}

_Seconds = Annotated[float, Field(gt=0, le=86_400)]


class Overrides(BaseModel):
    """What a deployment may change of the profile; an unknown name is an error.

    `abilities` are what the account may do: Duffel switches holds and balance payments on per organisation.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    abilities: frozenset[Ability] = _ABILITIES
    write_deadline_seconds: _Seconds = WRITE_DEADLINE.total_seconds()
    settle_seconds: _Seconds = SETTLE_DELAY.total_seconds()
    accepted_settle_seconds: _Seconds = ACCEPTED_SETTLE_DELAY.total_seconds()


def profile(code: str, name: str | None, overrides: Overrides, *, hears: bool) -> Profile:
    """One account with Duffel; `hears` when webhooks can be verified.

    Duffel lets no passenger facts change on a live order (only metadata), so `correctable` is empty. Its orders have no
    place for special assistance, which has to be asked for at the airline.
    """
    silent = frozenset[Ability]() if hears else frozenset({Ability.WEBHOOKS})
    return Profile(
        code=code,
        name=name or "Duffel",
        family=FAMILY,
        abilities=overrides.abilities - silent,
        recovery=_recovery(timedelta(seconds=overrides.settle_seconds)),
        write_deadline=timedelta(seconds=overrides.write_deadline_seconds),
        unsent=frozenset({PassengerField.ASSISTANCE}),
    )


def _recovery(settle_delay: timedelta) -> Mapping[Verb, Recovery]:
    """Duffel has no idempotency header, so creating an order twice makes two: look for our reference first.

    A second payment answers `already_paid`, a second cancellation `already_cancelled`, and an accepted change says that
    it is: those may be asked again, once the first can no longer be under way. An exchange is known by its order
    change, which tells whether it was made.
    Services asked for again are added again: the order tells whether it has some that it had not before.
    """
    look_first = Recovery(lost=Lost.LOOK_FIRST, settle_delay=settle_delay)
    again = Recovery(lost=Lost.IDEMPOTENT, settle_delay=settle_delay)
    return {
        Verb.HOLD: look_first,
        Verb.BUY: look_first,
        Verb.PAY: again,
        Verb.CANCEL: again,
        Verb.REFUND: again,
        Verb.EXCHANGE: look_first,
        Verb.ADD_SERVICES: look_first,
        Verb.ACCEPT: again,
    }

"""Who a tour operator is to the gateway: what it can do, and how long its answers may take."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.domain.itinerary import PassengerField
from app.domain.recovery import Lost, Recovery
from carriers.contract import Ability, Profile, Verb

FAMILY = "octo"

WRITE_DEADLINE = timedelta(seconds=30)
# A request sent at the last instant has its effect 30 s later at most, by when the operator has dropped it.
SETTLE_DELAY = timedelta(seconds=45)
# Operators keep places shorter where they want to, and say so.
HOLD_MINUTES = 1440

_ABILITIES = frozenset(
    {
        Ability.TOURS,
        Ability.HOLD,
        Ability.CANCEL,
        Ability.EXCHANGE,
        Ability.CHANGES,
        Ability.REQUESTS,
        Ability.EXTEND,
    }
)
# OCTO has names, an e-mail address and a phone number for people, and nothing else that we know of them.
_UNSENT = frozenset({PassengerField.LOYALTY, PassengerField.ASSISTANCE, PassengerField.DOCUMENT})

_Seconds = Annotated[float, Field(gt=0, le=86_400)]


class Overrides(BaseModel):
    """What a deployment may change of the profile; an unknown name is an error.

    `abilities` are what the account may do. `hold_minutes` is how long places are asked to be kept.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    abilities: frozenset[Ability] = _ABILITIES
    coming_soon: bool = False
    hold_minutes: Annotated[int, Field(gt=0, le=43_200)] = HOLD_MINUTES
    write_deadline_seconds: _Seconds = WRITE_DEADLINE.total_seconds()
    settle_seconds: _Seconds = SETTLE_DELAY.total_seconds()


def profile(code: str, name: str | None, overrides: Overrides) -> Profile:
    """One tour operator. Whoever is coming soon sells tours, and can do nothing yet."""
    return Profile(
        code=code,
        name=name or code,
        family=FAMILY,
        abilities=frozenset({Ability.TOURS}) if overrides.coming_soon else overrides.abilities & _ABILITIES,
        recovery=_recovery(timedelta(seconds=overrides.settle_seconds)),
        write_deadline=timedelta(seconds=overrides.write_deadline_seconds),
        unsent=_UNSENT,
        coming_soon=overrides.coming_soon,
    )


def _recovery(settle_delay: timedelta) -> Mapping[Verb, Recovery]:
    """A booking has the uuid we gave it: booking it again answers the same one, and so does extending it.

    Those are asked again at once, since whatever a lost attempt leaves behind lapses by itself; so is an acceptance,
    which stays the same however often it is told. A confirmation or a
    cancellation does not: a second one waits until the first can no longer take effect behind a refusal, and the
    booking then tells which it is. So it is with a refund, whose quote is named in the booking's cancellation. An
    exchange sent twice might cost its fee twice: the booking is looked at first, which tells the departure it is for.
    """
    at_once = Recovery(lost=Lost.IDEMPOTENT)
    again = Recovery(lost=Lost.IDEMPOTENT, settle_delay=settle_delay)
    return {
        Verb.HOLD: at_once,
        Verb.EXTEND: at_once,
        Verb.ACCEPT: at_once,
        Verb.PAY: again,
        Verb.CANCEL: again,
        Verb.REFUND: again,
        Verb.EXCHANGE: Recovery(lost=Lost.LOOK_FIRST, settle_delay=settle_delay),
    }

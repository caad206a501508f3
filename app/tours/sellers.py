"""The tour operators among the carriers, and how they are asked: whatever goes wrong there, they did not answer."""

import logging
from collections.abc import Awaitable, Iterable
from typing import TypeVar

from app.domain.errors import Refusal, Trouble
from app.domain.refusals import CarrierUnavailable
from app.domain.tours import Operator
from carriers.contract import Ability, Carrier
from carriers.tours import TourSeller

log = logging.getLogger("faregate.tours")

T = TypeVar("T")


class Sellers:
    """Every operator, in the settings' order; those that are coming soon sell nothing yet, and are never asked."""

    def __init__(self, carriers: Iterable[Carrier]) -> None:
        known = [carrier for carrier in carriers if Ability.TOURS in carrier.profile.abilities]
        profiles = [carrier.profile for carrier in known]
        self.operators = tuple(
            Operator(code=each.code, name=each.name, coming_soon=each.coming_soon) for each in profiles
        )
        self._sellers = {
            carrier.profile.code: carrier
            for carrier in known
            if isinstance(carrier, TourSeller) and not carrier.profile.coming_soon
        }

    def seller(self, operator: str) -> TourSeller | None:
        """The operator to ask; None for one that sells nothing (yet)."""
        return self._sellers.get(operator)


async def answer(operator: str, asked: Awaitable[T]) -> T:
    """What the operator answers; CarrierUnavailable where it does not."""
    try:
        return await asked
    except (Refusal, Trouble) as trouble:
        log.warning("operator %s did not answer about its tours: %s", operator, type(trouble).__name__)
    except Exception:
        log.exception("operator %s broke when asked about its tours", operator)
    raise CarrierUnavailable(message=f"The operator {operator} does not answer at the moment.", carrier=operator)

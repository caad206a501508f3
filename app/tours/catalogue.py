"""What every operator sells in each region, kept for a while; one that is silent takes nobody else's tours away."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from app.domain.refusals import CarrierUnavailable
from app.domain.search import OutcomeStatus
from app.domain.tours import Operator, SellingCompany, SellingRegion, Tour
from app.tours.kept import Kept, Monotonic
from app.tours.sellers import Sellers, answer
from carriers.tours import TourSeller

# A few dozen operators in five regions.
_SIZE: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class OperatorTours:
    """One operator's part: its tours in a region, or why there are none."""

    operator: Operator
    status: OutcomeStatus
    tours: tuple[Tour, ...] = ()


class TourCatalogue:
    """Asks each operator for all it sells, at most once in `keep`, and waits `deadline` for it at most."""

    def __init__(self, sellers: Sellers, *, keep: timedelta, deadline: timedelta, monotonic: Monotonic) -> None:
        self._sellers = sellers
        self._deadline = deadline.total_seconds()
        self._tours = Kept[tuple[Tour, ...]](keep=keep, size=_SIZE, monotonic=monotonic)
        self._companies = Kept[tuple[SellingCompany, ...]](keep=keep, size=_SIZE, monotonic=monotonic)

    @property
    def operators(self) -> Sequence[Operator]:
        """Every operator, those that are coming soon included."""
        return self._sellers.operators

    async def sold(self, region: SellingRegion, only: Collection[str] | None = None) -> list[OperatorTours]:
        """What each operator sells in the region, in their order; of `only` some of them, by code."""
        asked = [each for each in self.operators if only is None or each.code in only]
        return await asyncio.gather(*(self.sold_by(operator, region) for operator in asked))

    async def sold_by(self, operator: Operator, region: SellingRegion) -> OperatorTours:
        """What this operator sells in the region."""
        seller = self._sellers.seller(operator.code)
        if seller is None:
            return OperatorTours(operator=operator, status=OutcomeStatus.UNSUPPORTED)
        try:
            tours = await asyncio.wait_for(self._kept(operator.code, seller, region), self._deadline)
        except TimeoutError:
            return OperatorTours(operator=operator, status=OutcomeStatus.TIMED_OUT)
        except CarrierUnavailable:
            return OperatorTours(operator=operator, status=OutcomeStatus.FAILED)
        status = OutcomeStatus.OK if tours else OutcomeStatus.EMPTY
        return OperatorTours(operator=operator, status=status, tours=tours)

    async def companies(self, operator: str) -> tuple[SellingCompany, ...]:
        """Who sells the operator's tours, by region; nobody yet for one that is coming soon, or CarrierUnavailable."""
        seller = self._sellers.seller(operator)
        if seller is None:
            return ()
        return await self._companies.get(operator, lambda: _companies(operator, seller))

    async def _kept(self, operator: str, seller: TourSeller, region: SellingRegion) -> tuple[Tour, ...]:
        return await self._tours.get((operator, region), lambda: _tours(operator, seller, region))


async def _tours(operator: str, seller: TourSeller, region: SellingRegion) -> tuple[Tour, ...]:
    return tuple(await answer(operator, seller.tours(region)))


async def _companies(operator: str, seller: TourSeller) -> tuple[SellingCompany, ...]:
    return tuple(await answer(operator, seller.selling_companies()))

"""Whether departures can be booked: many at once, grouped by operator and region, and none asked again while fresh."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias

from app.domain.clock import Clock
from app.domain.refusals import CarrierUnavailable
from app.domain.tours import DepartureAvailability, DepartureKey, SellingRegion
from app.tours.sellers import Sellers, answer

_SIZE: Final = 20_000
# The fields of one query ask within a few turns of the event loop, the later the more lists are around them.
_TURNS: Final = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A departure to look at, as it is sold in a region; what was told less than `max_age` ago will do."""

    region: SellingRegion
    key: DepartureKey
    max_age: timedelta

    @property
    def spot(self) -> "Spot":
        """Where it is remembered."""
        return self.region, self.key


Spot: TypeAlias = tuple[SellingRegion, DepartureKey]
# None where the operator does not know the departure in that region.
Told: TypeAlias = DepartureAvailability | CarrierUnavailable | None
_Party: TypeAlias = tuple[SellingRegion, str]
_Told: TypeAlias = Mapping[DepartureKey, DepartureAvailability] | CarrierUnavailable


class Availabilities:
    """What operators told of departures; `size` of them are remembered."""

    def __init__(self, sellers: Sellers, clock: Clock, *, size: int = _SIZE) -> None:
        self._sellers = sellers
        self._clock = clock
        self._size = size
        self._known: OrderedDict[Spot, DepartureAvailability] = OrderedDict()
        self._asking: dict[Spot, asyncio.Task[_Told]] = {}
        self._unsent: dict[_Party, tuple[list[DepartureKey], asyncio.Task[_Told]]] = {}

    async def of(self, wanted: Sequence[Wanted]) -> list[Told]:
        """What is told of each, in their order: one question to each operator for a region, whatever their number."""
        fresh = {each.spot: known for each in wanted if (known := self._fresh(each))}
        asked = self._asked([each.spot for each in wanted if each.spot not in fresh])
        if asked:
            # Whoever asked first may leave; the others still wait for the same answers.
            await asyncio.wait(set(asked.values()))
        heard = {spot: _part(task.result(), spot) for spot, task in asked.items()}
        return [fresh.get(each.spot) or heard.get(each.spot) for each in wanted]

    def _fresh(self, wanted: Wanted) -> DepartureAvailability | None:
        known = self._known.get(wanted.spot)
        return known if known and self._clock.now() - known.as_of < wanted.max_age else None

    def _asked(self, spots: Sequence[Spot]) -> dict[Spot, asyncio.Task[_Told]]:
        """The question under way for each, begun where there is none."""
        for region, key in spots:
            if (region, key) not in self._asking:
                self._asking[region, key] = self._joined((region, key.operator), key)
        return {spot: self._asking[spot] for spot in spots}

    def _joined(self, party: _Party, key: DepartureKey) -> asyncio.Task[_Told]:
        """The question to the party that is not sent yet, with this departure too."""
        if party not in self._unsent:
            keys: list[DepartureKey] = []
            self._unsent[party] = keys, asyncio.create_task(self._ask(party, keys))
        keys, task = self._unsent[party]
        keys.append(key)
        return task

    async def _ask(self, party: _Party, keys: list[DepartureKey]) -> _Told:
        region, operator = party
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        del self._unsent[party]
        seller = self._sellers.seller(operator)
        try:
            told = await answer(operator, seller.availability(region, keys)) if seller else {}
        except CarrierUnavailable as silent:
            return silent
        finally:
            for key in keys:
                del self._asking[region, key]
        self._remember(region, told)
        return told

    def _remember(self, region: SellingRegion, told: Mapping[DepartureKey, DepartureAvailability]) -> None:
        for key, availability in told.items():
            self._known[region, key] = availability
            self._known.move_to_end((region, key))
        while len(self._known) > self._size:
            self._known.popitem(last=False)


def _part(told: _Told, spot: Spot) -> Told:
    return told if isinstance(told, CarrierUnavailable) else told.get(spot[1])

"""What an operator sells, remembered for a while: availability is told by ids, and has to be read with it."""

from datetime import datetime, timedelta

from app.domain.clock import Clock
from app.domain.errors import Trouble
from app.domain.tours import SellingRegion
from app.wire.account import path
from carriers.octo.calls import Calls
from carriers.octo.content import Content, Product, content, product
from carriers.octo.reading import reading

# Units, zones and names hardly change; a new tour is known as soon as the tours are read.
_KEPT = timedelta(hours=1)


class Catalogue:
    """The content of one account by region; `carrier` is its code."""

    def __init__(self, calls: Calls, clock: Clock, carrier: str) -> None:
        self._calls = calls
        self._clock = clock
        self._carrier = carrier
        self._read: dict[SellingRegion, tuple[datetime, Content]] = {}

    async def of(self, region: SellingRegion) -> Content:
        """The content as it was read a while ago at most."""
        known = self._read.get(region)
        if known and self._clock.now() - known[0] < _KEPT:
            return known[1]
        return await self.read(region)

    async def read(self, region: SellingRegion) -> Content:
        """The content as it is now."""
        with reading(self._carrier):
            products = await self._calls.get("/products/", region=region)
            supplier = await self._calls.get("/supplier/", region=region)
            found = content(self._carrier, region, products, supplier)
        self._read[region] = (self._clock.now(), found)
        return found

    async def product(self, region: SellingRegion, ref: str) -> Product:
        """A product of a booking, which may be sold no longer; Declined, Trouble or Incomplete."""
        found = (await self.of(region)).products.get(ref)
        if found is not None:
            return found
        return product(self._carrier, region, await self._calls.get(path("products", ref), region=region))

    def remembered(self, region: SellingRegion, ref: str) -> Product | None:
        """A product as it was read last; None where it was not among what was sold, or nothing was read."""
        return self._read[region][1].products.get(ref) if region in self._read else None

    def known(self, region: SellingRegion) -> Content:
        """The content as it was read last; Trouble where it never was."""
        if region not in self._read:
            raise Trouble("The operator has not been asked for its tours yet.")
        return self._read[region][1]

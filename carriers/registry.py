"""From settings to carriers: each named company, spoken to in its family's protocol."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta

from app.domain.clock import Clock
from app.settings import CarrierSettings, SettingsError
from app.wire.wire import Wire
from carriers.contract import Carrier
from carriers.duffel.build import build as build_duffel
from carriers.duffel.profile import FAMILY as DUFFEL
from carriers.octo.build import build as build_octo
from carriers.octo.profile import FAMILY as OCTO

Build = Callable[[CarrierSettings, Wire, Clock, timedelta], Carrier]

FAMILIES: Mapping[str, Build] = {DUFFEL: build_duffel, OCTO: build_octo}


class UnknownCarrierError(LookupError):
    """What we stored names a carrier that the settings no longer have."""


class Carriers:
    """The carriers the gateway sells, in the settings' order."""

    def __init__(self, carriers: Iterable[Carrier]) -> None:
        self._by_code = {carrier.profile.code: carrier for carrier in carriers}

    def __iter__(self) -> Iterator[Carrier]:
        return iter(self._by_code.values())

    def __len__(self) -> int:
        return len(self._by_code)

    def __contains__(self, code: str) -> bool:
        return code in self._by_code

    def get(self, code: str) -> Carrier:
        """The carrier with this code; UnknownCarrierError names those there are."""
        try:
            return self._by_code[code]
        except KeyError:
            known = ", ".join(self._by_code) or "none"
            raise UnknownCarrierError(f"There is no carrier {code!r}; FAREGATE_CARRIERS names: {known}.") from None


def carriers(settings: Iterable[CarrierSettings], wire: Wire, clock: Clock, *, read_deadline: timedelta) -> Carriers:
    """Every carrier the settings name, over one wire; `read_deadline` bounds one reading call to any of them."""
    return Carriers([_family(each)(each, wire, clock, read_deadline) for each in settings])


def _family(settings: CarrierSettings) -> Build:
    if settings.family not in FAMILIES:
        known = ", ".join(FAMILIES)
        raise SettingsError(f"FAREGATE_CARRIERS: {settings.code!r} names no known family; known: {known}.")
    return FAMILIES[settings.family]

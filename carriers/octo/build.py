"""From one carrier's settings to the OCTO client."""

from datetime import timedelta

from app.domain.clock import Clock
from app.settings import CarrierSettings
from app.wire.account import Account
from app.wire.wire import Wire
from carriers.octo.calls import Calls
from carriers.octo.client import Octo
from carriers.octo.profile import Overrides, profile


def build(settings: CarrierSettings, wire: Wire, clock: Clock, read_deadline: timedelta) -> Octo:
    """The client; SettingsError when the overrides are not the family's."""
    overrides = settings.overridden(Overrides)
    who = profile(settings.code, settings.name, overrides)
    account = Account(
        wire,
        clock,
        url=settings.url,
        token=settings.token.get_secret_value(),
        read_deadline=read_deadline,
        write_deadline=who.write_deadline,
    )
    calls = Calls(account)
    return Octo(who, calls, clock, hold_minutes=overrides.hold_minutes)

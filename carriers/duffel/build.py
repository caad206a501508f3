"""From one carrier's settings to the Duffel client."""

from datetime import timedelta

from app.domain.clock import Clock
from app.settings import CarrierSettings
from app.wire.account import Account
from app.wire.wire import Wire
from carriers.duffel.calls import Calls
from carriers.duffel.client import Duffel
from carriers.duffel.profile import Overrides, profile


def build(settings: CarrierSettings, wire: Wire, clock: Clock, read_deadline: timedelta) -> Duffel:
    """The client; SettingsError when the overrides are not the family's."""
    overrides = settings.overridden(Overrides)
    who = profile(settings.code, settings.name, overrides, hears=settings.webhook_secret is not None)
    account = Account(
        wire,
        clock,
        url=settings.url,
        token=settings.token.get_secret_value(),
        read_deadline=read_deadline,
        write_deadline=who.write_deadline,
    )
    calls = Calls(account, accepted_delay=timedelta(seconds=overrides.accepted_settle_seconds))
    secret = settings.webhook_secret
    return Duffel(who, calls, clock, webhook_secret=secret.get_secret_value() if secret else "")

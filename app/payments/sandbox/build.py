"""From one provider's settings to the sandbox client."""

from datetime import timedelta

from app.domain.clock import Clock
from app.payments.sandbox.calls import Calls
from app.payments.sandbox.client import SandboxPayments
from app.payments.sandbox.profile import Overrides, profile
from app.settings import ProviderSettings
from app.signing.callbacks import CallbackVerifier
from app.signing.jwks import RemoteKeys
from app.wire.account import Account
from app.wire.wire import Wire


def build(settings: ProviderSettings, wire: Wire, clock: Clock, read_deadline: timedelta) -> SandboxPayments:
    """The client; SettingsError when the overrides are not the family's."""
    overrides = settings.overridden(Overrides)
    who = profile(settings.code, settings.name, overrides)
    account = Account(
        wire,
        clock,
        url=settings.url,
        token=settings.key.get_secret_value(),
        read_deadline=read_deadline,
        write_deadline=who.write_deadline,
    )
    calls = Calls(account)
    return SandboxPayments(who, calls, clock, _verifier(settings, overrides, calls, clock))


def _verifier(settings: ProviderSettings, overrides: Overrides, calls: Calls, clock: Clock) -> CallbackVerifier | None:
    """It signs as its own address, for the address it calls."""
    if overrides.callback_url is None:
        return None
    return CallbackVerifier(RemoteKeys(calls.keys, clock), settings.url, overrides.callback_url)

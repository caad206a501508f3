"""From one provider's settings to the sandbox client."""

from datetime import timedelta

from pydantic import ValidationError

from app.domain.clock import Clock
from app.payments.sandbox.calls import Calls
from app.payments.sandbox.client import SandboxPayments
from app.payments.sandbox.profile import Overrides, profile
from app.settings import ProviderSettings, SettingsError
from app.signing.callbacks import CallbackVerifier
from app.signing.jwks import RemoteKeys
from app.wire.wire import Wire


def build(settings: ProviderSettings, wire: Wire, clock: Clock, read_deadline: timedelta) -> SandboxPayments:
    """The client; SettingsError when the overrides are not the family's."""
    overrides = _overrides(settings)
    who = profile(settings.code, settings.name, overrides)
    calls = Calls(
        wire,
        clock,
        url=settings.url,
        key=settings.key.get_secret_value(),
        read_deadline=read_deadline,
        write_deadline=who.write_deadline,
    )
    return SandboxPayments(who, calls, clock, _verifier(settings, overrides, calls, clock))


def _verifier(settings: ProviderSettings, overrides: Overrides, calls: Calls, clock: Clock) -> CallbackVerifier | None:
    """It signs as its own address, for the address it calls."""
    if overrides.callback_url is None:
        return None
    return CallbackVerifier(RemoteKeys(calls.keys, clock), settings.url, overrides.callback_url)


def _overrides(settings: ProviderSettings) -> Overrides:
    try:
        return Overrides.model_validate(settings.overrides)
    except ValidationError as error:
        wrong = ", ".join(str(problem["loc"][0]) for problem in error.errors(include_input=False))
    raise SettingsError(
        f"FAREGATE_PAYMENT_PROVIDERS: the overrides of {settings.code!r} have a wrong name or value: {wrong}."
    )

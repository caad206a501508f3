"""From one carrier's settings to the OCTO client."""

from datetime import timedelta

from pydantic import ValidationError

from app.domain.clock import Clock
from app.settings import CarrierSettings, SettingsError
from app.wire.wire import Wire
from carriers.octo.calls import Calls
from carriers.octo.client import Octo
from carriers.octo.profile import Overrides, profile


def build(settings: CarrierSettings, wire: Wire, clock: Clock, read_deadline: timedelta) -> Octo:
    """The client; SettingsError when the overrides are not the family's."""
    overrides = _overrides(settings)
    who = profile(settings.code, settings.name, overrides)
    calls = Calls(
        wire,
        clock,
        url=settings.url,
        token=settings.token.get_secret_value(),
        read_deadline=read_deadline,
        write_deadline=who.write_deadline,
    )
    return Octo(who, calls, clock, hold_minutes=overrides.hold_minutes)


def _overrides(settings: CarrierSettings) -> Overrides:
    try:
        return Overrides.model_validate(settings.overrides)
    except ValidationError as error:
        wrong = ", ".join(str(problem["loc"][0]) for problem in error.errors(include_input=False))
    raise SettingsError(f"FAREGATE_CARRIERS: the overrides of {settings.code!r} have a wrong name or value: {wrong}.")

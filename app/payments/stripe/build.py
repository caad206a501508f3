"""From one provider's settings to the Stripe client."""

from datetime import timedelta

from pydantic import ValidationError

from app.domain.clock import Clock
from app.payments.stripe.calls import RELEASE, Calls
from app.payments.stripe.client import Stripe
from app.payments.stripe.intents import Intents
from app.payments.stripe.profile import Overrides, profile
from app.settings import ProviderSettings, SettingsError
from app.signing.links import FormLinks
from app.wire.wire import Wire

_SETTING = "FAREGATE_PAYMENT_PROVIDERS"


def build(settings: ProviderSettings, wire: Wire, clock: Clock, read_deadline: timedelta, links: FormLinks) -> Stripe:
    """The client; SettingsError when a key or secret is missing, or the overrides are not the family's."""
    overrides = _overrides(settings)
    public_key, webhook_secret = _needed(settings)
    who = profile(settings.code, settings.name, overrides)
    calls = Calls(
        wire,
        url=settings.url,
        key=settings.key.get_secret_value(),
        read_deadline=read_deadline,
        write_deadline=who.write_deadline,
    )
    return Stripe(
        who,
        Intents(calls),
        clock,
        links,
        webhook_secret=webhook_secret,
        public_key=public_key,
        script_url=overrides.script_url or f"https://js.stripe.com/{RELEASE}/stripe.js",
    )


def _needed(settings: ProviderSettings) -> tuple[str, str]:
    """The publishable key and the webhook secret: neither the form nor a callback works without."""
    secret = settings.webhook_secret.get_secret_value().strip() if settings.webhook_secret else ""
    given = {
        "key": settings.key.get_secret_value().strip(),
        "public_key": (settings.public_key or "").strip(),
        "webhook_secret": secret,
    }
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise SettingsError(f"{_SETTING}: {settings.code!r} needs {', '.join(missing)}.")
    return given["public_key"], secret


def _overrides(settings: ProviderSettings) -> Overrides:
    try:
        return Overrides.model_validate(settings.overrides)
    except ValidationError as error:
        wrong = ", ".join(str(problem["loc"][0]) for problem in error.errors(include_input=False))
    raise SettingsError(f"{_SETTING}: the overrides of {settings.code!r} have a wrong name or value: {wrong}.")

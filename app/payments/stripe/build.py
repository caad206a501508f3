"""From one provider's settings to the Stripe client."""

import os
from datetime import timedelta

from pydantic import SecretStr

from app.domain.clock import Clock
from app.payments.stripe.calls import RELEASE, Calls
from app.payments.stripe.client import Stripe
from app.payments.stripe.intents import Intents
from app.payments.stripe.profile import Overrides, profile
from app.settings import ProviderSettings, SettingsError
from app.signing.links import FormLinks
from app.wire.wire import Wire

_SETTING = "FAREGATE_PAYMENT_PROVIDERS"
_LOG = "STRIPE_LOG"


def build(settings: ProviderSettings, wire: Wire, clock: Clock, read_deadline: timedelta, links: FormLinks) -> Stripe:
    """The client; SettingsError when a key or secret is missing, or the overrides are not the family's."""
    if os.environ.get(_LOG):
        raise SettingsError(f"{_LOG} makes Stripe's library print payers' data: it must not be set.")
    overrides = settings.overridden(Overrides)
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
        webhook_secret=webhook_secret.get_secret_value(),
        public_key=public_key,
        script_url=overrides.script_url or f"https://js.stripe.com/{RELEASE}/stripe.js",
    )


def _needed(settings: ProviderSettings) -> tuple[str, SecretStr]:
    """The publishable key and the webhook secret: neither the form nor a callback works without."""
    public_key = (settings.public_key or "").strip()
    if not public_key or settings.webhook_secret is None:
        raise SettingsError(f"{_SETTING}: {settings.code!r} needs a public_key and a webhook_secret.")
    return public_key, settings.webhook_secret

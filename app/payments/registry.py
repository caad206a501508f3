"""From settings to payment providers: each named company, spoken to in its family's protocol."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta

from app.domain.clock import Clock
from app.domain.refusals import PaymentUnavailable
from app.payments.contract import PaymentProvider
from app.payments.sandbox.build import build as build_sandbox
from app.payments.sandbox.profile import FAMILY as SANDBOX
from app.payments.stripe.profile import FAMILY as STRIPE
from app.settings import ProviderSettings, SettingsError
from app.signing.links import FormLinks
from app.wire.wire import Wire

Build = Callable[[ProviderSettings, Wire, Clock, timedelta, FormLinks], PaymentProvider]


def _sandbox(
    settings: ProviderSettings, wire: Wire, clock: Clock, read_deadline: timedelta, _links: FormLinks
) -> PaymentProvider:
    return build_sandbox(settings, wire, clock, read_deadline)


def _stripe(
    settings: ProviderSettings, wire: Wire, clock: Clock, read_deadline: timedelta, links: FormLinks
) -> PaymentProvider:
    # Its library takes a third of a second to import, which only those who use it should wait for.
    from app.payments.stripe.build import build

    return build(settings, wire, clock, read_deadline, links)


FAMILIES: Mapping[str, Build] = {SANDBOX: _sandbox, STRIPE: _stripe}


class UnknownProviderError(LookupError):
    """What we stored names a provider that the settings no longer have."""


class Providers:
    """The payment providers, in the settings' order; the first takes new payments."""

    def __init__(self, providers: Iterable[PaymentProvider]) -> None:
        self._by_code = {provider.profile.code: provider for provider in providers}

    def __iter__(self) -> Iterator[PaymentProvider]:
        return iter(self._by_code.values())

    def first(self) -> PaymentProvider:
        """The provider of new payments; PaymentUnavailable when there is none."""
        for provider in self:
            return provider
        raise PaymentUnavailable(message="This gateway takes no cards; pay on account.", path=("input", "method"))

    def get(self, code: str) -> PaymentProvider:
        """The provider with this code; UnknownProviderError names those there are."""
        try:
            return self._by_code[code]
        except KeyError:
            known = ", ".join(self._by_code) or "none"
            raise UnknownProviderError(
                f"There is no payment provider {code!r}; FAREGATE_PAYMENT_PROVIDERS names: {known}."
            ) from None


def providers(
    settings: Iterable[ProviderSettings], wire: Wire, clock: Clock, *, read_deadline: timedelta, links: FormLinks
) -> Providers:
    """Every provider the settings name, over one wire; `read_deadline` bounds one reading call to any of them.

    `links` address the card forms that are pages of ours.
    """
    return Providers([_family(each)(each, wire, clock, read_deadline, links) for each in settings])


def _family(settings: ProviderSettings) -> Build:
    if settings.family not in FAMILIES:
        known = ", ".join(FAMILIES)
        raise SettingsError(f"FAREGATE_PAYMENT_PROVIDERS: {settings.code!r} names no known family; known: {known}.")
    return FAMILIES[settings.family]

"""What is posted to an endpoint, written anew for every attempt."""

from dataclasses import dataclass

from app.delivery import secrets
from app.delivery.due import Due, Told
from app.delivery.payment_callback import payment_callback
from app.delivery.webhook import webhook
from app.domain.clock import Clock
from app.domain.errors import Trouble
from app.domain.payment import BillingAddress
from app.domain.refusals import NotFound
from app.payments.registry import Providers, UnknownProviderError
from app.signing.sealing import Sealer
from app.signing.tokens import Tokens
from app.store.delivery_tables import EndpointFormat
from app.wire.messages import Request

# So often, in half an hour, an outcome waits for a provider that cannot say where the payer is billed.
_PATIENT_ATTEMPTS = 3


@dataclass(frozen=True, kw_only=True)
class Letters:
    """Writes and signs requests. Billing addresses pass through here, and nowhere rest."""

    clock: Clock
    sealer: Sealer
    tokens: Tokens
    providers: Providers
    selling_company: str

    async def write(self, due: Due) -> Request:
        """The request; Trouble while the payment provider cannot say where the payer is billed."""
        if due.target.format is EndpointFormat.PAYMENT_CALLBACK:
            billed = await self._billed(due)
            return payment_callback(due, billed, self.selling_company, self.tokens, self.clock.now())
        now = self.clock.now()
        return webhook(due, secrets.active(self.sealer, due.target.id, due.target.secret or "", now), now)

    async def _billed(self, due: Due) -> BillingAddress:
        try:
            return await self._asked(due.told) or BillingAddress()
        except Trouble:
            if due.attempts <= _PATIENT_ATTEMPTS:
                raise Trouble("The payment provider could not be asked for the billing address.") from None
            return BillingAddress()

    async def _asked(self, told: Told) -> BillingAddress | None:
        if told.provider is None or told.charge is None:
            return None
        try:
            return await self.providers.get(told.provider).billing(told.charge)
        except (NotFound, UnknownProviderError):
            return None

"""A payment provider in memory, for clients that only look at what the gateway makes of it."""

from dataclasses import replace
from datetime import timedelta

from app.domain.errors import Trouble
from app.domain.money import Money
from app.domain.payment import DeclineReason
from app.domain.recovery import Lost, Recovery
from app.domain.refusals import NotFound
from app.payments.contract import Charge, ChargeState, PaymentVerb, ProviderProfile, ProviderRefund


class Cards:
    """Its charges by their ids, and the wishes they were opened for; `down` while it cannot be reached."""

    def __init__(self):
        self.profile = ProviderProfile(
            code="cards",
            name="Cards in memory",
            family="memory",
            recovery=dict.fromkeys(PaymentVerb, Recovery(lost=Lost.IDEMPOTENT)),
            write_deadline=timedelta(seconds=10),
            refund_arrival=timedelta(days=3),
        )
        self.charges, self.wishes, self.keys = {}, {}, {}
        self.down = False

    async def open(self, wish, call):
        if self.down:
            raise Trouble("connection refused")
        if call.key not in self.keys:
            ref = self.keys[call.key] = f"ch_{len(self.charges) + 1}"
            self.wishes[ref] = wish
            self.charges[ref] = Charge(
                ref=ref,
                state=ChargeState.OPEN,
                amount=wish.amount,
                captured=Money.zero(wish.amount.currency),
                form_url=f"https://cards.example/pay/{ref}",
                expires_at=wish.expires_at,
            )
        return self.charges[self.keys[call.key]]

    async def charge(self, ref):
        if ref not in self.charges:
            raise NotFound(message="No such charge.")
        return self.charges[ref]

    async def find(self, key, *, since):
        return self.charges.get(self.keys.get(key))

    async def close(self, ref, call):
        return self._changed(ref, state=ChargeState.CLOSED) if self._is(ref, ChargeState.OPEN) else self.charges[ref]

    async def capture(self, ref, amount, call):
        return self._changed(ref, state=ChargeState.CAPTURED, captured=amount)

    async def void(self, ref, call):
        return self._changed(ref, state=ChargeState.CLOSED)

    async def refund(self, ref, amount, call):
        refund = ProviderRefund(ref=f"re_{call.key}", amount=amount, key=call.key)
        self._changed(ref, refunds=(*self.charges[ref].refunds, refund))
        return refund

    def pays(self, ref="ch_1", card="Visa 4242"):
        """The payer gives a card that is good."""
        self._changed(ref, state=ChargeState.AUTHORISED, card=card, attempts=self.charges[ref].attempts + 1)

    def tries(self, ref="ch_1", reason=DeclineReason.INSUFFICIENT_FUNDS):
        """The payer gives a card that is declined."""
        self._changed(ref, declined=reason, attempts=self.charges[ref].attempts + 1)

    def _is(self, ref, state):
        return self.charges[ref].state == state

    def _changed(self, ref, **facts):
        self.charges[ref] = replace(self.charges[ref], **facts)
        return self.charges[ref]

"""What every verb works with, and how a client's wish becomes an operation and an outcome."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from app.domain import codec
from app.domain.clock import Clock
from app.domain.errors import Refusal
from app.domain.ids import Ids
from app.domain.partner import Billing, Viewer
from app.domain.refusals import BookingBusy, InvalidInput, NotFound
from app.journal.journal import Journal, Opened, Opening, Prepared
from app.journal.run import Claim
from app.journal.runner import Runner
from app.payments.registry import Providers
from app.pricing.offers import OfferSeals
from app.signing.digest import Digester
from app.signing.links import PaymentLinks
from app.signing.sealing import Sealer
from app.store.engine import Store
from app.store.tables import BookingRow, OperationRow, OperationState
from carriers.registry import Carriers

_PEEK_SECONDS = 0.1
# Who acts when a deadline does.
SYSTEM = "system"
# How the keys of its operations begin; a client's key that did could stop them from ever opening.
_RESERVED = "faregate:"
_OVER = {OperationState.DONE, OperationState.REFUSED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """The gateway's own terms.

    Payment closes `pay_margin` before a carrier's limit, a card form after `payment_session` at the latest. A client
    waits for its operation as long as `client_wait_seconds`. `carrier_billing` is how carriers' accounts are settled,
    by code, where another way than the usual was agreed. Our records are compared with carriers' and payment providers'
    every `reconcile_every`, or never: those made in the `reconciled` time before, and what has its travel ahead.
    """

    pay_margin: timedelta = timedelta(minutes=5)
    payment_session: timedelta = timedelta(minutes=30)
    client_wait_seconds: float = 25.0
    carrier_billing: Mapping[str, Billing] = field(default_factory=dict)
    reconcile_every: timedelta | None = None
    reconciled: timedelta = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tools:
    """What the verbs need to do their work; the journal runs them with it."""

    store: Store
    clock: Clock
    ids: Ids
    carriers: Carriers
    providers: Providers
    payment_links: PaymentLinks
    seals: OfferSeals
    vault: Sealer
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of a wish: the operation, its booking, and the Refusal it ended in, if it did."""

    operation_id: str
    booking_id: str | None
    state: OperationState
    refusal: Refusal | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """Where clients' wishes are taken: the tools, the journal and the runner."""

    tools: Tools
    journal: Journal
    runner: Runner
    digester: Digester

    def opening(self, viewer: Viewer, verb: str, key: str, wish: object) -> Opening:
        """The opening of a wish; its hash covers the whole input, personal data included, so it is keyed.

        InvalidInput for a key that begins as the gateway's own do.
        """
        if key.startswith(_RESERVED):
            raise InvalidInput(
                message=f"An idempotency key cannot begin with {_RESERVED!r}.", path=("input", "idempotencyKey")
            )
        return Opening(
            partner_id=viewer.partner.id,
            key=key,
            verb=verb,
            input_hash=self.digester.digest(wish),
            same_input=lambda known: self.digester.matches(wish, known),
            actor=viewer.actor,
        )

    async def take(
        self, opening: Opening, prepare: Callable[[Session, str], Prepared], *, booking_id: str = ""
    ) -> Outcome:
        """Open the operation, let it run, and answer its outcome; still open when the client's wait is over.

        What the gateway does by itself with the booking is waited for first; BookingBusy when that takes too long, or
        when another wish of the partner is changing the booking.
        """
        until = self._patience()
        opened = await self._opened(opening, prepare, booking_id, until)
        if opened.claim is not None:
            self.runner.start(opened.claim)
        return await self._ended(opened.operation.id, until)

    async def take_due(
        self, verb: str, subject: str, booking: BookingRow, prepare: Callable[[Session, str], Prepared]
    ) -> Claim | None:
        """Open an operation whose time has come, once per subject; None when it exists or the booking is busy."""
        opening = Opening(
            partner_id=booking.partner_id,
            key=due_key(verb, subject),
            verb=verb,
            input_hash=subject,
            same_input=lambda known: known == subject,
            actor=SYSTEM,
        )
        try:
            opened = await self.journal.open(opening, lambda session, _id: prepare(session, booking.id), booking.id)
        except (BookingBusy, NotFound):
            return None
        return opened.claim

    async def ended(self, operation_id: str) -> Outcome:
        """The operation's outcome as soon as it ends, or as it stands when the client's wait is over."""
        return await self._ended(operation_id, self._patience())

    async def outcome(self, operation_id: str) -> Outcome:
        """The operation as it stands now."""
        row = await self.tools.store.read(lambda session: session.get_one(OperationRow, operation_id))
        return outcome_of(row)

    def _patience(self) -> float:
        """When the client's wait is over, on the event loop's clock."""
        return asyncio.get_running_loop().time() + self.tools.terms.client_wait_seconds

    async def _opened(
        self, opening: Opening, prepare: Callable[[Session, str], Prepared], booking_id: str, until: float
    ) -> Opened:
        while True:
            try:
                return await self.journal.open(opening, prepare, booking_id)
            except BookingBusy as busy:
                if not await self._gave_way(busy.operation_id, until):
                    raise

    async def _gave_way(self, operation_id: str, until: float) -> bool:
        """Whether it was the gateway's own operation, and has ended in time."""
        row = await self.tools.store.read(lambda session: session.get_one(OperationRow, operation_id))
        return row.actor == SYSTEM and (await self._ended(operation_id, until)).state in _OVER

    async def _ended(self, operation_id: str, until: float) -> Outcome:
        loop = asyncio.get_running_loop()
        outcome = await self.outcome(operation_id)
        while outcome.state == OperationState.OPEN and loop.time() < until:
            await self.runner.wait(operation_id, until - loop.time())
            outcome = await self.outcome(operation_id)
            if outcome.state == OperationState.OPEN:
                await asyncio.sleep(min(_PEEK_SECONDS, max(0.0, until - loop.time())))
        return outcome


def due_key(verb: str, subject: str) -> str:
    """The key of the operation that a deadline opens, once, for its subject."""
    return f"{_RESERVED}{verb}/{subject}"


def outcome_of(row: OperationRow) -> Outcome:
    """The outcome an operation's row tells."""
    refusal: dict[str, Any] | None = row.refusal
    return Outcome(
        operation_id=row.id,
        booking_id=row.booking_id,
        state=OperationState(row.state),
        refusal=codec.load_refusal(refusal) if refusal else None,
    )

"""Whom we compare with: how a carrier's orders and a payment provider's charges are listed, asked for and compared."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Protocol, TypeVar

from sqlmodel import Session

from app.domain.refusals import NotFound, Unsupported
from app.payments.contract import ListedCharge, PaymentProvider
from app.reconcile import compare_charges, compare_orders, our_charges, our_orders
from app.reconcile.findings import Comparison
from app.reconcile.under_way import Span, quiet_before
from app.store.aftersales_tables import DiscrepancyKind
from carriers.contract import Carrier, ListedOrder

L = TypeVar("L")


class Side(Protocol[L]):
    """The other side's records, by their ids there. Reads raise Trouble, or a Refusal where it will not tell."""

    @property
    def source(self) -> str:
        """Whose records they are: the carrier's or provider's code."""
        ...

    @property
    def kinds(self) -> Collection[DiscrepancyKind]:
        """What comparing with them can find."""
        ...

    async def listed(self, since: datetime) -> dict[str, L]:
        """Everything made at or after `since`."""
        ...

    async def asked(self, ref: str, since: datetime) -> L | None:
        """One record that the list since then lacks, None where the other side has none."""
        ...

    def unlisted(
        self, session: Session, listed: Collection[str], span: Span, after: str, limit: int
    ) -> Sequence[tuple[str, str]]:
        """Of ours, by our ids and after this one: what counts on a record that the list lacks."""
        ...

    def compare(
        self, session: Session, theirs: Mapping[str, L | None], owners: Mapping[str, str | None], now: datetime
    ) -> Comparison:
        """What ours, as they are now, and theirs, as they were told after `now`, disagree on."""
        ...


class Orders:
    """A carrier's orders, beside our items."""

    kinds = (
        DiscrepancyKind.UNKNOWN_ORDER,
        DiscrepancyKind.MISSING_ORDER,
        DiscrepancyKind.ORDER_STATE,
        DiscrepancyKind.ORDER_AMOUNT,
    )

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self.source = carrier.profile.code

    async def listed(self, since: datetime) -> dict[str, ListedOrder]:
        """Every order of the account; of a carrier that lists none, ours are asked for one by one."""
        with suppress(Unsupported):
            return {each.order.ref: each for each in await self._carrier.orders(since=since)}
        return {}

    async def asked(self, ref: str, since: datetime) -> ListedOrder | None:
        """One order."""
        try:
            return ListedOrder(order=await self._carrier.order(ref), key=None, created_at=since)
        except NotFound:
            return None

    def unlisted(
        self, session: Session, listed: Collection[str], span: Span, after: str, limit: int
    ) -> Sequence[tuple[str, str]]:
        """Live items whose order the list lacks."""
        return our_orders.unlisted(session, self.source, listed, span, after, limit)

    def compare(
        self,
        session: Session,
        theirs: Mapping[str, ListedOrder | None],
        owners: Mapping[str, str | None],
        now: datetime,
    ) -> Comparison:
        """Our items and their orders."""
        quiet = quiet_before(self._carrier.profile, now)
        ours = our_orders.our_orders(session, self.source, theirs, owners, quiet)
        return compare_orders.compare(self.source, ours, theirs, quiet)


class Charges:
    """A payment provider's charges, beside our card payments."""

    kinds = (
        DiscrepancyKind.UNKNOWN_CHARGE,
        DiscrepancyKind.MISSING_CHARGE,
        DiscrepancyKind.CHARGE_STATE,
        DiscrepancyKind.CHARGE_AMOUNT,
    )

    def __init__(self, provider: PaymentProvider) -> None:
        self._provider = provider
        self.source = provider.profile.code

    async def listed(self, since: datetime) -> dict[str, ListedCharge]:
        """Every charge of the account."""
        return {each.charge.ref: each for each in await self._provider.charges(since=since)}

    async def asked(self, ref: str, since: datetime) -> ListedCharge | None:
        """One charge."""
        try:
            return ListedCharge(charge=await self._provider.charge(ref), payment=None, created_at=since)
        except NotFound:
            return None

    def unlisted(
        self, session: Session, listed: Collection[str], span: Span, after: str, limit: int
    ) -> Sequence[tuple[str, str]]:
        """Payments that reserve or took something, whose charge the list lacks."""
        return our_charges.unlisted(session, self.source, listed, span, after, limit)

    def compare(
        self,
        session: Session,
        theirs: Mapping[str, ListedCharge | None],
        owners: Mapping[str, str | None],  # noqa: ARG002 - a charge names the payment it was opened for
        now: datetime,
    ) -> Comparison:
        """Our payments and their charges."""
        quiet = quiet_before(self._provider.profile, now)
        ours = our_charges.our_charges(session, self.source, theirs, quiet)
        return compare_charges.compare(self.source, ours, theirs, quiet)

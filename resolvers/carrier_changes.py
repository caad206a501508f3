"""Changes from the carrier's side: what can still be done about one."""

from collections.abc import Sequence

from app.domain.aftersales import CarrierChange, ChangeAction
from app.store.aftersales_tables import CarrierChangeRow, ChangeState
from resolvers.context import Context
from resolvers.loaders import CARRIER_CHANGE_BY_ID, own


def choices(context: Context, row: CarrierChangeRow, change: CarrierChange) -> Sequence[ChangeAction]:
    """What can be done about it now: nothing once it is settled, or its time is over."""
    over = row.deadline is not None and row.deadline <= context.services.clock.now()
    return () if row.state != ChangeState.OPEN or over else change.actions


async def change_named(context: Context, change_id: str) -> CarrierChangeRow | None:
    """The viewer's change of this id."""
    return await own(context, CARRIER_CHANGE_BY_ID, change_id)

"""Replay: tell a partner's backend of an event again."""

from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from app.booking.desk import Desk, Outcome, Tools
from app.delivery.deliveries import replay
from app.domain.partner import Viewer
from app.domain.refusals import NotFound
from app.journal.journal import Prepared
from app.journal.run import Run
from app.store.delivery_tables import DeliveryRow, EndpointRow

VERB = "replay-webhook@1"
_PATH = ("input", "deliveryId")


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplayWish:
    """The delivery to make again, however it stands."""

    delivery_id: str


async def take_replay(desk: Desk, viewer: Viewer, key: str | None, wish: ReplayWish) -> Outcome:
    """Deliver it again at once; NotFound when the partner has no such delivery, or its endpoint was removed.

    Without a key every call is a wish of its own: receivers know a repeated event by its id.
    """

    def prepare(session: Session, _operation_id: str) -> Prepared:
        row = _replayable(session, viewer.partner.id, wish.delivery_id)
        return Prepared(booking_id=None, input={"delivery": row.id})

    opening = desk.opening(viewer, VERB, key if key is not None else desk.tools.ids.new("replay"), wish)
    return await desk.take(opening, prepare)


async def replay_webhook(tools: Tools, run: Run) -> None:
    """The verb: make it due now, with a new schedule."""
    await run.record("replay", bool, partial(_replay, tools, run))


def _replay(tools: Tools, run: Run, session: Session) -> bool:
    replay(_replayable(session, run.claim.partner_id, run.claim.input["delivery"]), tools.clock.now())
    return True


def _replayable(session: Session, partner_id: str, delivery_id: str) -> DeliveryRow:
    row = session.get(DeliveryRow, delivery_id, with_for_update=True)
    if row is None or row.partner_id != partner_id:
        raise NotFound(message="No delivery with this id exists.", path=_PATH)
    # Kept as it is until this is written, so that nothing waits for ever at an endpoint that is removed meanwhile.
    endpoint = session.get_one(EndpointRow, row.endpoint_id, with_for_update={"read": True})
    if not endpoint.active:
        raise NotFound(message="The endpoint of this delivery was removed.", path=_PATH)
    return row

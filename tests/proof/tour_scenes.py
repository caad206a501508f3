"""The verbs of tours, each with the operator's endpoints that it calls and with what may come of it."""

from tests.booking.crashing import Stage
from tests.proof.scene import Scene
from tests.tours import balance_scenes as balances
from tests.tours import booking_scenes as bookings
from tests.tours import change_scenes as changes
from tests.tours import request_scenes as requests

_CREATE, _CONFIRM, _CANCEL = "bookings.create", "bookings.confirm", "bookings.cancel"
_UPDATE, _EXTEND, _GET = "bookings.update", "bookings.extend", "bookings.get"


def _scene(name: str, stage: Stage, endpoints: tuple[str, ...], *endings: str) -> Scene:
    return Scene(f"tour, {name}", stage, endpoints, frozenset(endings))


TOURS = (
    _scene("reserve", bookings.reserving_alone, (_CREATE, "availability.departures"), "HELD", "REJECTED"),
    _scene("pay", bookings.paying, (_CONFIRM, _GET), "TICKETED", "CANCELLED", "CONFIRMED", "HELD"),
    _scene("cancel", bookings.cancelling, (_CANCEL,), "CANCELLED"),
    _scene("expire", bookings.expiring, (_CANCEL,), "EXPIRED"),
    _scene("request", requests.asking, (_CREATE,), "REQUESTED", "REJECTED"),
    _scene("request accepted", requests.accepted, (_EXTEND, _GET), "HELD"),
    _scene("request refused", requests.refused, (_GET,), "REJECTED"),
    _scene("request lapsing", requests.lapsing, (_CANCEL, _GET), "EXPIRED"),
    _scene("deposit", balances.depositing, (_CONFIRM,), "CONFIRMED", "CANCELLED", "HELD"),
    _scene("rest", balances.paying_the_rest, (_GET,), "TICKETED", "CONFIRMED"),
    _scene("rest unpaid", balances.unpaid, (_CANCEL, _GET), "CANCELLED"),
    _scene("refund", changes.refunding, (_CANCEL, _GET), "REFUNDED", "TICKETED"),
    _scene("refund of a deposit", changes.refunding_deposit, (_CANCEL,), "REFUNDED", "CONFIRMED"),
    _scene("exchange", changes.exchanging, (_UPDATE, _GET), "TICKETED"),
    _scene("exchange on a deposit", changes.exchanging_deposit, (_UPDATE,), "CONFIRMED"),
    _scene("exchange a hold", changes.exchanging_held, (_CREATE, _CANCEL), "HELD"),
)

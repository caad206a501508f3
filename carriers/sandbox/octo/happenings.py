"""What happens by itself when the world's time reaches it."""

from collections.abc import Callable
from contextlib import suppress

from app.domain.tours import SellingRegion
from carriers.sandbox.exchange import Json
from carriers.sandbox.octo import booking, requests
from carriers.sandbox.octo.core import Call, Core
from carriers.sandbox.octo.errors import OctoError
from carriers.sandbox.octo.facts import Booking, Status
from carriers.sandbox.octo.routes import ROUTES


def _call(core: Core, about: Json) -> None:
    call = Call(
        operator=core.catalogue.operators[about["operator"]],
        path=about["path"],
        data=about["data"],
        granted=tuple(about["granted"]),
        region=SellingRegion(about["region"]),
    )
    # A late effect that meanwhile is impossible simply does not happen.
    with suppress(OctoError):
        ROUTES.by_name[about["endpoint"]].answer(core, call)


def _expire(core: Core, about: Json) -> None:
    booking.expire(core, _booking(core, about))


def _accept(core: Core, about: Json) -> None:
    requests.accept(core, _booking(core, about))


def _refuse(core: Core, about: Json) -> None:
    booking.reject(core, _booking(core, about))


def _issue(core: Core, about: Json) -> None:
    found = _booking(core, about)
    if found.status is Status.CONFIRMED:
        booking.ticket(core, found)


def _booking(core: Core, about: Json) -> Booking:
    return core.facts.bookings[about["operator"], about["uuid"]]


HAPPENINGS: dict[str, Callable[[Core, Json], None]] = {
    "call": _call,
    "expire": _expire,
    "accept": _accept,
    "refuse": _refuse,
    "issue": _issue,
}

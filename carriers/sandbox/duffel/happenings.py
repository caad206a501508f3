"""What happens by itself when the world's time reaches it."""

from collections.abc import Callable

from carriers.sandbox.duffel import airline_changes, booking
from carriers.sandbox.duffel.core import Call, Core
from carriers.sandbox.duffel.errors import DuffelError
from carriers.sandbox.duffel.facts import OrderState
from carriers.sandbox.duffel.routes import ROUTES
from carriers.sandbox.duffel.webhooks import announce
from carriers.sandbox.exchange import Json


def _call(core: Core, about: Json) -> None:
    # A late effect that meanwhile is impossible simply does not happen.
    try:
        ROUTES.by_name[about["endpoint"]].answer(core, Call(path=about["path"], data=about["data"]))
    except DuffelError:
        if about["endpoint"] == "orders.create":
            _fail_order(core, about)


def _fail_order(core: Core, about: Json) -> None:
    data = about["data"]
    offer_id = data["selected_offers"][0]
    resource = {"offer_id": offer_id, "metadata": data.get("metadata") or {}}
    announce(core, "order.creation_failed", offer_id, resource)


def _expire_hold(core: Core, about: Json) -> None:
    booking.expire(core, core.facts.orders[about["order_id"]])


def _issue_documents(core: Core, about: Json) -> None:
    booking.issue_documents(core, core.facts.orders[about["order_id"]])


def _give_back(core: Core, about: Json) -> None:
    booking.give_back(core, core.facts.cancellations[about["cancellation_id"]])


def _tell_created(core: Core, about: Json) -> None:
    booking.tell_created(core, core.facts.orders[about["order_id"]])


def _change_flight(core: Core, about: Json) -> None:
    order = core.facts.orders[about["order_id"]]
    if order.state is OrderState.PAID:
        airline_changes.change(core, order, order.slices[0], about["kind"])


HAPPENINGS: dict[str, Callable[[Core, Json], None]] = {
    "call": _call,
    "fail_order": _fail_order,
    "expire_hold": _expire_hold,
    "issue_documents": _issue_documents,
    "give_back": _give_back,
    "tell_created": _tell_created,
    "change_flight": _change_flight,
}

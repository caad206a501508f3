"""The steps that look for services and add them. Requests hold ids and amounts only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from app.booking.desk import Tools
from app.booking.orders import asking, changing
from app.booking.services import flights, for_order
from app.domain.aftersales import BookedService, Service, ServiceChoice, newly_booked
from app.domain.money import Money
from app.domain.recovery import Call
from app.journal.steps import Step
from carriers.contract import CarrierOrder, Verb


@dataclass(frozen=True, kw_only=True, slots=True)
class ServicesRequest:
    """Services of this order's, by the carrier's references."""

    carrier: str
    order: str
    services: tuple[ServiceChoice, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundServices:
    """What can be had of the services asked for, and the order's references of its flights."""

    services: tuple[Service, ...]
    flights: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AddRequest:
    """What to add to an order for `amount` in all, and what it had `before`."""

    carrier: str
    order: str
    services: tuple[ServiceChoice, ...]
    amount: Money
    before: tuple[BookedService, ...]


def find_services(tools: Tools, item: str, request: ServicesRequest) -> Step[ServicesRequest, FoundServices]:
    """Look for the chosen services among those that can be added to the order."""
    carrier = tools.carriers.get(request.carrier)

    async def ask(wanted: ServicesRequest) -> FoundServices:
        services = await for_order(carrier, wanted.order, wanted.services)
        return FoundServices(services=services, flights=flights((await carrier.order(wanted.order)).journeys))

    return asking(carrier, "find-services", item, request, FoundServices, ask)


def add_services(
    tools: Tools, item: str, request: AddRequest, settle: Callable[[Session, CarrierOrder], None]
) -> Step[AddRequest, CarrierOrder]:
    """Add the services. Where the answer is lost, what the order has more than `before` is what was added."""
    carrier = tools.carriers.get(request.carrier)

    async def ask(wanted: AddRequest, call: Call) -> CarrierOrder:
        return await carrier.add_services(wanted.order, wanted.services, wanted.amount, call)

    async def find(wanted: AddRequest, _call: Call, _since: datetime) -> CarrierOrder | None:
        order = await carrier.order(wanted.order)
        return order if newly_booked(wanted.before, order.services) else None

    return changing(carrier, Verb.ADD_SERVICES, item, request, CarrierOrder, ask, settle=settle, find=find)

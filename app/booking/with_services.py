"""Reserve's seats and bags: what they cost with the offer, and who gets them. Carriers sell them only at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.booking.desk import Tools
from app.booking.facts import price_of, refresh
from app.booking.orders import asking
from app.booking.prices import with_services
from app.booking.services import carrier_price, customer_price, quoted, with_offer
from app.domain import codec
from app.domain.aftersales import BookedService, ServiceChoice
from app.domain.itinerary import OfferPassenger
from app.domain.money import Money
from app.domain.quotes import QuotedService
from app.domain.refusals import InvalidInput
from app.journal.steps import Step
from app.pricing.offers import OfferToken
from app.store.tables import ItemRow

_PATH = ("input", "services")
_MOST = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class ChosenService:
    """So many of a service that is sold with one of the offers, for one of the passengers, by their positions."""

    offer: int
    ref: str
    quantity: int
    passenger: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WantedService:
    """So many of a service for a traveller; `place` is its position in the input."""

    ref: str
    quantity: int
    traveller: str
    place: int

    @property
    def choice(self) -> ServiceChoice:
        """What to tell the carrier."""
        return ServiceChoice(ref=self.ref, quantity=self.quantity)


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferServicesRequest:
    """Services to find with an offer; `passengers` are the carrier's references by traveller id, as matched by age."""

    carrier: str
    offer: str
    services: tuple[WantedService, ...]
    passengers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferServices:
    """What they cost, and the carrier's references by traveller id under which each gets what was chosen for it."""

    services: tuple[QuotedService, ...]
    passengers: Mapping[str, str]


def check_services(services: Sequence[ChosenService], offers: int, passengers: int) -> None:
    """InvalidInput, with the path of the field, for a service that cannot be meant."""
    if len(services) > _MOST:
        raise InvalidInput(message=f"A booking takes {_MOST} services at most.", path=_PATH)
    seen: set[tuple[int, str]] = set()
    for place, service in enumerate(services):
        _check(service, seen, offers, passengers, (*_PATH, str(place)))
        seen.add((service.offer, service.ref))


def find_services(
    tools: Tools, item: str, token: OfferToken, services: Sequence[WantedService], passengers: Mapping[str, str]
) -> Step[OfferServicesRequest, OfferServices]:
    """Ask what the services cost with the offer, and write them and their price into the item."""
    carrier = tools.carriers.get(token.carrier)

    async def ask(wanted: OfferServicesRequest) -> OfferServices:
        choices = [service.choice for service in wanted.services]
        for_sale = await with_offer(carrier, wanted.offer, choices)
        found = quoted(token.price, choices, for_sale, [service.place for service in wanted.services])
        return OfferServices(services=found, passengers=given_to(wanted, found, token.passengers))

    def settle(session: Session, found: OfferServices) -> None:
        row = session.get_one(ItemRow, item)
        row.passengers = dict(found.passengers)
        row.services = [codec.dump(_booked(each)) for each in found.services]
        currency = token.price.carrier_total.currency
        asked = customer_price(found.services, token.price.currency), carrier_price(found.services, currency)
        row.price = codec.dump(with_services(price_of(row), *asked))
        refresh(session, row.booking_id)

    request = OfferServicesRequest(
        carrier=token.carrier, offer=token.offer, services=tuple(services), passengers=passengers
    )
    return asking(carrier, "find-services", item, request, OfferServices, ask, settle=settle)


def given_to(
    wanted: OfferServicesRequest, found: Iterable[QuotedService], priced: Iterable[OfferPassenger]
) -> Mapping[str, str]:
    """The carrier's references so that everybody gets what was chosen for them: passengers priced alike trade places.

    InvalidInput where that cannot be: a service is somebody else's.
    """
    kinds = {place.ref: (place.type, place.age) for place in priced}
    passengers, owners = dict(wanted.passengers), dict[str, str]()
    for service, each in zip(wanted.services, found, strict=True):
        theirs, ours = each.service.passenger, passengers[service.traveller]
        if owners.setdefault(theirs, service.traveller) != service.traveller or _is_taken(owners, ours, theirs):
            raise _somebody_elses(service, "What is for one passenger of the offer can be for one passenger only.")
        if kinds[theirs] != kinds[ours]:
            raise _somebody_elses(service, "This is for a passenger of another age.")
        other = next(traveller for traveller, reference in passengers.items() if reference == theirs)
        passengers[other], passengers[service.traveller] = ours, theirs
    return passengers


def _is_taken(owners: Mapping[str, str], ours: str, theirs: str) -> bool:
    """Whether the passenger has got another's place already."""
    return ours != theirs and ours in owners


def _somebody_elses(service: WantedService, message: str) -> InvalidInput:
    return InvalidInput(message=message, path=(*_PATH, str(service.place), "passenger"))


def _booked(quoted: QuotedService) -> BookedService:
    service = quoted.service
    return BookedService(
        ref=service.ref,
        kind=service.kind,
        passenger=service.passenger,
        segments=service.segments,
        quantity=quoted.quantity,
        price=service.price.times(quoted.quantity),
        seat=service.seat,
        baggage=service.baggage,
        weight_kg=service.weight_kg,
    )


def _check(
    service: ChosenService, seen: set[tuple[int, str]], offers: int, passengers: int, path: tuple[str, ...]
) -> None:
    if not 0 <= service.offer < offers:
        raise InvalidInput(message=f"Offers are counted from 0 to {offers - 1}.", path=(*path, "offer"))
    if not 0 <= service.passenger < passengers:
        raise InvalidInput(message=f"Passengers are counted from 0 to {passengers - 1}.", path=(*path, "passenger"))
    if service.quantity < 1:
        raise InvalidInput(message="Choose one or more of it.", path=(*path, "quantity"))
    if (service.offer, service.ref) in seen:
        raise InvalidInput(message="This service is in the list already.", path=(*path, "id"))


def extras(found: Iterable[object], currency: str) -> Money:
    """What all services of a booking come to, of the answers about them."""
    prices = (each.price for answer in found if isinstance(answer, OfferServices) for each in answer.services)
    return sum(prices, Money.zero(currency))

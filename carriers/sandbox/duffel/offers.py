"""Offer requests and offers: `/air/offer_requests`, `/air/offers`."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal

from app.domain.money import Money
from carriers.sandbox.chance import from_base62
from carriers.sandbox.duffel import magic, seats, services
from carriers.sandbox.duffel.core import Answer, Call, Core, list_of, maybe_list_of, text_of
from carriers.sandbox.duffel.errors import (
    DuffelError,
    invalid,
    not_found,
    not_included,
    offer_gone,
    required,
    unwell,
    wrong_format,
)
from carriers.sandbox.duffel.fares import CABINS, Price
from carriers.sandbox.duffel.itineraries import elapsed
from carriers.sandbox.duffel.paging import page
from carriers.sandbox.duffel.places import within_place
from carriers.sandbox.duffel.search import (
    OFFER_LIFE,
    Offer,
    Search,
    Slice,
    Traveller,
    Window,
    index_of,
    offers,
)
from carriers.sandbox.duffel.show_offer import offer_json, search_json
from carriers.sandbox.duffel.show_service import service_json
from carriers.sandbox.exchange import Json

PASSENGER_TYPES = ("adult", "child", "infant_without_seat")
_MOST_PASSENGERS = 9
_MOST_SLICES = 6
_AGES = range(131)
# Airlines' usual limits: an infant until the second birthday, a child until the twelfth.
_CHILD_FROM, _ADULT_FROM = 2, 12
_KEEP_SEARCHES = timedelta(days=1)
_DEFAULT_SUPPLIER_TIMEOUT_MS = 20_000
_RISE_PER_READ = Decimal(10)


def create_offer_request(core: Core, call: Call) -> Answer:
    """`POST /air/offer_requests`: search."""
    search = _search(core, call.data)
    if search.route == magic.SEARCH_TIMES_OUT:
        raise _timed_out(call)
    _forget_old(core)
    core.facts.searches[search.id[4:22]] = search
    data = search_json(search)
    if call.one("return_offers") != "false":
        data["offers"] = [offer_json(offer, price_of(core, offer)) for offer in on_sale(core, search)]
    return Answer(data, status=201)


def _timed_out(call: Call) -> DuffelError:
    patience = call.one("supplier_timeout") or ""
    wait = int(patience) if patience.isdecimal() else _DEFAULT_SUPPLIER_TIMEOUT_MS
    error = unwell(504)
    error.delay_seconds = wait / 1000
    return error


def _forget_old(core: Core) -> None:
    oldest = core.now() - _KEEP_SEARCHES
    searches = core.facts.searches
    for key in [key for key, search in searches.items() if search.created_at < oldest]:
        del searches[key]


def list_offer_requests(core: Core, call: Call) -> Answer:
    """`GET /air/offer_requests`, newest first, without their offers."""
    found = list(reversed(core.facts.searches.values()))
    return page(found, call, lambda search: search.id, search_json)


def get_offer_request(core: Core, call: Call) -> Answer:
    """`GET /air/offer_requests/{id}` with its offers."""
    search = _stored(core, call.path["id"])
    shown = [offer_json(offer, price_of(core, offer)) for offer in on_sale(core, search)]
    return Answer(search_json(search) | {"offers": shown})


def list_offers(core: Core, call: Call) -> Answer:
    """`GET /air/offers?offer_request_id=`, sorted by `total_amount` or `total_duration` where asked."""
    request_id = call.one("offer_request_id")
    if not request_id:
        raise required("/offer_request_id")
    found = _sorted(core, _few_connections(on_sale(core, _stored(core, request_id)), call), call.one("sort"))
    return page(found, call, lambda offer: offer.id, lambda offer: offer_json(offer, price_of(core, offer)))


def get_offer(core: Core, call: Call) -> Answer:
    """`GET /air/offers/{id}`: its price and seats as they are now."""
    offer = readable_offer(core, call.path["id"])
    wanted = call.one("return_available_services") == "true"
    return Answer(
        offer_json(offer, price_of(core, offer)) | {"available_services": _bags(core, offer) if wanted else []}
    )


def price_offer(core: Core, call: Call) -> Answer:
    """`POST /air/offers/{id}/actions/price` for the intended payment methods and services."""
    offer = readable_offer(core, call.path["id"])
    cost = price_of(core, offer)
    chosen = services.chosen_with_offer(core, offer, call.data, "intended_services")
    charged = cost.total + services.price_of(chosen, cost.total.currency)
    methods = [_charged(method, charged) for method in maybe_list_of(call.data, "intended_payment_methods", "/data")]
    intended = {"intended_payment_methods": methods, "intended_services": call.data.get("intended_services") or []}
    return Answer(offer_json(offer, cost) | {"available_services": _bags(core, offer)} | intended)


def _bags(core: Core, offer: Offer) -> list[Json]:
    return [service_json(service, services.OF_OFFER, offer.id) for service in services.bags(core, offer)]


def _charged(method: Json, total: Money) -> Json:
    zero = Money.zero(total.currency)
    return method | {
        "charge_amount": str(total.amount),
        "charge_currency": total.currency,
        "surcharge_amount": str(zero.amount),
        "surcharge_currency": total.currency,
    }


def on_sale(core: Core, search: Search) -> Iterator[Offer]:
    """The offers of a search that have seats left and have not expired."""
    if core.now() >= search.created_at + OFFER_LIFE:
        return
    yield from (offer for offer in offers(search) if seats.available(core, offer))


def known_offer(core: Core, offer_id: str) -> Offer:
    """The offer with this id; `not_found` when no search made it."""
    key, tail = index_of(offer_id)
    search, index = core.facts.searches.get(key), from_base62(tail)
    if not offer_id.startswith("off_") or search is None or index is None or index >= len(offers(search)):
        raise not_found()
    return offers(search)[index]


def readable_offer(core: Core, offer_id: str) -> Offer:
    """The offer with this id while it is for sale; reading a magic one makes it dearer."""
    offer = known_offer(core, offer_id)
    gone = core.now() >= offer.expires_at or offer.search.route == magic.OFFER_GONE
    if gone or not seats.available(core, offer):
        raise offer_gone()
    if offer.search.route == magic.PRICE_RISES:
        core.facts.offer_reads[offer_id] = core.facts.offer_reads.get(offer_id, 0) + 1
    return offer


def price_of(core: Core, offer: Offer) -> Price:
    """What the offer costs now."""
    cost = offer.first_price().times(core.facts.offer_factor.get(offer.id, Decimal(1)))
    reads = core.facts.offer_reads.get(offer.id, 0)
    return Price(cost.base + Money.of(_RISE_PER_READ * reads, cost.base.currency), cost.tax)


def _few_connections(found: Iterator[Offer], call: Call) -> list[Offer]:
    most = call.one("max_connections")
    if most is None or not most.isdecimal():
        return list(found)
    return [offer for offer in found if sum(len(journey) - 1 for journey in offer.journeys) <= int(most)]


def _sorted(core: Core, found: list[Offer], order: str | None) -> list[Offer]:
    if order is None:
        return found
    name = order.removeprefix("-")
    if name == "total_amount":
        # Currencies mix: compare within one, as Duffel does where it sells in the airline's currency.
        found.sort(key=lambda offer: price_of(core, offer).total.amount)
    elif name == "total_duration":
        found.sort(key=lambda offer: sum((elapsed(journey) for journey in offer.journeys), timedelta()))
    else:
        raise not_included("/sort", ("total_amount", "total_duration"))
    return found[::-1] if order.startswith("-") else found


def _stored(core: Core, request_id: str) -> Search:
    search = core.facts.searches.get(request_id[4:22])
    if search is None or search.id != request_id:
        raise not_found()
    return search


def _search(core: Core, data: Json) -> Search:
    cabin = data.get("cabin_class") or "economy"
    if cabin not in CABINS:
        raise not_included("/data/cabin_class", CABINS)
    connections = data.get("max_connections", 1)
    if not isinstance(connections, int) or connections < 0:
        raise wrong_format("/data/max_connections", "Field 'max_connections' must be 0 or more")
    wishes = enumerate(list_of(data, "slices", "/data"))
    slices = tuple(wished_slice(core, piece, f"/data/slices/{index}") for index, piece in wishes)
    if len(slices) > _MOST_SLICES:
        raise _length("/data/slices", _MOST_SLICES)
    passengers = list_of(data, "passengers", "/data")
    request_id = core.new_id("orq")
    return Search(request_id, core.now(), slices, _travellers(core, passengers), cabin, connections)


def wished_slice(core: Core, piece: Json, pointer: str) -> Slice:
    """Where and when to fly, as a search or an exchange asks for it."""
    origin, destination = (_place(piece, name, pointer) for name in ("origin", "destination"))
    if set(within_place(origin)) & set(within_place(destination)):
        raise invalid(
            f"{pointer}/destination",
            "validation_unique",
            "Invalid destination",
            "Field 'destination' must differ from 'origin'",
        )
    try:
        day = date.fromisoformat(text_of(piece, "departure_date", pointer))
    except ValueError as error:
        message = "Field 'departure_date' must be a date, such as 2026-04-24"
        raise wrong_format(f"{pointer}/departure_date", message) from error
    if day < core.now().date() - timedelta(days=1):
        raise wrong_format(f"{pointer}/departure_date", "Field 'departure_date' must be after today")
    windows = (_window(piece.get(name), f"{pointer}/{name}") for name in ("departure_time", "arrival_time"))
    return Slice(origin, destination, day, *windows)


def _place(piece: Json, name: str, pointer: str) -> str:
    code = text_of(piece, name, pointer).upper()
    if not within_place(code):
        message = f"Field '{name}' must be the IATA code of an airport or a city"
        raise wrong_format(f"{pointer}/{name}", message)
    return code


def _window(wish: Json | None, pointer: str) -> Window | None:
    if wish is None:
        return None
    try:
        return time.fromisoformat(wish.get("from") or "00:00"), time.fromisoformat(wish.get("to") or "23:59")
    except (AttributeError, TypeError, ValueError) as error:
        raise wrong_format(pointer, "A time window has 'from' and 'to', such as 09:45") from error


def _travellers(core: Core, wishes: list[Json]) -> tuple[Traveller, ...]:
    if len(wishes) > _MOST_PASSENGERS:
        raise _length("/data/passengers", _MOST_PASSENGERS)
    found = tuple(_traveller(core, wish, f"/data/passengers/{index}") for index, wish in enumerate(wishes))
    kinds = [traveller.type for traveller in found]
    if kinds.count("infant_without_seat") > kinds.count("adult"):
        raise invalid(
            "/data/passengers",
            "validation_length",
            "Too many infants",
            "Each infant must travel with an adult: there are more infants than adults",
        )
    return found


def _traveller(core: Core, wish: Json, pointer: str) -> Traveller:
    kind, age = wish.get("type"), wish.get("age")
    if kind is None and age is None:
        raise required(f"{pointer}/type")
    if age is not None and (not isinstance(age, int) or age not in _AGES):
        raise wrong_format(f"{pointer}/age", "Field 'age' must be a whole number of years")
    if kind is not None and kind not in PASSENGER_TYPES:
        raise not_included(f"{pointer}/type", PASSENGER_TYPES)
    own_id = wish.get("id")
    return Traveller(own_id if isinstance(own_id, str) else core.new_id("pas"), kind or _type_of_age(age), age)


def _type_of_age(age: int | None) -> str:
    if age is None or age >= _ADULT_FROM:
        return "adult"
    return "child" if age >= _CHILD_FROM else "infant_without_seat"


def _length(pointer: str, most: int) -> DuffelError:
    field = pointer.rsplit("/", 1)[-1]
    return invalid(pointer, "validation_length", "Invalid length", f"Field '{field}' can have {most} entries at most")

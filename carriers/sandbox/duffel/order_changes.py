"""Exchanges: `/air/order_change_requests`, `/air/order_change_offers`, `/air/order_changes`."""

from datetime import timedelta

from app.domain.money import Money
from carriers.sandbox.duffel import changing, magic, seats
from carriers.sandbox.duffel.booking_form import check_amount, payment
from carriers.sandbox.duffel.change_facts import ChangeOffer, ChangeRequest, OrderChange
from carriers.sandbox.duffel.core import Answer, Call, Core, list_of, text_of
from carriers.sandbox.duffel.errors import (
    DuffelError,
    invalid,
    invalid_state,
    not_found,
    not_included,
    offer_expired,
    offer_gone,
    required,
    wrong_format,
)
from carriers.sandbox.duffel.facts import Order, OrderState
from carriers.sandbox.duffel.fares import CABINS
from carriers.sandbox.duffel.itineraries import elapsed
from carriers.sandbox.duffel.offers import wished_slice
from carriers.sandbox.duffel.orders import already_cancelled, known_order
from carriers.sandbox.duffel.paging import page
from carriers.sandbox.duffel.search import Search, index_of
from carriers.sandbox.duffel.show_change import change_json, change_offer_json, change_request_json
from carriers.sandbox.exchange import Json

_SLICES = "/data/slices"


def create_change_request(core: Core, call: Call) -> Answer:
    """`POST /air/order_change_requests`: search for what could come in the place of some journeys of a paid order."""
    order = known_order(core, text_of(call.data, "order_id", "/data"))
    wish = call.data.get("slices")
    if not isinstance(wish, dict):
        raise required(_SLICES)
    removed = _removed(order, wish)
    search = _search(core, order, wish)
    _check_changeable(core, order, removed)
    request = ChangeRequest(search.id, order.id, removed, search)
    core.facts.change_requests[index_of(request.id)[0]] = request
    return Answer(_request_json(core, request), status=201)


def _removed(order: Order, wish: Json) -> tuple[str, ...]:
    where = f"{_SLICES}/remove"
    removed = tuple(text_of(entry, "slice_id", where) for entry in list_of(wish, "remove", _SLICES))
    known = {piece.id for piece in order.slices}
    if len(set(removed)) < len(removed) or not known.issuperset(removed):
        message = "Field 'remove' must have slices of the order, each once"
        raise invalid(where, "validation_inclusion", "Invalid slices", message)
    return removed


def _search(core: Core, order: Order, wish: Json) -> Search:
    added = list_of(wish, "add", _SLICES)
    cabins = {text_of(entry, "cabin_class", f"{_SLICES}/add") for entry in added}
    if not cabins.issubset(CABINS):
        raise not_included(f"{_SLICES}/add/cabin_class", CABINS)
    if len(cabins) > 1:
        raise wrong_format(f"{_SLICES}/add", "Field 'add' must have slices of one cabin class")
    slices = tuple(wished_slice(core, entry, f"{_SLICES}/add/{index}") for index, entry in enumerate(added))
    return Search(core.new_id("ocr"), core.now(), slices, order.offer.search.travellers, cabins.pop())


def _check_changeable(core: Core, order: Order, removed: tuple[str, ...]) -> None:
    if order.state is OrderState.CANCELLED:
        raise already_cancelled()
    if not all(changing.changeable(core, order, piece) for piece in order.slices if piece.id in removed):
        message = "The airline does not allow this order to be changed."
        raise invalid_state("order_not_changeable", "Order not changeable", message)


def get_change_request(core: Core, call: Call) -> Answer:
    """`GET /air/order_change_requests/{id}` with its offers."""
    return Answer(_request_json(core, _known_request(core, call.path["id"])))


def _request_json(core: Core, request: ChangeRequest) -> Json:
    found = [change_offer_json(core, offer) for offer in changing.change_offers(core, request)]
    return change_request_json(request) | {"order_change_offers": found}


def _known_request(core: Core, request_id: str) -> ChangeRequest:
    request = core.facts.change_requests.get(index_of(request_id)[0])
    if request is None or request.id != request_id:
        raise not_found()
    return request


def list_change_offers(core: Core, call: Call) -> Answer:
    """`GET /air/order_change_offers?order_change_request_id=`, sorted by price or duration where asked."""
    request_id = call.one("order_change_request_id")
    if not request_id:
        raise required("/order_change_request_id")
    request = _known_request(core, request_id)
    found = _sorted(list(changing.change_offers(core, request)), call.one("sort"))
    return page(found, call, lambda offer: offer.id, lambda offer: change_offer_json(core, offer))


def _sorted(found: list[ChangeOffer], order: str | None) -> list[ChangeOffer]:
    if order == "change_total_amount":
        return sorted(found, key=lambda offer: offer.balance.minor)
    if order == "total_duration":
        return sorted(found, key=_duration)
    if order is not None:
        raise not_included("/sort", ("change_total_amount", "total_duration"))
    return found


def _duration(offer: ChangeOffer) -> timedelta:
    return sum((elapsed(piece.journey) for piece in offer.added), timedelta())


def get_change_offer(core: Core, call: Call) -> Answer:
    """`GET /air/order_change_offers/{id}` while it can be had."""
    return Answer(change_offer_json(core, _known_offer(core, call.path["id"])))


def _known_offer(core: Core, offer_id: str) -> ChangeOffer:
    request = core.facts.change_requests.get(index_of(offer_id)[0])
    if request is None or not offer_id.startswith("oco_"):
        raise not_found()
    if core.now() >= request.expires_at:
        raise offer_expired()
    found = next((offer for offer in changing.change_offers(core, request) if offer.id == offer_id), None)
    if found is None:
        raise offer_gone()
    return found


def create_change(core: Core, call: Call) -> Answer:
    """`POST /air/order_changes`: select an offer. Nothing changes yet."""
    offer = _known_offer(core, text_of(call.data, "selected_order_change_offer", "/data"))
    return Answer(change_json(core, changing.select(core, offer)), status=201)


def get_change(core: Core, call: Call) -> Answer:
    """`GET /air/order_changes/{id}`: its price as it is now, and whether it is confirmed."""
    change = known_change(core, call.path["id"])
    change.told = change.offer.balance
    return Answer(change_json(core, change))


def known_change(core: Core, change_id: str) -> OrderChange:
    """The change with this id."""
    change = core.facts.changes.get(change_id)
    if change is None:
        raise not_found()
    return change


def confirm_change(core: Core, call: Call) -> Answer:
    """`POST /air/order_changes/{id}/actions/confirm`: change the order, and pay or get the balance."""
    change = known_change(core, call.path["id"])
    _check_open(core, change)
    kind = _paid_by(change, call.data)
    changing.make(core, change, kind, call.documents_after)
    return Answer(change_json(core, change))


def _check_open(core: Core, change: OrderChange) -> None:
    if change.confirmed_at is not None:
        message = "The order change has already been confirmed."
        raise invalid_state("order_change_already_confirmed", "Order change already confirmed", message)
    if core.facts.orders[change.order_id].state is OrderState.CANCELLED:
        raise already_cancelled()
    if core.now() >= change.expires_at:
        raise offer_expired()
    if changing.outdated(core, change) or not seats.available(core, change.offer.added[0].offer):
        raise offer_gone()


def _paid_by(change: OrderChange, data: Json) -> str:
    """How the balance is settled, checked as Duffel checks it; nothing is to be sent where nothing is to be paid."""
    balance = change.offer.balance
    moved = balance != change.told
    if balance <= Money.zero(balance.currency):
        if moved:
            raise _price_changed()
        return "balance"
    amount, kind = payment(data.get("payment"), "/data/payment")
    if moved and amount != balance:
        raise _price_changed()
    check_amount(amount, balance, "/data/payment")
    if change.offer.request.search.route == magic.BALANCE_TOO_LOW:
        message = "There wasn't enough balance in the wallet for the operation."
        raise invalid_state("insufficient_balance", "Insufficient balance", message)
    return kind


def _price_changed() -> DuffelError:
    message = "The price of the order change has changed, please retrieve it for its new price."
    return invalid("/data/payment/amount", "price_changed", "Price changed", message)

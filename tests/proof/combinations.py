"""Every verb with every fault that its calls can meet, in one fixed order that mixes verbs, endpoints and kinds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, zip_longest

from app.store.engine import Store
from carriers.sandbox.faults import APPLIES_TO, FaultKind
from tests.aftersales import scenes as after
from tests.aftersales import service_scenes as services
from tests.booking import card_scenes as cards
from tests.booking import verb_scenes as verbs
from tests.booking.exploring import Act, watched_house
from tests.booking.house import House
from tests.proof.scene import Fault, Scene
from tests.proof.tour_scenes import TOURS

_READS = {
    "offers.get",
    "orders.get",
    "orders.list",
    "seat_maps.list",
    "cancellations.create",
    "cancellations.get",
    "change_requests.create",
    "change_offers.get",
    "order_changes.get",
    "charges.get",
    "charges.list",
    "bookings.get",
    "availability.departures",
}
# To a read these are the same as no answer; a slow answer is a lost one, for waiting takes no time here.
_LIKE_SILENCE = {FaultKind.LOST_REPLY, FaultKind.LATE_EFFECT}
_BOTH_WAYS = {FaultKind.ERROR_500, FaultKind.UNCLEAR_502}
# An effect before and after the deadline of its call; more troubles than a client's patience.
_LATE, _LATER, _MANY = {"seconds": 30}, {"seconds": 150}, {"times": 6}


@dataclass(frozen=True, eq=False)
class Combination:
    """A scene with one more fault, or none."""

    scene: Scene
    fault: Fault = field(default_factory=dict)

    def __str__(self) -> str:
        how = " ".join(f"{name}={value}" for name, value in self.fault.items() if name not in {"endpoint", "kind"})
        return " ".join(filter(None, (self.scene.name, self.fault.get("endpoint"), self.fault.get("kind"), how)))

    async def opened(self, store: Store, *, small: bool = False) -> tuple[House, Act]:
        """The house with the scene set and the faults waiting, and what the client does; `small` with one item."""
        house = await watched_house(store).open()
        stage = (small and self.scene.small) or self.scene.stage
        act = await stage(house)
        for fault in (*self.scene.always, *filter(None, [self.fault])):
            house.fault(**fault)
        return house, act


def combinations() -> list[Combination]:
    """All of them; any beginning of the list holds something of everything."""
    scenes = [scene for pair in zip_longest(_SCENES, TOURS) for scene in pair if scene]
    plain = [Combination(scene) for scene in scenes]
    by_call = [
        [Combination(scene, fault) for fault in _faults(endpoint)] for scene in scenes for endpoint in scene.endpoints
    ]
    return plain + [each for each in chain.from_iterable(zip_longest(*by_call)) if each]


def _faults(endpoint: str) -> Iterator[Fault]:
    for kind in FaultKind:
        applies = endpoint in APPLIES_TO.get(kind, {endpoint}) and kind != FaultKind.SLOW
        if applies and not (endpoint in _READS and kind in _LIKE_SILENCE):
            yield from ({"endpoint": endpoint, "kind": str(kind)} | how for how in _ways(endpoint, kind))


def _ways(endpoint: str, kind: FaultKind) -> list[Fault]:
    if kind in _BOTH_WAYS and endpoint not in _READS:
        return [{"effect": False}, {"effect": True}]
    if kind == FaultKind.LATE_EFFECT:
        return [_LATE, _LATER]
    return [{}, _MANY] if kind == FaultKind.ERROR_503 else [{}]


_REFUND = ("cancellations.create", "cancellations.confirm", "cancellations.get", "orders.get")
_EXCHANGE = ("change_requests.create", "change_offers.get", "order_changes.create", "order_changes.confirm")
_UNDO = ("cancellations.create", "cancellations.confirm")
_UNDONE = ("CANCELLED", "REJECTED", "HELD")
_ADD = ("orders.add_services", "orders.get")
_SERVICE_GONE = ({"endpoint": "orders.add_services", "kind": "service_gone"},)
_SOLD_OUT = ({"endpoint": "orders.create", "kind": "sold_out"},)
_SCENES = (
    Scene(
        "reserve",
        verbs.reserving,
        ("orders.create", "orders.list", "offers.get"),
        frozenset({"HELD", "REJECTED"}),
        small=verbs.reserving_one,
    ),
    Scene(
        "pay",
        verbs.paying,
        ("payments.create", "orders.create", "orders.get", "orders.list", "offers.get"),
        frozenset({"TICKETED", "CANCELLED", "HELD"}),
        small=verbs.of_one(verbs.paying),
    ),
    Scene("cancel", verbs.cancelling, _UNDO, frozenset({"CANCELLED"}), small=verbs.of_one(verbs.cancelling)),
    Scene("expire", verbs.expiring, _UNDO, frozenset({"EXPIRED"}), small=verbs.of_one(verbs.expiring)),
    Scene(
        "follow tickets", verbs.following, ("orders.get",), frozenset({"TICKETED"}), small=verbs.of_one(verbs.following)
    ),
    Scene("reserve, undone", verbs.reserving, _UNDO, frozenset({"REJECTED"}), _SOLD_OUT),
    Scene("pay, undone", verbs.paying, _UNDO, frozenset({"CANCELLED"}), _SOLD_OUT),
    Scene(
        "buy with services",
        services.buying_beside_a_hold,
        ("orders.create", "seat_maps.list"),
        frozenset({"TICKETED", *_UNDONE}),
        small=services.buying,
    ),
    Scene("add services", services.adding, _ADD, frozenset({"TICKETED"})),
    Scene("add services by card", services.adding_by_card, (*_ADD, "charges.capture"), frozenset({"TICKETED"})),
    Scene("services by card, gone", services.added_paid, ("charges.void",), frozenset({"TICKETED"}), _SERVICE_GONE),
    Scene("card", cards.paying, ("charges.open", "charges.capture", "charges.get"), frozenset({"TICKETED", "EXPIRED"})),
    Scene("card, refused by the carrier", cards.refused, ("charges.void",), frozenset({"CANCELLED"}), _SOLD_OUT),
    Scene("card, two forms", cards.two_forms, ("charges.void", "charges.close"), frozenset({"TICKETED"})),
    Scene("card, at the limit", cards.at_the_limit, ("charges.close", "charges.capture"), frozenset({"TICKETED"})),
    Scene("card, cancelling", cards.cancelling, ("charges.close", "charges.void"), frozenset({"CANCELLED"})),
    Scene(
        "card, capture refused", cards.capture_refused, ("charges.refund", "charges.capture"), frozenset({"CANCELLED"})
    ),
    Scene("card, left to pay", cards.left_to_pay, ("charges.void",), frozenset({"TICKETED"})),
    Scene("refund", after.refunding, _REFUND, frozenset({"REFUNDED", "TICKETED"})),
    Scene("refund one", after.refunding_one, ("cancellations.confirm", "charges.refund"), frozenset({"TICKETED"})),
    # The money that a provider keeps is owed: the item stays cancelled.
    Scene("refund to a card", after.refunding_card, ("charges.refund",), frozenset({"REFUNDED", "CANCELLED"})),
    Scene("exchange", after.choosing, (*_EXCHANGE, "order_changes.get", "orders.get"), frozenset({"TICKETED"})),
    Scene("exchange down", after.exchanging_down, ("order_changes.confirm", "charges.refund"), frozenset({"TICKETED"})),
    Scene(
        "exchange by card",
        after.exchanging_by_card,
        ("charges.open", "charges.capture", "order_changes.confirm"),
        frozenset({"TICKETED"}),
    ),
    Scene(
        "exchange, card given",
        after.exchange_paid,
        ("charges.capture", "charges.void", "order_changes.create"),
        frozenset({"TICKETED"}),
    ),
    Scene("exchange a hold", after.exchanging_held, ("orders.create", "offers.get", *_UNDO), frozenset({"HELD"})),
    Scene("accept a change", after.accepting, ("airline_changes.accept", "orders.get"), frozenset({"TICKETED"})),
)

"""Stays on tours: who sleeps where, and which departure a client means."""

from app.domain.refusals import InvalidInput
from app.domain.tours import DepartureKey, TourStay
from resolvers.items import Item
from resolvers.tour_ids import departure_key


def by_room(item: Item, stay: TourStay) -> list[list[str]]:
    """The ids of the travellers in each room; an offer names its passengers room by room."""
    rooms = stay.by_room(place.ref for place in (item.offer.passengers if item.offer else ()))
    return [[item.travellers[ref] for ref in refs if ref in item.travellers] for refs in rooms]


def departure_named(text: str, path: tuple[str, ...]) -> DepartureKey:
    """The departure of this id; InvalidInput for a text that is none."""
    key = departure_key(text)
    if key is None:
        raise InvalidInput(message="This is no id of a departure.", path=path)
    return key

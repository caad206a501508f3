"""Whether places that are wanted instead are known, before a carrier is asked for them."""

from app.aftersales.exchange_journeys import NewJourney
from app.aftersales.quote_exchange import QuoteExchangeWish
from app.search.plan import unknown_place
from resolvers.context import Context


def check_places(context: Context, wish: QuoteExchangeWish) -> None:
    """UnknownPlace, with the path of its field, for a code that no city or airport has."""
    for item, exchange in enumerate(wish.items):
        for index, journey in enumerate(exchange.journeys):
            _check(context, journey, ("input", "items", str(item), "journeys", str(index)))


def _check(context: Context, journey: NewJourney, path: tuple[str, ...]) -> None:
    places = context.services.places
    for field, code in (("origin", journey.origin), ("destination", journey.destination)):
        if code is not None and places.find(code) is None:
            raise unknown_place(code, (*path, field), places)

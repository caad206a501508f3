"""Searching for a viewer, and the offers that come of it."""

from typing import Final

from app.domain.partner import Scope
from app.pricing.offers import OfferToken
from app.search.answer import Itinerary, SearchAnswer
from app.search.rank import Filter, Sort, ranked
from app.search.request import SearchRequest
from carriers.contract import Profile
from resolvers.bounds import bounded
from resolvers.context import Context

MOST: Final = 200


async def find(context: Context, request: SearchRequest) -> SearchAnswer:
    """The answer for the viewer's partner; Access without the scope."""
    context.viewer.need(Scope.SEARCH)
    return await context.services.search.find(request, context.viewer.partner)


def listed(answer: SearchAnswer, first: int, sort: Sort, wanted: Filter) -> list[Itinerary]:
    """The first of the itineraries that match, in order; InvalidInput when `first` is out of bounds."""
    return ranked(answer.itineraries, sort, wanted)[: bounded(first, MOST)]


def matching(answer: SearchAnswer, wanted: Filter) -> int:
    """How many itineraries match."""
    return sum(wanted.allows(itinerary) for itinerary in answer.itineraries)


def carrier_profile(context: Context, code: str) -> Profile:
    """The profile of a carrier that was asked."""
    return context.services.carriers.get(code).profile


def offer_token(context: Context, found: Itinerary) -> str:
    """The itinerary sealed for the viewer's partner, to reserve with."""
    offer = found.offer
    token = OfferToken(
        carrier=offer.carrier,
        offer=offer.ref,
        price=found.price,
        passengers=offer.passengers,
        holdable=offer.holdable,
        required=offer.required,
        document_kinds=offer.document_kinds,
        legs=found.legs,
        expires_at=found.expires_at,
    )
    return context.services.seals.seal(token, context.viewer.partner.id)

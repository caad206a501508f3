"""Search: check what was asked, ask all carriers, price what they offer."""

from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.clock import Clock
from app.domain.partner import Partner
from app.domain.search import SearchQuery
from app.pricing.rates import Rates
from app.search.answer import SearchAnswer
from app.search.assemble import SOONEST_EXPIRY, Assembly
from app.search.cache import AnswerCache
from app.search.fan_out import FanOut
from app.search.plan import problems, query_of
from app.search.ports import Places
from app.search.request import SearchRequest


@dataclass(frozen=True, kw_only=True)
class Search:
    """The search verb over all carriers; nothing of it touches the database."""

    fan_out: FanOut
    places: Places
    rates: Rates
    cache: AnswerCache
    clock: Clock

    async def find(self, request: SearchRequest, partner: Partner) -> SearchAnswer:
        """Itineraries priced for the partner; an answer with `refusals` alone when the request cannot be meant."""
        currency = request.currency or partner.currency
        refusals = tuple(problems(request, self.places, self.clock.now()))
        if refusals:
            return SearchAnswer(currency=currency, refusals=refusals)
        query = query_of(request)
        key = (partner.id, partner.fees, currency, query)
        answer = await self.cache.get(key, lambda: self._asked(query, currency, partner))
        return _still_open(answer, self.clock.now())

    async def _asked(self, query: SearchQuery, currency: str, partner: Partner) -> SearchAnswer:
        replies = await self.fan_out.ask(query)
        assembly = Assembly(
            query=query,
            currency=currency,
            fees=partner.fees,
            rates=self.rates,
            places=self.places,
            now=self.clock.now(),
        )
        shown = [assembly.shown(reply) for reply in replies]
        return SearchAnswer(
            currency=currency,
            itineraries=tuple(itinerary for found, _ in shown for itinerary in found),
            outcomes=tuple(outcome for _, outcome in shown),
        )


def _still_open(answer: SearchAnswer, now: datetime) -> SearchAnswer:
    """Without what expired while the answer was kept."""
    soonest = now + SOONEST_EXPIRY
    return replace(answer, itineraries=tuple(found for found in answer.itineraries if found.expires_at >= soonest))

"""Tours as a viewer finds them: its operators', in one of its regions, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.domain.partner import Scope
from app.domain.refusals import CarrierUnavailable, InvalidInput
from app.domain.search import OutcomeStatus
from app.domain.tours import Operator, Season, SellingCompany, SellingRegion, Tour, TourOption
from app.tours.catalogue import OperatorTours
from app.tours.departures import Departing, between, in_season
from app.tours.regions import region_of
from app.tours.select import TourFilter, TourSort, check_filter, order, selected
from resolvers.bounds import bounded
from resolvers.context import Context
from resolvers.cursors import cursor_of_key, key_after
from resolvers.tour_ids import parts, tour_id

MOST: Final = 100
_SILENT: Final = {OutcomeStatus.FAILED, OutcomeStatus.TIMED_OUT}


@dataclass(frozen=True, kw_only=True, slots=True)
class TourPage:
    """Some tours as they are sold in a region, whether there are more, and what became of each operator asked."""

    region: SellingRegion
    tours: Sequence[Tour]
    cursors: Sequence[str]
    total: int
    more: bool
    outcomes: Sequence[OperatorTours]


def operators(context: Context) -> Sequence[Operator]:
    """Every operator; Access without the scope."""
    context.viewer.need(Scope.SEARCH)
    return context.services.tours.catalogue.operators


def operator(context: Context, code: str) -> Operator:
    """The operator of a tour that was found."""
    return next(each for each in context.services.tours.catalogue.operators if each.code == code)


async def companies(context: Context, code: str, region: SellingRegion | None) -> list[SellingCompany]:
    """Who sells the operator's tours, in every region or in this one; CarrierUnavailable where it is silent."""
    found = await context.services.tours.catalogue.companies(code)
    return [company for company in found if region in {None, company.region}]


async def tour_page(
    context: Context, asked: SellingRegion | None, wanted: TourFilter, sort: TourSort, first: int, after: str | None
) -> TourPage:
    """The next tours; InvalidInput for wrong input, Access without the scope."""
    context.viewer.need(Scope.SEARCH)
    region, size = region_of(context.viewer.partner, asked), bounded(first, MOST)
    check_filter(wanted)
    _check_operators(context, wanted)
    place = f"tours:{sort}"
    start = key_after(place, after)
    outcomes = await context.services.tours.catalogue.sold(region, wanted.operators)
    found = selected((tour for each in outcomes for tour in each.tours), sort, wanted)
    rest = [tour for tour in found if order(tour, sort) > start]
    return TourPage(
        region=region,
        tours=rest[:size],
        cursors=[cursor_of_key(place, order(tour, sort)) for tour in rest[:size]],
        total=len(found),
        more=len(rest) > size,
        outcomes=outcomes,
    )


def _check_operators(context: Context, wanted: TourFilter) -> None:
    """InvalidInput for an operator that there is not."""
    known = context.services.tours.catalogue.operators
    unknown = sorted((wanted.operators or frozenset()) - {each.code for each in known})
    if unknown:
        selling = ", ".join(each.code for each in known if not each.coming_soon)
        message = f"There is no operator {unknown[0]}; these sell tours: {selling or 'none'}."
        raise InvalidInput(message=message, path=("filter", "operators"))


async def tour(context: Context, text: str, asked: SellingRegion | None) -> Tour | None:
    """The tour of this id as it is sold in the region, None where it is not; CarrierUnavailable where nobody tells."""
    context.viewer.need(Scope.SEARCH)
    found, outcome = await look_up(context, text, region_of(context.viewer.partner, asked))
    if outcome and outcome.status in _SILENT:
        code = outcome.operator.code
        raise CarrierUnavailable(message=f"The operator {code} does not answer at the moment.", carrier=code)
    return found


async def sold_in(context: Context, found: Tour, asked: SellingRegion | None) -> Tour | None:
    """The tour itself, or as it is sold in another region; raises as `tour` does."""
    return found if asked in {None, found.region} else await tour(context, tour_id(found), asked)


def departing(
    tour: Tour, option: TourOption, season: Season, start: date | None, end: date | None, first: int
) -> list[Departing]:
    """The season's first departures between two days; InvalidInput for a wrong `first`."""
    size = bounded(first, MOST)
    return between(in_season(tour, option, season), start or date.min, end or date.max)[:size]


async def look_up(context: Context, text: str, region: SellingRegion) -> tuple[Tour | None, OperatorTours | None]:
    """The tour of this id, and what became of its operator; neither for an id that names none."""
    code, *rest = parts(text)
    for outcome in await context.services.tours.catalogue.sold(region, {code}):
        return next((tour for tour in outcome.tours if [tour.ref] == rest), None), outcome
    return None, None

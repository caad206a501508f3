"""The catalogue of a day."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

from carriers.sandbox.octo.catalogue.calendar import ON_SALE_DAYS, SeasonDays
from carriers.sandbox.octo.catalogue.model import Catalogue, Departure, Option, Season, Tour
from carriers.sandbox.octo.catalogue.plan import SeasonPlan, TourPlan, tour_plans
from carriers.sandbox.octo.catalogue.selling import (
    ORDINARY,
    Chances,
    Sales,
    Standing,
    on,
    shown_by_weekday,
    standing,
)
from carriers.sandbox.octo.catalogue.written import operators


@lru_cache(maxsize=8)
def load(today: date) -> Catalogue:
    """What is on sale on this day: the same, whenever it is asked. Nothing in it may be changed."""
    tours = [_tour(plan, today) for plan in tour_plans()]
    departures = (
        departure
        for tour in tours
        for option in tour.options
        for season in option.seasons
        for departure in season.departures
    )
    return Catalogue(
        today=today,
        operators=operators(),
        by_operator={code: {tour.id: tour for tour in tours if tour.operator == code} for code in operators()},
        by_day={(each.operator, each.tour, each.option, each.local_date): each for each in departures},
    )


def _tour(plan: TourPlan, today: date) -> Tour:
    options = tuple(replace(option, seasons=tuple(_seasons(plan, option, today))) for option in plan.tour.options)
    return replace(plan.tour, options=options)


def _seasons(plan: TourPlan, option: Option, today: date) -> list[Season]:
    seasons = (
        _season(plan, option, season, days, today)
        for season in plan.seasons[option.id]
        for days in season.yearly.on_sale(today)
    )
    return sorted((season for season in seasons if season.departures), key=lambda season: season.first_day)


def _season(plan: TourPlan, option: Option, season: SeasonPlan, days: SeasonDays, today: date) -> Season:
    return Season(
        id=days.id,
        name=days.name,
        first_day=days.first,
        last_day=days.last,
        accommodation=season.accommodation,
        itinerary=season.itinerary,
        departures=tuple(_departures(plan, option, season, days, today)),
    )


def _departures(
    plan: TourPlan, option: Option, season: SeasonPlan, days: SeasonDays, today: date
) -> Iterator[Departure]:
    operator = operators()[plan.tour.operator]
    last = min(days.last, today + timedelta(days=ON_SALE_DAYS))
    for local_date in season.rhythm.days(max(days.first, today), last):
        chances = Chances.of(plan.tour.id, option.id, local_date)
        stands, sold_at = _stands(plan, season, chances, local_date, today)
        yield Departure(
            operator=operator.code,
            tour=plan.tour.id,
            option=option.id,
            season=days.id,
            local_date=local_date,
            local_date_end=local_date + option.length,
            guide_language=season.guides[chances.below(len(season.guides), 6)],
            capacity=operator.capacity,
            sold=stands.sold,
            sales=sold_at,
        )


def _stands(
    plan: TourPlan, season: SeasonPlan, chances: Chances, local_date: date, today: date
) -> tuple[Standing, Sales]:
    operator = operators()[plan.tour.operator]
    days_left = (local_date - today).days
    if plan.shown_by_weekday:
        stands = shown_by_weekday(operator, local_date)
        return stands, season.sales.everywhere(ORDINARY, on(stands.status, operator, days_left))
    stands = standing(operator, chances)
    return stands, season.sales.drawn(chances, on(stands.status, operator, days_left))

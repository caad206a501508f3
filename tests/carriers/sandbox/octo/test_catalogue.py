"""What the sandbox's tour operators sell, on several days of several years."""

import re
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from app.domain.tours import REGION_CURRENCY, DepartureStatus, SellingRegion
from carriers.sandbox.octo.catalogue.calendar import ON_SALE_DAYS
from carriers.sandbox.octo.catalogue.load import load

TODAY = date(2026, 11, 21)
DAYS = (TODAY, date(2024, 2, 29), date(2031, 12, 31))
BOOKABLE = ("aatkings", "brendanvacations", "insightvacations", "luxurygold")
SHOWN_BY_WEEKDAY = {"red-centre-explorer", "dublin-and-the-west"}


def tours(today=TODAY):
    catalogue = load(today)
    return [tour for code in catalogue.operators for tour in catalogue.by_operator[code].values()]


def options(today=TODAY):
    return [(tour, option) for tour in tours(today) for option in tour.options]


def drawn(today=TODAY):
    return [each for each in load(today).departures() if each.tour not in SHOWN_BY_WEEKDAY]


def test_a_few_dozen_tours_of_the_bookable_operators_depart_many_hundred_times():
    catalogue = load(TODAY)
    assert tuple(catalogue.operators) == BOOKABLE
    assert 32 <= len(tours()) <= 40
    assert len(drawn()) > 1000
    assert all(len(catalogue.by_operator[code]) >= 7 for code in BOOKABLE)


def test_a_tour_is_found_by_its_id_and_a_departure_by_its_day():
    catalogue = load(TODAY)
    greece = catalogue.tour("insightvacations", "best-of-greece")
    first = greece.option("classic").seasons[0].departures[0]
    assert catalogue.departure("insightvacations", "best-of-greece", "classic", first.local_date) is first
    assert catalogue.departure("insightvacations", "best-of-greece", "classic", TODAY - timedelta(days=7)) is None
    assert catalogue.tour("insightvacations", "best-of-atlantis") is None
    assert greece.option("no-such-option") is None


def test_best_of_greece_can_be_had_with_a_three_day_cruise():
    plain, cruise = load(TODAY).tour("insightvacations", "best-of-greece").options
    assert cruise.days == plain.days + 3
    assert "3 day Aegean cruise" in cruise.name.text
    shared = plain.days - 1
    assert cruise.seasons[0].itinerary[:shared] == plain.seasons[0].itinerary[:shared]


@pytest.mark.parametrize(
    ("tour", "option"), [pytest.param(*each, id=f"{each[0].id}-{each[1].id}") for each in options()]
)
def test_an_itinerary_has_a_text_for_every_day_and_a_bed_for_every_night(tour, option):
    for season in option.seasons:
        assert [day.day for day in season.itinerary] == list(range(1, option.days + 1))
        assert all(len(day.text.text) > 30 and day.title.text for day in season.itinerary)
        assert [bool(day.accommodation) for day in season.itinerary] == [True] * (option.days - 1) + [False]


@pytest.mark.parametrize(
    ("tour", "option"), [pytest.param(*each, id=f"{each[0].id}-{each[1].id}") for each in options()]
)
def test_an_option_has_two_seasons_a_year_that_differ(tour, option):
    by_kind = {season.id.rpartition("-")[0]: season for season in option.seasons}
    one, other = by_kind.values()
    assert any(one.itinerary[day] != other.itinerary[day] for day in range(option.days))
    assert one.prices_from(SellingRegion.ZZ) != other.prices_from(SellingRegion.ZZ)
    assert one.accommodation.text and other.accommodation.text
    assert one.accommodation != other.accommodation


@pytest.mark.parametrize("today", DAYS)
def test_seasons_roll_on_and_do_not_overlap(today):
    for _, option in options(today):
        assert option.seasons
        assert all(one.last_day < next_one.first_day for one, next_one in pairwise(option.seasons))
        assert len({season.id for season in option.seasons}) == len(option.seasons)


@pytest.mark.parametrize("today", DAYS)
def test_no_departure_lies_outside_its_season_or_what_is_on_sale(today):
    last = today + timedelta(days=ON_SALE_DAYS)
    for _, option in options(today):
        for season in option.seasons:
            days = [departure.local_date for departure in season.departures]
            assert days == sorted(set(days))
            assert max(season.first_day, today) <= days[0] <= days[-1] <= min(season.last_day, last)
            assert all(each.local_date_end - each.local_date == option.length for each in season.departures)


@pytest.mark.parametrize("today", DAYS)
def test_every_status_occurs_in_every_region_and_most_can_be_booked(today):
    for region in SellingRegion:
        found = Counter(each.sales[region].status for each in drawn(today) if region in each.sales)
        assert set(found) == set(DepartureStatus)
        assert found[DepartureStatus.AVAILABLE] > found.total() / 2
        assert found[DepartureStatus.CANCELLED] < found.total() / 10


def test_a_departure_is_closed_to_sales_within_some_days_and_has_no_yield_beyond_some():
    catalogue = load(TODAY)
    for each in catalogue.departures():
        operator, days = catalogue.operators[each.operator], (each.local_date - TODAY).days
        statuses = {sale.status for sale in each.sales.values()}
        assert (DepartureStatus.TOO_LATE not in statuses) or days < operator.shut_days
        assert (DepartureStatus.NO_YIELD not in statuses) or days > operator.yield_days
        if not operator.shut_days <= days <= operator.yield_days:
            assert not statuses & {DepartureStatus.AVAILABLE, DepartureStatus.ON_REQUEST}


def test_nothing_is_available_without_places_and_some_are_sold_out():
    departures = drawn()
    assert all(0 <= each.left <= each.capacity for each in departures)
    for each in departures:
        if each.left == 0:
            assert not {DepartureStatus.AVAILABLE, DepartureStatus.ON_REQUEST} & {s.status for s in each.sales.values()}
    assert any(each.left == 0 for each in departures)


def test_the_last_places_are_on_request_where_the_operator_wants_to_be_asked():
    catalogue = load(TODAY)
    for each in drawn():
        if 0 < each.left <= catalogue.operators[each.operator].request_places:
            assert DepartureStatus.AVAILABLE not in {sale.status for sale in each.sales.values()}


def test_some_operators_take_requests_and_some_do_not():
    operators = load(TODAY).operators
    taking = {code: {terms.takes_requests for terms in each.terms.values()} for code, each in operators.items()}
    assert taking == {
        "aatkings": {True}, "brendanvacations": {False}, "insightvacations": {False}, "luxurygold": {True}
    }  # fmt: skip


@pytest.mark.parametrize("code", BOOKABLE)
def test_terms_are_the_operators_and_grow_dearer_as_the_departure_comes(code):
    for region, terms in load(TODAY).operators[code].terms.items():
        days = [step.days_before for step in terms.cancellation_scale]
        percents = [step.percent for step in terms.cancellation_scale]
        assert days == sorted(days, reverse=True)
        assert days[-1] == 0
        assert percents == sorted(percents)
        assert percents[-1] == 100
        assert 55 <= terms.balance_due_days <= 95
        assert terms.hold_minutes >= 1440
        assert terms.deposit_per_person > 0, region


@pytest.mark.parametrize("code", BOOKABLE)
def test_a_company_sells_in_every_region(code):
    operator = load(TODAY).operators[code]
    assert set(operator.companies) == set(SellingRegion)
    codes = {company.code for company in operator.companies.values()}
    assert len(codes) == len(SellingRegion)
    assert all(re.fullmatch(r"[A-Z]{6}", each) for each in codes)
    assert all(company.contact.email.endswith(".example") for company in operator.companies.values())


def test_prices_are_plausible_and_a_child_pays_less_and_a_single_more():
    for each in load(TODAY).departures():
        days = (each.local_date_end - each.local_date).days + 1
        for region, sale in each.sales.items():
            prices = sale.prices
            assert prices.currency == REGION_CURRENCY[region]
            assert 0 < prices.child < prices.twin < prices.single < 2 * prices.twin
            if prices.currency == "USD":
                assert 150_00 < prices.twin / days < 1200_00
            assert 0 < sale.terms.deposit_per_person < prices.child


def test_prices_are_set_for_each_region_not_by_one_rate():
    rates = {region: set() for region in SellingRegion}
    for each in drawn():
        for region, sale in each.sales.items():
            if SellingRegion.ZZ in each.sales:
                rates[region].add(round(sale.prices.twin / each.sales[SellingRegion.ZZ].prices.twin, 2))
    assert all(len(rates[region]) > 8 for region in SellingRegion if region != SellingRegion.ZZ)


def test_prices_differ_between_departures_of_a_season():
    summer = load(TODAY).tour("insightvacations", "best-of-greece").option("classic").seasons[1]
    assert len({departure.sales[SellingRegion.UK].prices for departure in summer.sold_in(SellingRegion.UK)}) > 2
    lowest = min(departure.sales[SellingRegion.UK].prices.twin for departure in summer.sold_in(SellingRegion.UK))
    assert summer.prices_from(SellingRegion.UK).twin == lowest


def test_some_tours_and_some_departures_are_sold_in_some_regions_only():
    assert sum(len(tour.regions) < len(SellingRegion) for tour in tours()) > 5
    catalogue = load(TODAY)
    for tour in tours():
        for region in set(SellingRegion) - tour.regions:
            assert tour not in catalogue.tours(tour.operator, region)
            assert all(not season.sold_in(region) for option in tour.options for season in option.seasons)
    partly = [each for each in drawn() if set(each.sales) != load(TODAY).tour(each.operator, each.tour).regions]
    assert len(partly) > 100


def test_some_departures_are_available_in_one_region_and_on_request_in_another():
    both = {DepartureStatus.AVAILABLE, DepartureStatus.ON_REQUEST}
    assert sum({sale.status for sale in each.sales.values()} == both for each in drawn()) > 50


def test_regions_are_told_what_is_theirs():
    tour = load(TODAY).tour("aatkings", "great-ocean-road-and-kangaroo-island")
    assert tour.name.told(SellingRegion.UK) == "Great Ocean Road and Kangaroo Island"
    assert tour.name.told(SellingRegion.US) == "Southern Ocean Drive: Melbourne to Kangaroo Island"
    uluru = load(TODAY).tour("aatkings", "red-centre-explorer").description
    assert "change colour" in uluru.told(SellingRegion.NZ)
    assert "change color" in uluru.told(SellingRegion.US)


def test_names_keep_their_spelling_in_america():
    highlights = load(TODAY).tour("aatkings", "sydney-to-melbourne").highlights
    assert highlights[0].told(SellingRegion.US) == "Sydney Harbour from the water"


def test_no_text_is_left_in_british_spelling_in_america():
    british = re.compile(
        r"\b(?:[a-z]{3,}our|[a-z]+(?:ours|[btn]tre|etre|etres|chre|ogise|ctise|kelling|storeys|vellers))\b"
    )
    for tour in tours():
        texts = [tour.name, tour.description, tour.short_description, *tour.highlights, *tour.inclusions]
        texts += [day.text for option in tour.options for season in option.seasons for day in season.itinerary]
        found = {word for text in texts for word in british.findall(text.told(SellingRegion.US))}
        assert found <= {"hours", "yours", "tours"}


WEEKDAYS = (
    (DepartureStatus.AVAILABLE, 30),
    (DepartureStatus.AVAILABLE, 1),
    (DepartureStatus.CLOSED, 0),
    (DepartureStatus.ON_REQUEST, 12),
    (DepartureStatus.CANCELLED, 20),
    (DepartureStatus.AVAILABLE, 2),
    (DepartureStatus.CLOSED_NOT_AMENDABLE, 8),
)


@pytest.mark.parametrize(
    ("operator", "tour"), [("aatkings", "red-centre-explorer"), ("brendanvacations", "dublin-and-the-west")]
)
@pytest.mark.parametrize("weeks", [3, 20, 60])
def test_two_tours_depart_every_day_and_show_a_status_by_weekday(operator, tour, weeks):
    catalogue = load(TODAY)
    for days in range(7):
        on = TODAY + timedelta(weeks=weeks, days=days)
        found = catalogue.departure(operator, tour, "classic", on)
        assert set(found.sales) == set(SellingRegion)
        assert {(sale.status, found.left) for sale in found.sales.values()} == {WEEKDAYS[on.weekday()]}


def test_the_same_day_has_the_same_catalogue():
    assert load.__wrapped__(TODAY) == load(TODAY)


def test_how_a_departure_stands_does_not_change_from_day_to_day():
    later = load(TODAY + timedelta(days=45))
    for each in load(TODAY).departures():
        again = later.departure(each.operator, each.tour, each.option, each.local_date)
        if again is None:
            assert each.local_date < later.today
            continue
        assert (again.season, again.sold, again.guide_language) == (each.season, each.sold, each.guide_language)
        assert {r: s.prices for r, s in again.sales.items() if s.status == each.sales[r].status} == {
            r: s.prices for r, s in each.sales.items() if s.status == again.sales[r].status
        }


def test_guides_speak_more_than_english():
    assert {each.guide_language for each in drawn()} == {"en", "de", "es", "fr"}


@pytest.mark.parametrize("tour", [pytest.param(each, id=each.id) for each in tours()])
def test_a_tour_says_what_it_is(tour):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", tour.id)
    assert len({option.id for option in tour.options}) == len(tour.options)
    assert len(tour.places) >= 4
    assert len({place.name for place in tour.places}) == len(tour.places)
    assert tour.highlights
    assert tour.inclusions
    assert tour.exclusions
    assert ZoneInfo(tour.zone)


def test_references_are_unique():
    assert len({tour.reference for tour in tours()}) == len(tours())

"""What every tour operator promises: what it sells and when, whether that is free, and rooms at a price that holds."""

from datetime import date, timedelta

import pytest

from app.domain.money import total
from app.domain.refusals import InvalidInput, Unsupported
from app.domain.tours import REGION_CURRENCY, DepartureStatus, RateType, Room, SellingRegion
from carriers.contract import Ability
from carriers.tours import TourSeller
from tests.carriers.contract import Desk, Scene

YEAR = timedelta(days=365)


class TourContract:
    """Subclasses give a fixture `scene`, whose query is for departures that can be booked."""

    @pytest.fixture
    def found(self, scene: Scene):
        return scene.carrier.availability(scene.query.region, scene.query.departures)

    async def test_its_tours_are_told_for_the_region(self, scene: Scene):
        assert isinstance(scene.carrier, TourSeller)
        tours = {tour.ref: tour for tour in await scene.carrier.tours(scene.query.region)}
        for key in scene.query.departures:
            tour = tours[key.tour]
            assert (tour.operator, tour.region) == (scene.carrier.profile.code, scene.query.region)
            assert key.option in {option.ref for option in tour.options}
            assert tour.days > 0 and tour.places and tour.name

    async def test_somebody_sells_its_tours_in_every_region(self, scene: Scene):
        companies = await scene.carrier.selling_companies()
        assert [company.region for company in companies] == list(SellingRegion)
        assert all(company.name and company.contact.email for company in companies)

    async def test_departures_are_told_in_order_within_the_days_asked_for(self, scene: Scene):
        wanted = scene.query.departures[0]
        for first, last in ((date(2027, 1, 1), date(2027, 12, 31)), (wanted.starts_on, wanted.starts_on)):
            found = await scene.carrier.departures(scene.query.region, wanted.tour, wanted.option, first, last)
            days = [departure.key.starts_on for departure in found]
            assert wanted.starts_on in days
            assert days == sorted(set(days))
            assert first <= days[0] <= days[-1] <= last
            assert all(departure.ends_on > departure.key.starts_on for departure in found)

    async def test_a_tour_it_does_not_sell_has_no_departures(self, scene: Scene):
        today = scene.clock.now().date()
        assert list(await scene.carrier.departures(scene.query.region, "nowhere", "classic", today, today + YEAR)) == []

    async def test_what_can_be_booked_has_its_prices_and_when_that_was_told(self, scene: Scene, found):
        told = await found
        assert set(told) == set(scene.query.departures)
        for key, one in told.items():
            assert (one.departure.key, one.region, one.as_of) == (key, scene.query.region, scene.clock.now())
            assert (one.status, one.bookable_online) == (DepartureStatus.AVAILABLE, True)
            assert {rate.price.currency for rate in one.rates} == {REGION_CURRENCY[one.region]}

    async def test_a_departure_it_does_not_know_is_not_in_the_answer(self, scene: Scene):
        known = scene.query.departures[0]
        others = [
            type(known)(operator=known.operator, tour=known.tour, option=known.option, starts_on=date(2029, 1, 1))
        ]
        others.append(type(known)(operator=known.operator, tour="x", option="y", starts_on=known.starts_on))
        assert set(await scene.carrier.availability(scene.query.region, [*others, known])) == {known}

    async def test_an_offer_is_the_sum_of_what_its_people_pay(self, scene: Scene, found):
        one = (await found)[scene.query.departures[0]]
        offer = scene.carrier.offer(one, scene.query.rooms)
        prices = {rate.type: rate.price for rate in one.rates}
        paid = [prices[RateType(room.type)].times(room.adults) for room in scene.query.rooms]
        paid += [prices[RateType.CHILD].times(len(room.child_ages)) for room in scene.query.rooms]
        assert offer.total == total(paid, offer.total.currency)
        assert (offer.stay.key, offer.stay.rooms, offer.stay.region) == (
            one.departure.key,
            scene.query.rooms,
            one.region,
        )
        assert len({passenger.ref for passenger in offer.passengers}) == scene.query.people

    async def test_rooms_that_nobody_can_sleep_in_are_turned_down(self, scene: Scene, found):
        one = (await found)[scene.query.departures[0]]
        for rooms in ((), tuple(Room(type=room.type, adults=0) for room in scene.query.rooms)):
            with pytest.raises(InvalidInput):
                scene.carrier.offer(one, rooms)

    async def test_places_that_are_held_are_no_longer_free(self, scene: Scene, found):
        desk = Desk(scene.carrier, scene.clock)
        before = (await found)[scene.query.departures[0]]
        await desk.hold(scene.carrier.offer(before, scene.query.rooms))
        after = (await scene.carrier.availability(scene.query.region, [before.departure.key]))[before.departure.key]
        assert after.places_left == before.places_left - scene.query.people

    async def test_who_sells_no_tours_says_so(self, scene: Scene):
        less, region = scene.without(Ability.TOURS), scene.query.region
        today = scene.clock.now().date()
        attempts = (
            less.tours(region),
            less.selling_companies(),
            less.departures(region, "greece", "classic", today, today),
            less.availability(region, scene.query.departures),
            less.check("off_1"),
        )
        for attempt in attempts:
            with pytest.raises(Unsupported):
                await attempt

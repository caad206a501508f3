"""Operators that speak plain OCTO, down to the one that tells the least: sold with what they say, in few calls."""

import asyncio
import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.domain.clock import ManualClock
from app.domain.errors import Trouble
from app.domain.money import Money
from app.domain.refusals import InvalidInput, OfferExpired, OnRequestOnly
from app.domain.tours import Contact, DepartureKey, DepartureStatus, RateType, Room, RoomType, SellingRegion
from app.wire.messages import Response
from app.wire.transport import Transport
from carriers.octo.references import OfferRef
from tests.carriers.sandbox.octo.shop import LATER, OPEN, OPTION, START, TOUR
from tests.carriers.test_octo_bookings import TWO, Shop, key
from tests.carriers.worlds import PlainTransport, in_process_octo

UNIT = {"id": "adult", "internalName": "Adult", "type": "ADULT"}
OPTIONS = [
    {
        "id": "DEFAULT",
        "internalName": "Default",
        "cancellationCutoffAmount": 36,
        "cancellationCutoffUnit": "hour",
        "units": [UNIT, {"id": "child", "type": "CHILD"}, {"id": "dog", "type": "OTHER"}],
    }
]
PRODUCT = {
    "id": "walk",
    "internalName": "A walk",
    "timeZone": "Europe/Dublin",
    "instantConfirmation": True,
    "options": OPTIONS,
}
SUPPLIER = {"id": "s1", "name": "Walks", "contact": {"email": "hi@walks.example", "telephone": None, "website": None}}
SLOT = {
    "id": "slot",
    "localDateTimeStart": "2027-05-08T09:00:00+01:00",
    "localDateTimeEnd": "2027-05-08T12:00:00+01:00",
    "status": "AVAILABLE",
    "vacancies": 4,
}
PRICE = {"unitId": "adult", "original": 1250, "retail": 1250, "net": None, "currency": "GBP", "currencyPrecision": 2}
WALK = DepartureKey(operator="insightvacations", tour="walk", option="DEFAULT", starts_on=date(2027, 5, 8))


class Supplier(Transport):
    """A supplier of the very least, by the ends of its addresses; `asked` are the bodies it was sent."""

    def __init__(self, granted="", **answers):
        self.granted = granted
        self.answers = {"products": [PRODUCT], "supplier": SUPPLIER, "availability": [SLOT], "calendar": []} | answers
        self.asked = []

    async def send(self, request, timeout):
        what = request.url.rstrip("/").rpartition("/")[2]
        self.asked.append((what, request.json))
        body = json.dumps(self.answers[what]).encode()
        return Response(status=200, headers={"octo-capabilities": self.granted}, body=body)

    def open(self):
        return in_process_octo(None, ManualClock(START), self)


async def told(supplier, region=SellingRegion.UK):
    return (await supplier.open().availability(region, [WALK]))[WALK]


async def test_a_supplier_without_content_and_prices_is_listed_and_on_request():
    supplier = Supplier()
    walks = supplier.open()
    (tour,) = await walks.tours(SellingRegion.UK)
    assert (tour.name, tour.days, tour.places, tour.options[0].name) == ("A walk", 1, (), "Default")
    found = (await walks.availability(SellingRegion.UK, [WALK]))[WALK]
    assert (found.status, found.rates, found.places_left, found.takes_requests) == (
        DepartureStatus.ON_REQUEST,
        (),
        4,
        False,
    )


async def test_its_own_contact_sells_it_everywhere():
    companies = await Supplier().open().selling_companies()
    assert {company.region for company in companies} == set(SellingRegion)
    assert {(company.code, company.name, company.contact) for company in companies} == {
        ("s1", "Walks", Contact(email="hi@walks.example"))
    }


@pytest.mark.parametrize(
    ("slot", "product", "status"),
    [
        ({}, {}, DepartureStatus.AVAILABLE),
        ({"status": "FREESALE", "vacancies": None}, {}, DepartureStatus.AVAILABLE),
        ({"status": "LIMITED"}, {}, DepartureStatus.AVAILABLE),
        ({"status": "SOLD_OUT", "vacancies": 0}, {}, DepartureStatus.CLOSED),
        ({"status": "CLOSED"}, {}, DepartureStatus.CLOSED),
        ({"status": "TOMORROWS"}, {}, DepartureStatus.CLOSED),
        ({}, {"instantConfirmation": False}, DepartureStatus.ON_REQUEST),
        ({"unitPricing": [PRICE | {"currency": "EUR"}]}, {}, DepartureStatus.ON_REQUEST),
        ({"unitPricing": [PRICE | {"unitId": "dog"}]}, {}, DepartureStatus.ON_REQUEST),
    ],
)
async def test_its_statuses_are_ours_by_the_table(slot, product, status):
    found = await told(
        Supplier("octo/pricing", availability=[SLOT | {"unitPricing": [PRICE]} | slot], products=[PRODUCT | product])
    )
    assert found.status is status


async def test_its_cutoff_is_counted_from_the_start():
    found = await told(Supplier("octo/pricing", availability=[SLOT | {"unitPricing": [PRICE]}]))
    assert found.terms.exchange_until.isoformat() == "2027-05-06T21:00:00+01:00"
    assert found.terms.exchange_fee == Money(0, "GBP")
    assert [(rate.type, rate.price, rate.unit) for rate in found.rates] == [
        (RateType.PERSON, Money(1250, "GBP"), "adult")
    ]


@pytest.mark.parametrize(("currencies", "asked"), [(["EUR", "GBP"], "GBP"), (["EUR"], None)])
async def test_prices_are_asked_for_in_the_regions_currency_where_there_are_any(currencies, asked):
    supplier = Supplier("octo/pricing", products=[PRODUCT | {"availableCurrencies": currencies}])
    await told(supplier)
    assert supplier.asked[-1][1].get("currency") == asked


async def test_without_prices_no_currency_is_named():
    supplier = Supplier()
    await told(supplier)
    assert "currency" not in supplier.asked[-1][1]


async def test_of_several_starts_on_a_day_one_that_can_be_booked_stands_for_it():
    early = SLOT | {"id": "early", "status": "SOLD_OUT", "unitPricing": [PRICE]}
    late = SLOT | {"id": "late", "localDateTimeStart": "2027-05-08T14:00:00+01:00", "unitPricing": [PRICE]}
    found = await told(Supplier("octo/pricing", availability=[early, late, early]))
    assert (found.ref, found.status) == ("late", DepartureStatus.AVAILABLE)


async def test_a_product_that_lacks_what_we_need_hides_no_other():
    for broken in ({"timeZone": None}, {"options": None}, {"instantConfirmation": True, "id": ""}):
        supplier = Supplier(products=[PRODUCT | broken, PRODUCT])
        assert [tour.ref for tour in await supplier.open().tours(SellingRegion.UK)] == ["walk"]


@pytest.mark.parametrize("answer", [{}, [{}], [SLOT | {"localDateTimeStart": "noon"}]])
async def test_availability_that_cannot_be_read_is_trouble(answer):
    with pytest.raises(Trouble):
        await told(Supplier(availability=answer))


async def test_the_price_is_in_the_decimals_that_it_says():
    found = await told(
        Supplier(
            "octo/pricing", availability=[SLOT | {"unitPricing": [PRICE | {"retail": 12, "currencyPrecision": 0}]}]
        )
    )
    assert found.rates[0].price == Money(1200, "GBP")


async def test_a_calendar_of_years_is_asked_for_a_year_at_a_time():
    supplier = Supplier(calendar=[{"localDate": "2027-05-08"}])
    first, last = date(2027, 1, 1), date(2029, 6, 30)
    days = await supplier.open().departures(SellingRegion.UK, "walk", "DEFAULT", first, last)
    asked = [(body["localDateStart"], body["localDateEnd"]) for what, body in supplier.asked if what == "calendar"]
    assert asked == [("2027-01-01", "2028-01-01"), ("2028-01-02", "2029-01-01"), ("2029-01-02", "2029-06-30")]
    assert [departure.key for departure in days] == [WALK]


def calls(shop, since=0):
    return [request.url.removeprefix("http://octo.sandbox/insightvacations") for request in shop.wire.sent[since:]]


async def test_availability_takes_one_call_for_each_option_in_plain_octo_and_one_in_all_with_our_capability():
    wanted = [key(day, option) for option in (OPTION, "extended") for day in (OPEN, LATER)]
    for transport, expected in ((PlainTransport, ["/availability/"] * 2), (None, ["/departures/availability"])):
        shop = Shop.opened(transport) if transport else Shop.opened()
        await shop.carrier.tours(SellingRegion.ZZ)
        known = len(shop.wire.sent)
        assert set(await shop.carrier.availability(SellingRegion.ZZ, wanted)) == set(wanted)
        assert calls(shop, known) == expected
        assert await shop.carrier.availability(SellingRegion.ZZ, []) == {}
        assert calls(shop, known) == expected


class Waiting(PlainTransport):
    """Answers once no more is asked for; `most` is how many waited at once."""

    waiting = most = 0

    async def send(self, request, timeout):
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        for _ in range(20):
            await asyncio.sleep(0)
        self.waiting -= 1
        return await super().send(request, timeout)


@pytest.mark.parametrize(("options", "at_once"), [(2, 2), (9, 4)])
async def test_options_are_asked_for_beside_each_other_a_few_at_once(options, at_once):
    shop = Shop.opened(Waiting)
    content = await shop.carrier._catalogue.of(SellingRegion.ZZ)
    product = content.products[TOUR]
    names = [f"option-{number}" for number in range(options)]
    facts = dict.fromkeys(names, product.options[OPTION])
    told = replace(product.tour, options=tuple(replace(product.tour.options[0], ref=name) for name in names))
    content.products[TOUR] = replace(product, tour=told, options=facts)
    shop.wire.most = 0
    await shop.carrier.availability(SellingRegion.ZZ, [key(OPEN, name) for name in names])
    assert shop.wire.most == at_once


async def test_more_departures_than_a_call_takes_are_asked_for_in_several():
    shop = Shop.opened()
    await shop.carrier.tours(SellingRegion.UK)
    known = len(shop.wire.sent)
    many = [key((date(2027, 1, 1) + timedelta(days=number)).isoformat()) for number in range(501)]
    found = await shop.carrier.availability(SellingRegion.UK, many)
    assert len(found) == 6
    assert calls(shop, known) == ["/departures/availability"] * 2


async def test_content_is_read_again_after_an_hour():
    shop = Shop.opened()
    for minutes, reads in ((0, 2), (59, 2), (1, 4)):
        shop.clock.advance(timedelta(minutes=minutes))
        await shop.stay()
        assert sum(call in {"/products/", "/supplier/"} for call in calls(shop)) == reads


async def test_what_was_never_offered_has_expired():
    shop = Shop.opened()
    gone = await shop.stay()
    for ref in ("off_1", "", "e30", gone.ref[:-9]):
        with pytest.raises(OfferExpired):
            await shop.carrier.check(ref)


async def test_plain_octo_sells_people_and_without_a_price_the_selling_company_is_to_be_asked():
    shop = Shop.opened(PlainTransport)
    found = await shop.carrier.availability(SellingRegion.ZZ, [key()])
    offer = shop.carrier.offer(found[key()], (TWO, Room(type=RoomType.PERSON, adults=1, child_ages=(7,))))
    assert [passenger.ref for passenger in offer.passengers] == [
        "1.person.1",
        "1.person.2",
        "2.person.1",
        "2.child7.2",
    ]
    in_pounds = await shop.carrier.availability(SellingRegion.UK, [key()])
    assert in_pounds[key()].rates == ()
    with pytest.raises(OnRequestOnly):
        await shop.carrier.check(str(replace(OfferRef.read(offer.ref), region=SellingRegion.UK)))


async def test_the_tour_of_a_booking_that_is_no_longer_sold_is_asked_for_alone():
    shop = Shop.opened()
    order = await shop.pay(await shop.hold(await shop.stay()))
    shop.clock.advance(timedelta(hours=2))
    content = shop.carrier._catalogue
    read = await content.read(SellingRegion.UK)
    read.products.pop(TOUR)
    known = len(shop.wire.sent)
    assert (await shop.carrier.quote_refund(order.ref)).refund == order.total.times(Decimal("0.9"))
    assert calls(shop, known) == [f"/bookings/{order.ref}", f"/products/{TOUR}"]


@pytest.mark.parametrize(
    ("option", "unit", "adults", "says"),
    [
        ({"minUnits": 2, "maxUnits": None}, {}, 1, "2 people at least"),
        ({"minUnits": 1, "maxUnits": 3}, {}, 4, "3 people at most"),
        ({}, {"minQuantity": 2, "maxQuantity": None}, 1, "2 adults at least"),
        ({}, {"minQuantity": None, "maxQuantity": 3}, 4, "3 adults at most"),
        ({"minUnits": 2, "maxUnits": 3}, {"minQuantity": 2, "maxQuantity": 3}, 3, None),
        (None, None, 9, None),
    ],
)
async def test_parties_that_it_does_not_sell_to_are_told_so_before_they_reserve(option, unit, adults, says):
    sold = [OPTIONS[0] | {"restrictions": option, "units": [UNIT | {"restrictions": unit}]}]
    slot = SLOT | {"vacancies": 20, "unitPricing": [PRICE]}
    walks = Supplier("octo/pricing", products=[PRODUCT | {"options": sold}], availability=[slot]).open()
    (found,) = (await walks.availability(SellingRegion.UK, [WALK])).values()
    party = (Room(type=RoomType.PERSON, adults=adults),)
    if says is None:
        assert len(walks.offer(found, party).passengers) == adults
        return
    with pytest.raises(InvalidInput, match=says) as refused:
        walks.offer(found, party)
    assert refused.value.path == ("rooms",)

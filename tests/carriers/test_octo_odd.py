"""Operators that answer otherwise than expected: one odd fact hides nothing else, and nothing is lost for it."""

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from app.domain.errors import Trouble
from app.domain.refusals import CarrierRefused, NotBookable, OfferExpired, OnRequestOnly, PaymentTooLate
from app.domain.tours import DepartureStatus, Room, RoomType, SellingRegion
from app.wire.messages import Response
from carriers.contract import ExchangeWish
from tests.carriers.sandbox.octo.shop import ASKED, LATER, OPEN, TOUR
from tests.carriers.test_octo_bookings import TWIN, Shop, key
from tests.carriers.test_octo_plain import OPTIONS, PRICE, PRODUCT, SLOT, SUPPLIER, WALK, Supplier, told
from tests.carriers.worlds import SandboxTransport, in_process_octo

RICH = "octo/content, octo/pricing, faregate/departures"
COMPANY = {"region": "UK", "code": "c1", "name": "Walks Ltd", "contact": None}
RICH_SUPPLIER = SUPPLIER | {"sellingCompanies": [COMPANY]}
RICH_OPTIONS = [OPTIONS[0] | {"units": [{"id": "adult", "type": "ADULT", "room": "TWIN_SHARE"}]}]
RICH_SLOT = SLOT | {"departureStatus": "AVAILABLE", "localDateEnd": "2027-05-08", "unitPricing": [PRICE]}


def told_of(*slots):
    return [
        {"productId": "walk", "optionId": "DEFAULT", "localDate": f"2027-05-{day:02}", "availability": slot}
        for day, slot in enumerate(slots, start=8)
    ]


def rich(*slots, **answers):
    return Supplier(
        RICH,
        **{"supplier": RICH_SUPPLIER, "products": [PRODUCT | {"options": RICH_OPTIONS}]}
        | {"availability": told_of(*slots)}
        | answers,
    )


def walk(day):
    return replace(WALK, starts_on=date(2027, 5, day))


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../etc/passwd", "UTC+25"])
async def test_a_tour_in_a_time_zone_that_nobody_knows_hides_no_other(zone):
    supplier = Supplier(products=[PRODUCT | {"id": "odd", "timeZone": zone}, PRODUCT])
    assert [tour.ref for tour in await supplier.open().tours(SellingRegion.UK)] == ["walk"]


@pytest.mark.parametrize("companies", [None, [], [COMPANY | {"region": "AU"}], [COMPANY | {"name": None}, None]])
async def test_selling_companies_that_cannot_be_read_hide_no_tours(companies):
    supplier = rich(supplier=SUPPLIER | {"sellingCompanies": companies})
    assert [tour.ref for tour in await supplier.open().tours(SellingRegion.UK)] == ["walk"]


async def test_where_no_company_is_named_the_operator_itself_is_to_be_asked():
    silent = rich(supplier=SUPPLIER | {"sellingCompanies": None})
    assert {company.name for company in await silent.open().selling_companies()} == {"Walks"}
    odd = rich(supplier=SUPPLIER | {"sellingCompanies": [COMPANY | {"region": "AU"}, COMPANY]})
    assert [company.name for company in await odd.open().selling_companies()] == ["Walks Ltd"]


async def reserved(supplier, region=SellingRegion.UK):
    walks = supplier.open()
    (found,) = (await walks.availability(region, [WALK])).values()
    return await walks.check(walks.offer(found, [TWIN]).ref)


async def test_what_is_on_request_with_nobody_to_ask_is_not_bookable():
    asked = RICH_SLOT | {"departureStatus": "ON_REQUEST"}
    with pytest.raises(OnRequestOnly):
        await reserved(rich(asked))
    with pytest.raises(NotBookable) as refused:
        await reserved(rich(asked, supplier=SUPPLIER | {"sellingCompanies": []}))
    assert refused.value.status is DepartureStatus.ON_REQUEST


ODD = [
    None,
    {},
    RICH_SLOT | {"unitPricing": [PRICE | {"retail": None}]},
    RICH_SLOT | {"localDateEnd": "soon"},
    RICH_SLOT | {"departureTerms": {"depositPerPerson": 100, "currency": "EUR", "currencyPrecision": 2}},
    RICH_SLOT | {"departureTerms": {"cancellationScale": [{"daysBefore": 10, "percent": "all"}]}},
    RICH_SLOT | {"departureTerms": {"cancellationScale": [{"daysBefore": 10, "percent": 110}]}},
]


@pytest.mark.parametrize("odd", ODD)
async def test_a_departure_that_cannot_be_read_hides_no_other(odd):
    wanted = [walk(8), walk(9)]
    assert set(await rich(odd, RICH_SLOT).open().availability(SellingRegion.UK, wanted)) == {walk(9)}
    with pytest.raises(Trouble):
        await rich(odd).open().availability(SellingRegion.UK, wanted)


async def test_a_departure_that_is_not_named_hides_no_other():
    answer = [{"productId": None}, None, *told_of(RICH_SLOT)]
    found = await rich(availability=answer).open().availability(SellingRegion.UK, [WALK])
    assert set(found) == {WALK}


async def test_a_start_that_cannot_be_read_hides_no_other_in_plain_octo():
    odd = SLOT | {"localDateTimeStart": "noon"}
    unpriced = SLOT | {"id": "b", "unitPricing": [PRICE | {"currencyPrecision": None}]}
    assert (await told(Supplier(availability=[odd, unpriced, SLOT]))).ref == "slot"


async def test_a_last_day_that_is_not_told_comes_from_the_options_length():
    found = await rich(RICH_SLOT | {"localDateEnd": None}).open().availability(SellingRegion.UK, [WALK])
    assert found[WALK].departure.ends_on == WALK.starts_on


async def test_a_tour_that_is_taken_off_sale_after_it_was_looked_at_has_no_offer():
    shop = Shop.opened()
    found = (await shop.carrier.availability(SellingRegion.UK, [key(OPEN)]))[key(OPEN)]
    shop.carrier._catalogue.known(SellingRegion.UK).products.pop(TOUR)
    with pytest.raises(OfferExpired):
        shop.carrier.offer(found, [TWIN])


@pytest.mark.parametrize("day", [date.max, date.min])
async def test_a_day_at_the_end_of_the_calendar_is_only_not_sold(day):
    far = replace(WALK, starts_on=day)
    assert await Supplier().open().availability(SellingRegion.UK, [far]) == {}
    assert await Supplier().open().departures(SellingRegion.UK, "walk", "DEFAULT", day, day) == []


async def test_ages_of_children_that_contradict_each_other_are_not_told():
    child = {"id": "child", "type": "CHILD", "room": "CHILD", "restrictions": {"minAge": 12, "maxAge": 3}}
    units = [*RICH_OPTIONS[0]["units"], child]
    slot = RICH_SLOT | {"unitPricing": [PRICE, PRICE | {"unitId": "child"}]}
    walks = rich(slot, products=[PRODUCT | {"options": [RICH_OPTIONS[0] | {"units": units}]}]).open()
    found = (await walks.availability(SellingRegion.UK, [WALK]))[WALK]
    family = Room(type=RoomType.TWIN_SHARE, adults=2, child_ages=(9,))
    assert len(walks.offer(found, [family]).passengers) == 3


class Odd(SandboxTransport):
    """Carries answers that `odd` may change, by the request and the answer's JSON."""

    odd = None

    async def send(self, request, timeout):
        answer = await super().send(request, timeout)
        if self.odd is None or answer.status != 200:
            return answer
        return replace(answer, body=json.dumps(self.odd(request, json.loads(answer.body))).encode())


def odd_shop(odd):
    shop = Shop.opened(Odd)
    shop.wire.odd = odd
    return shop


@pytest.mark.parametrize("cancellation", [None, {}, {"refund": "FULL"}, {"refund": None, "utcCancelledAt": "now"}])
async def test_a_cancellation_that_says_nothing_of_money_is_one(cancellation):
    shop = odd_shop(
        lambda request, data: data | {"cancellation": cancellation} if request.url.endswith("/cancel") else data
    )
    paid = await shop.pay(await shop.hold(await shop.stay()))
    done = await shop.cancel(paid)
    assert (done.ref, done.refund) == (paid.ref, None)


async def test_a_request_that_is_shown_as_rejected_once_withdrawn_is_withdrawn():
    shop = odd_shop(lambda request, data: data | {"status": "REJECTED"} if request.url.endswith("/cancel") else data)
    order = await shop.hold(await shop.stay(day=ASKED))
    assert (await shop.cancel(order)).refund is None


async def test_a_hold_that_lapses_as_it_is_extended_is_not_extended():
    shop = odd_shop(lambda request, data: data | {"status": "EXPIRED"} if request.url.endswith("/extend") else data)
    held = await shop.hold(await shop.stay())
    with pytest.raises(PaymentTooLate):
        await shop.carrier.extend(held.ref, shop.clock.now() + timedelta(hours=30), shop.call("key-9"))


async def test_an_operator_that_does_not_tell_the_region_or_the_last_day_is_understood():
    def odd(_request, data):
        told = isinstance(data, dict) and "availability" in data
        return data | {"region": None, "availability": data["availability"] | {"localDateEnd": None}} if told else data

    shop = odd_shop(odd)
    offer = await shop.stay()
    held = await shop.hold(offer)
    assert (held.total, held.stay.ends_on, held.stay.region) == (offer.total, offer.stay.ends_on, SellingRegion.UK)


async def test_an_update_that_moves_nothing_is_no_exchange():
    shop = Shop.opened()
    order = await shop.pay(await shop.hold(await shop.stay()))
    (offer,) = await shop.carrier.quote_exchange(ExchangeWish(order=order.ref, departure=key(LATER)))
    pending = await shop.carrier.prepare_exchange(offer.ref)
    before = await shop.carrier._bookings.read(order.ref)
    shop.carrier = in_process_octo(shop.world, shop.clock, Unmoved(shop.world, data=before.data))
    with pytest.raises(CarrierRefused):
        await shop.carrier.exchange(pending, shop.call("key-5"))
    assert await shop.carrier.exchanged(pending) is None


@dataclass
class Unmoved(SandboxTransport):
    """To a supplier that takes every update, and makes none."""

    data: object = None

    async def send(self, request, timeout):
        if request.method != "PATCH":
            return await super().send(request, timeout)
        granted = {"octo-capabilities": RICH}
        return Response(status=200, headers=granted, body=json.dumps(self.data).encode())


async def test_what_is_booked_is_booked_in_the_currency_of_its_price():
    shop = Shop.opened()
    offer = await shop.stay()
    await shop.hold(offer)
    (booked,) = [request.json for request in shop.wire.sent if request.url.endswith("/bookings/")]
    assert booked["currency"] == offer.total.currency == "GBP"


async def test_a_hold_in_another_currency_than_the_price_is_given_up():
    def odd(request, data):
        taken = request.method == "POST" and request.url.endswith("/bookings/")
        return data | {"pricing": data["pricing"] | {"currency": "EUR"}} if taken else data

    shop = odd_shop(odd)
    offer = await shop.stay()
    with pytest.raises(CarrierRefused):
        await shop.hold(offer)
    assert [booking["status"] for booking in shop.world.ledger()["bookings"]] == ["CANCELLED"]

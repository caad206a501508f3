"""The whole verb: converted or left out with the reason, fees included, and carriers asked once."""

import asyncio
from dataclasses import replace
from datetime import time, timedelta

import pytest

from app.domain.clock import ManualClock
from app.domain.errors import Trouble
from app.domain.itinerary import BaggageKind, OfferPassenger, PassengerType
from app.domain.money import Money
from app.domain.partner import FeeKind, FeeRule
from app.domain.search import DropReason, OutcomeStatus
from app.search.answer import Itinerary
from tests.search.fakes import NOW, PARTNER, FakeCarrier, Watch, journey, leg, offer, request, search_over, segment


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def clock():
    return ManualClock(NOW)


@pytest.fixture
def searching(watch, clock):
    return lambda *carriers, size=10: search_over(carriers, clock, watch, size=size)


async def test_an_offer_in_the_selling_currency(searching):
    answer = await searching(FakeCarrier(offers=[offer()])).find(request(), PARTNER)
    (found,) = answer.itineraries
    assert (str(found.price.total), found.price.rate) == ("100.00 EUR", None)
    assert found.expires_at == offer().expires_at
    (outcome,) = answer.outcomes
    assert (outcome.status, outcome.offers, outcome.dropped) == (OutcomeStatus.OK, 1, {})


async def test_an_offer_in_another_currency_is_converted_and_ends_with_its_rate(searching):
    answer = await searching(FakeCarrier(offers=[offer(currency="GBP")])).find(request(), PARTNER)
    (found,) = answer.itineraries
    assert str(found.price.total) == "117.30 EUR"
    assert str(found.price.carrier_total) == "100.00 GBP"
    assert found.expires_at == NOW + timedelta(minutes=10)


async def test_without_a_rate_it_is_left_out_and_the_outcome_says_why(searching):
    carrier = FakeCarrier(offers=[offer(currency="USD"), offer()], dropped={DropReason.INCOMPLETE: 3})
    answer = await searching(carrier).find(request(), PARTNER)
    assert len(answer.itineraries) == 1
    assert answer.outcomes[0].dropped == {DropReason.INCOMPLETE: 3, DropReason.UNSUPPORTED_CURRENCY: 1}


async def test_a_carrier_whose_offers_are_all_left_out_is_empty(searching):
    answer = await searching(FakeCarrier(offers=[offer(currency="USD")])).find(request(), PARTNER)
    assert answer.outcomes[0].status is OutcomeStatus.EMPTY


async def test_what_cannot_be_shown_whole_or_reserved_in_time_is_left_out(searching):
    nowhere = offer(journeys=(journey(segment("CDG", "QQQ")),))
    hurried = offer(expires_at=NOW + timedelta(seconds=59))
    answer = await searching(FakeCarrier(offers=[nowhere, hurried])).find(request(), PARTNER)
    assert answer.itineraries == ()
    assert answer.outcomes[0].dropped == {DropReason.INCOMPLETE: 1, DropReason.EXPIRES_TOO_SOON: 1}


async def test_the_partners_fees_are_in_the_price(searching):
    fees = (
        FeeRule(name="Service", kind=FeeKind.PER_PASSENGER, amount=Money.of("4.00", "EUR")),
        FeeRule(name="Pounds", kind=FeeKind.FIXED, amount=Money.of("10.00", "GBP")),
        FeeRule(name="Not here", kind=FeeKind.FIXED, amount=Money.of("9.00", "EUR"), carrier="rail"),
    )
    answer = await searching(FakeCarrier(offers=[offer()])).find(request(), replace(PARTNER, fees=fees))
    (found,) = answer.itineraries
    assert [(fee.name, str(fee.amount)) for fee in found.price.fees] == [
        ("Service", "4.00 EUR"),
        ("Pounds", "11.73 EUR"),
    ]


async def test_the_currency_asked_for_comes_before_the_partners(searching):
    answer = await searching(FakeCarrier(offers=[offer(currency="GBP"), offer()])).find(
        request(currency="GBP"), PARTNER
    )
    assert answer.currency == "GBP"
    assert [str(found.price.total) for found in answer.itineraries] == ["100.00 GBP"]


async def test_changes_and_windows_asked_for_hold_even_where_a_carrier_ignores_them(searching):
    direct = offer(journeys=(journey(segment()),))
    changing = offer(journeys=(journey(segment(destination="ORY"), segment("ORY")),))
    answer = await searching(FakeCarrier(offers=[direct, changing])).find(request(max_changes=0), PARTNER)
    assert len(answer.itineraries) == 1
    late = request(leg(departs_from=time(11)))
    assert (await searching(FakeCarrier(offers=[direct])).find(late, PARTNER)).itineraries == ()


async def test_the_same_content_has_the_same_id_and_is_shown_once(searching):
    again = offer("off_2", expires_at=NOW + timedelta(minutes=19))
    other = offer("off_3", total="100.01")
    answer = await searching(FakeCarrier(offers=[offer(), again, other])).find(request(), PARTNER)
    assert [found.offer.ref for found in answer.itineraries] == ["off_1", "off_3"]
    repeated = await searching(FakeCarrier(offers=[again])).find(request(), PARTNER)
    assert repeated.itineraries[0].id == answer.itineraries[0].id
    assert len(answer.itineraries[0].id) == 20


async def test_bad_input_asks_no_carrier(searching):
    carrier = FakeCarrier(offers=[offer()])
    answer = await searching(carrier).find(request(leg("QQQ")), PARTNER)
    assert [refusal.path[-1] for refusal in answer.refusals] == ["origin"]
    assert carrier.searches == [] and answer.outcomes == ()


async def test_the_same_search_again_asks_no_carrier_again(searching, watch):
    carrier = FakeCarrier(offers=[offer()])
    search = searching(carrier)
    first = await search.find(request(), PARTNER)
    watch.seconds += 119
    assert await search.find(request(), PARTNER) == first
    assert len(carrier.searches) == 1
    watch.seconds += 1
    await search.find(request(), PARTNER)
    assert len(carrier.searches) == 2


async def test_another_partner_currency_or_query_is_another_search(searching):
    carrier = FakeCarrier(offers=[offer()])
    search = searching(carrier)
    await search.find(request(), PARTNER)
    await search.find(request(), replace(PARTNER, id="par_2"))
    await search.find(request(currency="GBP"), PARTNER)
    await search.find(request(ages=(30, 5)), PARTNER)
    assert len(carrier.searches) == 4


async def test_searches_under_way_are_shared(searching):
    carrier = FakeCarrier(offers=[offer()])
    search = searching(carrier)
    answers = await asyncio.gather(*(search.find(request(), PARTNER) for _ in range(5)))
    assert len(carrier.searches) == 1
    assert all(answer == answers[0] for answer in answers)


async def test_whoever_asked_first_may_leave_without_ending_it_for_the_others(searching):
    search = searching(FakeCarrier(offers=[offer()]))
    first = asyncio.create_task(search.find(request(), PARTNER))
    second = asyncio.create_task(search.find(request(), PARTNER))
    await asyncio.sleep(0)
    first.cancel()
    assert len((await second).itineraries) == 1


async def test_an_answer_that_misses_a_carrier_is_kept_a_tenth_of_the_time(searching, watch):
    carrier = FakeCarrier(error=Trouble("down"))
    search = searching(carrier)
    await search.find(request(), PARTNER)
    watch.seconds += 11
    await search.find(request(), PARTNER)
    assert len(carrier.searches) == 1
    watch.seconds += 1
    await search.find(request(), PARTNER)
    assert len(carrier.searches) == 2


async def test_the_memory_is_bounded(searching):
    carrier = FakeCarrier(offers=[offer()])
    search = searching(carrier, size=2)
    for age in (30, 31, 32, 30):
        await search.find(request(ages=(age,)), PARTNER)
    assert len(carrier.searches) == 4


async def test_what_expired_while_kept_is_not_shown(searching, clock):
    search = searching(FakeCarrier(offers=[offer(), offer(total="90.00", expires_at=NOW + timedelta(minutes=2))]))
    assert len((await search.find(request(), PARTNER)).itineraries) == 2
    clock.advance(timedelta(seconds=61))
    assert [str(found.price.total) for found in (await search.find(request(), PARTNER)).itineraries] == ["100.00 EUR"]


async def test_a_search_that_breaks_is_not_kept(searching):
    search = searching(FakeCarrier(offers=[offer()]))
    broken = replace(PARTNER, fees=(FeeRule(name="Nothing", kind=FeeKind.FIXED),))
    for _ in range(2):
        with pytest.raises(ValueError, match="'Nothing'"):
            await search.find(request(), broken)


def test_baggage_is_what_holds_on_every_segment():
    given = offer(
        journeys=(journey(segment(bags=2)), journey(segment("JFK", "CDG", bags=1))),
        passengers=(
            OfferPassenger(ref="pas_a", type=PassengerType.ADULT),
            OfferPassenger(ref="pas_i", type=PassengerType.INFANT),
        ),
    )
    found = Itinerary(offer=given, price=None, legs=())
    assert found.pieces(BaggageKind.CHECKED, "pas_a") == 1
    assert found.pieces(BaggageKind.CHECKED, "pas_i") == 0
    assert found.seated == ("pas_a",)

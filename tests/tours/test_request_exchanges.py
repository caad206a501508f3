"""An exchange waits for no operator, and what an operator has accepted is exchanged as any other hold is."""

from dataclasses import replace
from datetime import timedelta

from app.aftersales.paid_changes import ChangeWish, take_exchange
from app.domain.partner import Partner
from app.domain.refusals import NotBookable
from carriers.contract import OrderState
from tests.aftersales.selling import exchange
from tests.booking.house import CREDIT, viewer
from tests.booking.judge import judge
from tests.tours.changing import CHEAPER, held, quoted
from tests.tours.selling import request, statuses


async def test_a_departure_that_has_to_be_asked_for_by_now_is_not_waited_for(house):
    booking = await held(house)
    quote = await quoted(house, booking.id, CHEAPER)
    hold = house.operator.hold

    async def asked_for(*wanted):
        return replace(await hold(*wanted), state=OrderState.REQUESTED, pay_by=None)

    house.operator.hold = asked_for
    outcome = await exchange(house, quote)
    assert isinstance(outcome.refusal, NotBookable)
    after = await house.booking(booking.id)
    assert (after.state, after.total_minor, after.pay_by) == ("HELD", booking.total_minor, booking.pay_by)
    assert sorted(statuses(house)) == ["CANCELLED", "ON_HOLD"]
    await judge(house)


async def test_what_was_accepted_keeps_its_time_to_pay(house):
    partner = Partner(id="pa_1", name="Acme Travel", currency="GBP", credit=CREDIT, payment_limit=timedelta(hours=1))
    await house.terms(partner)
    booking_id = (await request(house)).booking_id
    await house.later(timedelta(hours=2))
    before = await house.booking(booking_id)
    quote = await quoted(house, booking_id, CHEAPER)
    wish = ChangeWish(quote_id=quote.id)
    outcome = await house.settled(await take_exchange(house.desk, viewer(partner), "e1", wish))
    assert outcome.refusal is None
    after = await house.booking(booking_id)
    assert (after.state, after.pay_by) == ("HELD", before.pay_by)
    assert after.total_minor < before.total_minor
    await judge(house)

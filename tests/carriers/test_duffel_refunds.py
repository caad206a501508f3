"""Refunds over Duffel in detail: by which rule, as what, and what each answer of a quote and its confirmation means."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from app.domain.aftersales import RefundForm, RuleGround
from app.domain.clock import ManualClock
from app.domain.errors import Refusal, Trouble, Unknown
from app.domain.money import Money
from app.domain.refusals import NotFound, NotRefundable, QuoteExpired
from app.domain.search import Leg, SearchQuery
from app.domain.travellers import DocumentKind, IdentityDocument
from app.wire.messages import Response
from app.wire.transport import NoAnswer
from carriers.contract import CarrierOrder
from carriers.duffel.profile import ACCEPTED_SETTLE_DELAY
from carriers.sandbox.duffel.world import DuffelWorld
from tests.carriers.contract import SEARCH_DEADLINE
from tests.carriers.refund_contract import Counter, ground
from tests.carriers.test_duffel import ADULT, QUERY
from tests.carriers.test_duffel_errors import no
from tests.carriers.worlds import START, SandboxTransport, in_process

ORDERS, CANCELLATIONS, CONFIRM = "/air/orders/", "/air/order_cancellations", "/actions/confirm"
FLEX = ("ZZ", "Flex")
PASSPORT = IdentityDocument(
    kind=DocumentKind.PASSPORT, number="19KL56147", issuing_country="GB", expires_on=date(2036, 1, 1)
)


@dataclass
class Wire(SandboxTransport):
    """Answers what a test says instead of the world, or what the world says but altered, by a part of the address."""

    canned: dict[tuple[str, str], Response | None] = field(default_factory=dict)
    altered: dict[str, dict] = field(default_factory=dict)

    async def send(self, request, timeout):
        for (method, part), answer in self.canned.items():
            if method == request.method and part in request.url:
                if answer is None:
                    raise NoAnswer("TimeoutError")
                return answer
        answer = await super().send(request, timeout)
        facts = next((facts for part, facts in self.altered.items() if part in request.url), None)
        if facts is None or not answer.body:
            return answer
        document = json.loads(answer.body)
        with suppress(KeyError):
            document["data"] |= facts
        return Response(status=answer.status, headers=answer.headers, body=json.dumps(document).encode())


class Shop(Counter):
    """A counter at the sandbox, over a wire that can say something else."""

    def __init__(self):
        clock = ManualClock(START)
        self.world = DuffelWorld(clock)
        self.wire = Wire(self.world)
        super().__init__(in_process(self.world, clock, self.wire), clock)

    async def order(self, airline, brand, *ends, day=date(2026, 4, 24)) -> CarrierOrder:
        """Such a fare bought between these airports, a week between the journeys."""
        days = (day + timedelta(weeks=number) for number in range(len(ends)))
        legs = tuple(Leg(origin=a, destination=b, date=on) for (a, b), on in zip(ends, days, strict=True))
        found = await self.carrier.search(SearchQuery(legs=legs, passengers=(ADULT,)), deadline=SEARCH_DEADLINE)
        fares = ((offer, (offer.owner.code, offer.journeys[0].fare_brand)) for offer in found.offers)
        return await self.buy(next(offer for offer, fare in fares if fare == (airline, brand)), document=PASSPORT)

    async def quote(self, order):
        return await self.carrier.quote_refund(order.ref)

    def free(self, order):
        return Money.zero(order.total.currency)


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
async def order(shop):
    return await shop.order(*FLEX, ("LHR", "CDG"))


class TestTheRule:
    async def test_a_void_window_gives_all_back_until_it_ends(self, shop):
        order = await shop.order("DL", "Basic", ("JFK", "SEA"))
        terms = await shop.quote(order)
        assert (terms.refund, terms.rule.ground) == (order.total, RuleGround.VOID_WINDOW)
        assert (terms.rule.fee, terms.rule.deadline) == (shop.free(order), START + timedelta(hours=24))
        shop.clock.advance(timedelta(hours=24))
        assert await ground(shop.quote(order)) is RuleGround.FARE_CONDITIONS

    async def test_a_void_window_that_gives_less_back_is_not_the_rule(self, shop):
        order = await shop.order("DL", "Standard", ("JFK", "SEA"))
        shop.wire.altered[CANCELLATIONS] = {"refund_amount": "1.00"}
        assert (await shop.quote(order)).rule.ground is RuleGround.FARE_CONDITIONS

    async def test_a_change_of_the_airline_that_nobody_answered_is_the_rule(self, shop, order):
        shop.wire.altered[ORDERS] = {"airline_initiated_changes": [{"action_taken": None}]}
        rule = (await shop.quote(order)).rule
        assert (rule.ground, rule.fee, rule.deadline) == (RuleGround.CARRIER_CHANGED, shop.free(order), None)

    async def test_a_change_of_the_airline_that_still_costs_something_names_no_fee(self, shop):
        order = await shop.order("ZZ", "Standard", ("LHR", "CDG"))
        shop.wire.altered[ORDERS] = {"airline_initiated_changes": [{"action_taken": None}]}
        rule = (await shop.quote(order)).rule
        assert (rule.ground, rule.fee) == (RuleGround.CARRIER_CHANGED, None)

    async def test_a_change_of_the_airline_that_was_answered_is_not(self, shop, order):
        shop.wire.altered[ORDERS] = {"airline_initiated_changes": [{"action_taken": "accepted"}]}
        assert (await shop.quote(order)).rule.ground is RuleGround.FARE_CONDITIONS

    async def test_after_the_first_departure_the_airline_decides_for_what_is_left(self, shop):
        order = await shop.order(*FLEX, ("LHR", "CDG"), ("CDG", "LHR"))
        there, back = order.journeys
        shop.clock.advance(there.departs_at - shop.clock.now())
        terms = await shop.quote(order)
        assert (terms.rule.ground, terms.rule.fee) == (RuleGround.CARRIER_DECIDES, None)
        assert terms.segments == tuple(segment.ref for segment in back.segments)
        assert shop.free(order) < terms.refund < order.total
        assert (await shop.refund(terms)).refund == terms.refund

    async def test_after_the_first_departure_a_fare_that_gives_nothing_back_says_so(self, shop):
        order = await shop.order("ZZ", "Basic", ("LHR", "CDG"), ("CDG", "LHR"))
        shop.clock.advance(order.journeys[0].departs_at - shop.clock.now())
        assert await ground(shop.quote(order)) is RuleGround.FARE_CONDITIONS

    async def test_the_conditions_hold_until_the_first_departure(self, shop, order):
        leaves = order.journeys[0].departs_at
        shop.clock.advance(leaves - shop.clock.now() - timedelta(minutes=1))
        terms = await shop.quote(order)
        assert (terms.rule.ground, terms.rule.deadline) == (RuleGround.FARE_CONDITIONS, leaves)
        shop.clock.advance(timedelta(minutes=2))
        assert await ground(shop.quote(order)) is RuleGround.DEPARTED
        with pytest.raises((NotRefundable, QuoteExpired)):
            await shop.refund(terms)

    async def test_what_is_given_back_against_the_conditions_is_the_airlines_to_say(self, shop):
        order = await shop.order("ZZ", "Basic", ("LHR", "CDG"))
        shop.wire.altered[CANCELLATIONS] = {"refund_amount": "5.00"}
        assert (await shop.quote(order)).rule.ground is RuleGround.CARRIER_DECIDES


class TestTheForm:
    async def test_a_voucher(self, shop):
        terms = await shop.quote(await shop.order(*FLEX, ("SEN", "FAO")))
        assert (terms.form, (await shop.refund(terms)).form) == (RefundForm.VOUCHER, RefundForm.VOUCHER)

    async def test_airline_credits(self, shop):
        order = await shop.order(*FLEX, ("LTN", "SYD"))
        terms = await shop.quote(order)
        assert (terms.form, terms.refund) == (RefundForm.AIRLINE_CREDIT, order.total)
        done = await shop.refund(terms)
        assert (done.form, done.refund) == (RefundForm.AIRLINE_CREDIT, order.total)

    async def test_a_cancellation_says_its_form_too(self, shop):
        order = await shop.order(*FLEX, ("SEN", "FAO"))
        done = await shop.cancel(order)
        assert (done.form, done.refund) == (RefundForm.VOUCHER, order.total)

    async def test_an_amount_that_the_airline_tells_later(self, shop):
        order = await shop.order("TK", "Standard", ("LHR", "IST"))
        terms = await shop.quote(order)
        assert (terms.refund, terms.form, terms.rule.ground) == (None, RefundForm.MONEY, RuleGround.CARRIER_DECIDES)
        assert terms.rule.allowed
        assert (await shop.refund(terms)).refund is None
        shop.clock.advance(timedelta(hours=6))
        told = await shop.carrier.refunded(terms.ref)
        assert told.refund == Money.of(shop.world.ledger()["refunds"][0]["amount"], "USD")


class TestTheQuote:
    @pytest.mark.parametrize("answer", [Response(status=202, body=b'{"data": {}}'), no(503), no(500), no(504), None])
    async def test_no_answer_is_trouble_and_asked_again(self, shop, order, answer):
        shop.wire.canned["POST", CANCELLATIONS] = answer
        with pytest.raises(Trouble):
            await shop.quote(order)
        shop.wire.canned.clear()
        assert (await shop.quote(order)).refund == order.total

    async def test_an_airline_that_quotes_later_is_trouble_until_then(self, shop, order):
        shop.world.faults.add(
            shop.world.endpoints, {"endpoint": "cancellations.create", "kind": "quote_later", "seconds": 3600}
        )
        for _ in range(2):
            with pytest.raises(Trouble):
                await shop.quote(order)
            shop.clock.advance(timedelta(minutes=30))
        assert (await shop.quote(order)).refund == order.total

    @pytest.mark.parametrize("code", ["unsupported_action", "order_not_cancellable"])
    @pytest.mark.parametrize(
        ("brand", "why"), [("Flex", RuleGround.CARRIER_DECIDES), ("Basic", RuleGround.FARE_CONDITIONS)]
    )
    async def test_an_airline_that_refuses_does_so_by_its_fare_or_by_itself(self, shop, code, brand, why):
        order = await shop.order("ZZ", brand, ("LHR", "CDG"))
        shop.wire.canned["POST", CANCELLATIONS] = no(422, code)
        assert await ground(shop.quote(order)) is why

    async def test_an_order_that_ends_while_it_is_asked_about_has_ended(self, shop, order):
        shop.wire.canned["POST", CANCELLATIONS] = no(422, "already_cancelled")
        assert await ground(shop.quote(order)) is RuleGround.ENDED

    async def test_a_code_that_is_not_documented_is_no_refusal(self, shop, order):
        shop.wire.canned["POST", CANCELLATIONS] = no(422, "because_we_say_so")
        with pytest.raises(Trouble):
            await shop.quote(order)

    async def test_a_quote_without_its_id_is_trouble(self, shop, order):
        shop.wire.altered[CANCELLATIONS] = {"id": None}
        with pytest.raises(Trouble):
            await shop.quote(order)

    async def test_an_order_of_nobody_is_not_found(self, shop):
        with pytest.raises(NotFound):
            await shop.carrier.quote_refund("ord_of_nobody")

    async def test_a_lapsed_hold_has_ended(self, shop):
        held = await shop.hold(await shop.offer(QUERY))
        shop.clock.advance(timedelta(days=4))
        assert await ground(shop.carrier.quote_refund(held.ref)) is RuleGround.ENDED

    async def test_a_quote_that_does_not_expire_has_no_end(self, shop, order):
        shop.wire.altered[CANCELLATIONS] = {"expires_at": None}
        assert (await shop.quote(order)).expires_at is None

    async def test_a_refund_to_nobody_knows_where_has_no_amount_and_is_refundable(self, shop, order):
        shop.wire.altered[CANCELLATIONS] = {"refund_to": "pigeon"}
        terms = await shop.quote(order)
        assert (terms.refund, terms.rule.allowed) == (None, True)

    async def test_a_negative_refund_is_trouble(self, shop, order):
        shop.wire.altered[CANCELLATIONS] = {"refund_amount": "-1.00"}
        with pytest.raises(Trouble):
            await shop.quote(order)

    async def test_a_second_quote_ends_the_first(self, shop, order):
        first = await shop.quote(order)
        second = await shop.quote(order)
        with pytest.raises(QuoteExpired):
            await shop.refund(first)
        assert not shop.world.ledger()["refunds"]
        assert (await shop.refund(second)).refund == second.refund


class TestTheConfirmation:
    @pytest.fixture
    async def terms(self, shop, order):
        return await shop.quote(order)

    async def test_accepted_without_an_outcome_is_unknown_for_long(self, shop, terms):
        shop.wire.canned["POST", CONFIRM] = Response(status=202, body=b"{}")
        with pytest.raises(Unknown) as unknown:
            await shop.refund(terms)
        assert unknown.value.settle_delay == ACCEPTED_SETTLE_DELAY

    async def test_an_answer_without_its_facts_is_unknown_and_then_looked_up(self, shop, terms):
        shop.wire.altered[CONFIRM] = {"order_id": None}
        with pytest.raises(Unknown):
            await shop.refund(terms)
        shop.wire.altered.clear()
        assert (await shop.refund(terms)).refund == terms.refund

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("order_cancellation_stale", QuoteExpired),
            ("not_found", QuoteExpired),
            ("unsupported_action", NotRefundable),
            ("order_not_cancellable", NotRefundable),
            ("already_cancelled", NotRefundable),
        ],
    )
    async def test_a_no_is_a_refusal_while_the_quote_is_not_confirmed(self, shop, terms, code, expected):
        shop.wire.declined.append((CONFIRM, code))
        with pytest.raises(expected) as refused:
            await shop.refund(terms)
        if expected is NotRefundable:
            ended = code == "already_cancelled"
            assert refused.value.rule.ground is (RuleGround.ENDED if ended else RuleGround.CARRIER_DECIDES)

    @pytest.mark.parametrize("code", ["already_cancelled", "order_cancellation_stale", "unsupported_action"])
    async def test_a_no_to_a_quote_that_is_confirmed_is_success(self, shop, terms, code):
        done = await shop.refund(terms)
        shop.wire.declined.append((CONFIRM, code))
        assert await shop.refund(terms) == done

    async def test_a_no_that_cannot_be_looked_into_is_unknown(self, shop, terms):
        await shop.refund(terms)
        shop.wire.canned["GET", CANCELLATIONS] = no(503)
        with pytest.raises(Unknown):
            await shop.refund(terms)

    async def test_terms_that_duffel_does_not_know_have_expired(self, shop):
        with pytest.raises(QuoteExpired):
            await shop.carrier.refund("ore_of_nobody", shop.call("key-4"))
        with pytest.raises(NotFound):
            await shop.carrier.refunded("ore_of_nobody")

    async def test_a_code_that_is_not_documented_is_no_refusal(self, shop, terms):
        shop.wire.canned["POST", CONFIRM] = no(422, "because_we_say_so")
        with pytest.raises(Trouble):
            await shop.refund(terms)

    async def test_nothing_personal_is_in_what_is_raised(self, shop, terms):
        shop.wire.canned["POST", CONFIRM] = no(422, "unsupported_action")
        with pytest.raises(Refusal) as refused:
            await shop.refund(terms)
        assert "Earhart" not in str(refused.value)

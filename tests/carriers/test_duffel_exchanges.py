"""Exchanges at Duffel beyond the contract: what is said, what is heard, and what each no means."""

import json
from datetime import date, timedelta

import pytest

from app.domain.aftersales import RefundForm, ReplacedJourney, RuleGround
from app.domain.clock import ManualClock
from app.domain.errors import Trouble, Unknown
from app.domain.itinerary import CabinClass
from app.domain.money import Money
from app.domain.refusals import CarrierRefused, NotExchangeable, NotFound, PriceChanged, QuoteExpired, SoldOut
from app.domain.search import Leg, SearchQuery
from app.wire.facts import Incomplete
from app.wire.messages import Response
from carriers.contract import ExchangeWish, OrderState, PendingExchange
from carriers.duffel import say
from carriers.duffel.hear_exchange import order_change
from carriers.duffel.profile import ACCEPTED_SETTLE_DELAY
from carriers.sandbox.duffel import airline_changes
from carriers.sandbox.duffel.world import DuffelWorld
from tests.carriers.exchange_contract import ChangeDesk, wish
from tests.carriers.test_duffel import ADULT, QUERY
from tests.carriers.test_duffel_errors import no
from tests.carriers.worlds import START, SandboxTransport, in_process

OUT = Leg(origin="LHR", destination="CDG", date=date(2026, 4, 24))
BACK = Leg(origin="CDG", destination="LHR", date=date(2026, 4, 30))
RETURN = SearchQuery(legs=(OUT, BACK), passengers=(ADULT, ADULT))
TOO_DEAR = ("LGW", "STN")
CONFIRM, CREATE = "order_changes.confirm", "order_changes.create"


class Answers(SandboxTransport):
    """Duffel's world, but for the answers that a test puts in the place of its own (by method and part of the path).

    With `effect` the world acts all the same; a function is given the world's own answer.
    """

    def __init__(self, world):
        super().__init__(world)
        self.instead: dict[tuple[str, str], object] = {}
        self.effect = False

    async def send(self, request, timeout):
        known = next((key for key in self.instead if request.method == key[0] and key[1] in request.url), None)
        if known is None:
            return await super().send(request, timeout)
        answer = self.instead[known]
        if callable(answer):
            return answer(await super().send(request, timeout))
        if self.effect:
            await super().send(request, timeout)
        return answer


class Bench(ChangeDesk):
    """A desk whose Duffel can be made to answer otherwise."""

    def __init__(self):
        clock = ManualClock(START)
        self.world = DuffelWorld(clock)
        self.duffel = Answers(self.world)
        super().__init__(in_process(self.world, clock, self.duffel), clock)

    def fault(self, endpoint, kind, **more):
        self.world.faults.add(self.world.endpoints, {"endpoint": endpoint, "kind": kind, **more})

    def changes(self):
        return [change["state"] for change in self.world.ledger()["changes"]]


@pytest.fixture
def bench():
    return Bench()


def rewritten(change):
    """The world's answer with its data changed."""

    def answer(found):
        document = json.loads(found.body)
        change(document["data"])
        return Response(status=found.status, headers=found.headers, body=json.dumps(document).encode())

    return answer


class TestSaying:
    async def test_a_wish_names_what_goes_and_what_comes_in_the_same_cabin(self, bench):
        order = await bench.changeable(RETURN)
        asked = wish(order, 1)
        assert say.change_request(asked, order) == {
            "data": {
                "order_id": order.ref,
                "slices": {
                    "remove": [{"slice_id": order.journeys[1].ref}],
                    "add": [
                        {
                            "origin": "CDG",
                            "destination": "LHR",
                            "departure_date": "2026-05-03",
                            "cabin_class": "economy",
                        }
                    ],
                },
            }
        }

    async def test_or_in_another_cabin(self, bench):
        order = await bench.changeable(QUERY)
        asked = ExchangeWish(order=order.ref, replaced=wish(order).replaced, cabin=CabinClass.BUSINESS)
        (offer, *_) = await bench.carrier.quote_exchange(asked)
        assert {fare.cabin for fare in offer.added[0].segments[0].fares} == {CabinClass.BUSINESS}

    @pytest.mark.parametrize("amount", ["0.00", "-12.50"])
    def test_where_nothing_is_due_nothing_is_said_of_payment(self, amount):
        assert say.change_payment(Money.of(amount, "EUR")) == {"data": {}}

    def test_what_is_due_comes_from_our_balance(self):
        payment = {"type": "balance", "amount": "12.50", "currency": "EUR"}
        assert say.change_payment(Money.of("12.50", "EUR")) == {"data": {"payment": payment}}


class TestHearing:
    async def test_what_is_kept_stays_what_it_was(self, bench):
        order = await bench.changeable(RETURN)
        out, back = order.journeys
        (offer, *_) = await bench.carrier.quote_exchange(wish(order, 0))
        assert (offer.removed, offer.journeys) == ((out,), (*offer.added, back))
        (later, *_) = await bench.carrier.quote_exchange(wish(order, 1))
        assert (later.removed, later.journeys) == ((back,), (out, *later.added))
        assert offer.conditions.change.allowed is not None

    async def heard(self, bench, change):
        order = await bench.changeable(QUERY)
        bench.duffel.instead["POST", "/order_change_requests"] = rewritten(change)
        try:
            return order, await bench.carrier.quote_exchange(wish(order))
        finally:
            bench.duffel.instead.clear()

    async def test_without_a_penalty_the_fee_is_nothing(self, bench):
        def change(data):
            data["order_change_offers"][0] |= {"penalty_total_amount": None, "penalty_total_currency": None}

        _, (offer, *_) = await self.heard(bench, change)
        assert offer.fee == Money.zero(offer.balance.currency)

    async def test_without_a_new_total_it_is_worked_out(self, bench):
        def change(data):
            for offer in data["order_change_offers"]:
                offer["new_total_amount"] = None

        order, (offer, *_) = await self.heard(bench, change)
        assert offer.total == order.total + offer.balance - offer.fee

    async def test_new_journeys_may_say_nothing_of_passengers(self, bench):
        def change(data):
            for offer in data["order_change_offers"]:
                for segment in offer["slices"]["add"][0]["segments"]:
                    del segment["passengers"]

        _, (offer, *_) = await self.heard(bench, change)
        assert offer.added[0].segments[0].fares == ()

    @pytest.mark.parametrize(
        ("to", "form"),
        [
            ("original_form_of_payment", RefundForm.MONEY),
            ("balance", RefundForm.MONEY),
            ("voucher", RefundForm.VOUCHER),
            ("airline_credits", RefundForm.AIRLINE_CREDIT),
        ],
    )
    async def test_what_comes_back_comes_as_duffel_says(self, bench, to, form):
        def change(data):
            for offer in data["order_change_offers"]:
                offer["refund_to"] = to

        _, offers = await self.heard(bench, change)
        forms = {(offer.balance.minor < 0): offer.form for offer in offers}
        assert forms == {True: form, False: RefundForm.MONEY}

    @pytest.mark.parametrize(
        "wrong",
        [
            {"expires_at": "soon"},
            {"change_total_amount": "some"},
            {"penalty_total_amount": "-1.00"},
            {"change_total_amount": "-10.00", "refund_to": None},
            {"change_total_amount": "-10.00", "refund_to": "a_bank_of_tomorrow"},
            {"slices": {"add": [], "remove": [{"id": "sli_1"}]}},
            {"slices": {"remove": []}},
        ],
    )
    async def test_an_offer_that_is_not_whole_is_left_out(self, bench, wrong):
        def change(data):
            data["order_change_offers"][0] |= wrong

        def ruin(data):
            data["order_change_offers"] = [data["order_change_offers"][0] | wrong]

        whole = len(await bench.offers(QUERY))
        assert len((await self.heard(bench, change))[1]) == whole - 1
        with pytest.raises(Trouble):
            await self.heard(bench, ruin)

    async def test_an_offer_that_takes_other_journeys_away_is_not_ours(self, bench):
        order = await bench.changeable(RETURN)
        other = [{"id": order.journeys[1].ref}]

        def change(data):
            for offer in data["order_change_offers"]:
                offer["slices"]["remove"] = other

        bench.duffel.instead["POST", "/order_change_requests"] = rewritten(change)
        with pytest.raises(Trouble):
            await bench.carrier.quote_exchange(wish(order, 0))

    @pytest.mark.parametrize("data", [{}, {"id": "oce_1"}, {"id": "oce_1", "order_id": "ord_1", "slices": None}])
    def test_a_change_that_is_not_whole(self, data):
        with pytest.raises(Incomplete):
            order_change(data)


class TestAsking:
    async def test_nothing_in_its_place_is_not_exchangeable(self, bench):
        order = await bench.changeable(QUERY)
        nowhere = ReplacedJourney(
            journey=order.journeys[0].ref, origin="PVD", destination="RAI", date=date(2026, 4, 28)
        )
        with pytest.raises(NotExchangeable) as refused:
            await bench.carrier.quote_exchange(ExchangeWish(order=order.ref, replaced=(nowhere,)))
        assert refused.value.rule.ground is RuleGround.NO_ALTERNATIVE

    @pytest.mark.parametrize(
        ("answer", "ground"),
        [
            (no(422, "order_not_changeable"), RuleGround.CARRIER_DECIDES),
            (no(422, "unsupported_action"), RuleGround.CARRIER_DECIDES),
            (no(422, "already_cancelled"), RuleGround.ENDED),
        ],
    )
    async def test_the_airlines_no_is_not_exchangeable(self, bench, answer, ground):
        order = await bench.changeable(QUERY)
        bench.duffel.instead["POST", "/order_change_requests"] = answer
        with pytest.raises(NotExchangeable) as refused:
            await bench.carrier.quote_exchange(wish(order))
        assert refused.value.rule.ground is ground

    async def test_a_journey_that_the_order_no_longer_has(self, bench):
        order = await bench.changeable(QUERY)
        gone = ReplacedJourney(journey="sli_1", origin="JFK", destination="EWR", date=date(2026, 4, 28))
        with pytest.raises(NotExchangeable) as refused:
            await bench.carrier.quote_exchange(ExchangeWish(order=order.ref, replaced=(gone,)))
        assert refused.value.rule.ground is RuleGround.CARRIER_CHANGED

    async def test_what_the_airline_has_changed_is_asked_for_whatever_the_fare_says(self, bench):
        order = await bench.unchangeable(QUERY)
        with pytest.raises(NotExchangeable):
            await bench.carrier.quote_exchange(wish(order))
        changed = bench.world._core.facts.orders[order.ref]
        airline_changes.change(bench.world._core, changed, changed.slices[0], "moved")
        (offer, *_) = await bench.carrier.quote_exchange(wish(order))
        assert not offer.fee

    async def test_an_order_nobody_knows(self, bench):
        with pytest.raises(NotFound):
            await bench.carrier.quote_exchange(ExchangeWish(order="ord_1", replaced=()))


class TestSelecting:
    async def test_a_lost_selection_is_found_and_not_made_twice(self, bench):
        (offer, *_) = await bench.offers(QUERY)
        bench.fault(CREATE, "lost_reply", times=None)
        with pytest.raises(Trouble):
            await bench.carrier.prepare_exchange(offer.ref)
        bench.world.faults.remove()
        pending = await bench.carrier.prepare_exchange(offer.ref)
        assert (pending.balance, bench.changes()) == (offer.balance, ["pending"])

    @pytest.mark.parametrize(
        "answer",
        [
            no(422, "offer_expired"),
            no(422, "offer_no_longer_available", "airline_error"),
            no(422, "price_changed", "airline_error"),
            no(404, "not_found", "invalid_request_error"),
        ],
    )
    async def test_an_offer_that_is_gone_has_expired(self, bench, answer):
        (offer, *_) = await bench.offers(QUERY)
        bench.duffel.instead["POST", "/order_changes"] = answer
        with pytest.raises(QuoteExpired):
            await bench.carrier.prepare_exchange(offer.ref)

    async def test_after_its_time_it_has_expired(self, bench):
        (offer, *_) = await bench.offers(QUERY)
        bench.clock.advance(offer.expires_at - bench.clock.now())
        with pytest.raises(QuoteExpired):
            await bench.carrier.prepare_exchange(offer.ref)


class TestConfirming:
    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (no(422, "offer_no_longer_available", "airline_error"), SoldOut),
            (no(422, "offer_expired"), QuoteExpired),
            (no(422, "price_changed", "validation_error", "/data/payment/amount"), QuoteExpired),
            (no(422, "payment_amount_does_not_match_order_amount", "validation_error"), QuoteExpired),
            (no(404, "not_found", "invalid_request_error"), QuoteExpired),
            (no(422, "insufficient_balance"), CarrierRefused),
            (no(422, "payment_declined"), CarrierRefused),
            (no(422, "order_not_changeable"), NotExchangeable),
            (no(422, "already_cancelled"), NotExchangeable),
            (no(422, "a_code_of_tomorrow"), Trouble),
            (no(422, "order_change_already_confirmed"), Unknown),
            (no(422, "order_change_already_actioned"), Unknown),
            (no(500, "offer_expired"), Unknown),
            (Response(status=202, body=b"{}"), Unknown),
            (Response(status=200, body=b"{"), Unknown),
            (Response(status=200, body=b'{"data": {"id": "oce_1"}}'), Unknown),
        ],
        ids=lambda value: value.__name__ if isinstance(value, type) else f"{value.status} {value.body[:50]!r}",
    )
    async def test_what_an_answer_means_while_nothing_is_made(self, bench, answer, kind):
        _, pending = await bench.dearer(QUERY)
        bench.duffel.instead["POST", "/actions/confirm"] = answer
        with pytest.raises(kind) as raised:
            await bench.exchange(pending)
        assert type(raised.value) is kind
        assert bench.changes() == ["pending"]

    @pytest.mark.parametrize(
        "code", ["order_change_already_confirmed", "order_change_already_actioned", "offer_expired"]
    )
    async def test_one_that_is_made_is_success_whatever_duffel_answers(self, bench, code):
        offer, pending = await bench.dearer(QUERY)
        bench.duffel.instead["POST", "/actions/confirm"] = no(422, code)
        bench.duffel.effect = True
        assert (await bench.exchange(pending)).total == offer.total

    async def test_a_no_that_cannot_be_checked_is_unknown(self, bench):
        _, pending = await bench.dearer(QUERY)
        bench.duffel.instead["POST", "/actions/confirm"] = no(422, "offer_expired")
        bench.duffel.instead["GET", "/order_changes/"] = Response(status=503, body=b"")
        with pytest.raises(Unknown):
            await bench.exchange(pending)

    async def test_too_low_a_balance_is_our_refusal(self, bench):
        order = await bench.changeable(QUERY)
        dear = ReplacedJourney(
            journey=order.journeys[0].ref, origin=TOO_DEAR[0], destination=TOO_DEAR[1], date=date(2026, 4, 28)
        )
        asked = ExchangeWish(order=order.ref, replaced=(dear,), cabin=CabinClass.BUSINESS)
        offer = next(each for each in await bench.carrier.quote_exchange(asked) if each.balance.minor > 0)
        with pytest.raises(CarrierRefused) as refused:
            await bench.exchange(await bench.carrier.prepare_exchange(offer.ref))
        assert refused.value.reason == "insufficient_balance"

    async def test_sold_out_flights(self, bench):
        _, pending = await bench.dearer(QUERY)
        bench.fault(CONFIRM, "sold_out")
        with pytest.raises(SoldOut):
            await bench.exchange(pending)

    @pytest.mark.parametrize("price", ["dearer", "cheaper"])
    async def test_a_moved_price_is_told_with_both_balances(self, bench, price):
        _, pending = await getattr(bench, price)(QUERY)
        bench.fault(CONFIRM, "price_changed", percent=2)
        with pytest.raises(PriceChanged) as changed:
            await bench.exchange(pending)
        assert (changed.value.old_total, changed.value.new_total > pending.balance) == (pending.balance, True)
        assert bench.changes() == ["pending"]

    async def test_less_than_was_quoted_is_not_taken_back_silently(self, bench):
        """Nothing is sent that Duffel could check, so we look first; without that, this would be confirmed."""
        _, pending = await bench.cheaper(QUERY)
        hoped = PendingExchange(ref=pending.ref, balance=pending.balance - Money(100, pending.balance.currency))
        with pytest.raises(PriceChanged) as changed:
            await bench.exchange(hoped)
        assert (changed.value.old_total, changed.value.new_total) == (hoped.balance, pending.balance)
        assert bench.changes() == ["pending"]

    async def test_accepted_is_unknown_for_hours_and_made_once(self, bench):
        _, pending = await bench.dearer(QUERY)
        bench.fault(CONFIRM, "accepted_202_created", seconds=1200)
        with pytest.raises(Unknown) as unknown:
            await bench.exchange(pending)
        assert unknown.value.settle_delay == ACCEPTED_SETTLE_DELAY
        bench.clock.advance(timedelta(seconds=1200))
        assert (await bench.carrier.exchanged(pending)).state is OrderState.CONFIRMED
        assert len(bench.world.ledger()["charges"]) == 2

    async def test_tickets_may_come_later(self, bench):
        _, pending = await bench.dearer(QUERY)
        bench.fault(CONFIRM, "documents_later", hours=2)
        after = await bench.exchange(pending)
        assert after.tickets == ()
        bench.clock.advance(timedelta(hours=2))
        assert len((await bench.carrier.order(after.ref)).tickets) == 1


class TestSeeing:
    """Duffel may show an exchange in the order only after a while; until then the order is not what was made."""

    async def test_an_order_that_is_still_the_old_one_is_unknown_for_long(self, bench):
        offer, pending = await bench.dearer(QUERY)
        old = await bench.duffel.send(_get(bench, offer.order), timedelta(seconds=10))
        bench.duffel.instead["GET", f"/orders/{offer.order}"] = old
        with pytest.raises(Unknown) as unknown:
            await bench.exchange(pending)
        assert unknown.value.settle_delay == ACCEPTED_SETTLE_DELAY
        with pytest.raises(Trouble):
            await bench.carrier.exchanged(pending)
        bench.duffel.instead.clear()
        assert await bench.carrier.exchanged(pending) == await bench.exchange(pending)

    async def test_an_order_that_cannot_be_read_afterwards_is_unknown(self, bench):
        offer, pending = await bench.dearer(QUERY)
        bench.duffel.instead["GET", f"/orders/{offer.order}"] = Response(status=503, body=b"")
        with pytest.raises(Unknown):
            await bench.exchange(pending)
        assert bench.changes() == ["confirmed"]

    async def test_a_change_that_duffel_does_not_know_is_not_made(self, bench):
        assert await bench.carrier.exchanged(PendingExchange(ref="oce_1", balance=Money.zero("EUR"))) is None


def _get(bench, order):
    return next(sent for sent in bench.duffel.sent if sent.method == "GET" and sent.url.endswith(order))

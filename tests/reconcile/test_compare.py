"""Two sides' records as pure values: every pair of states, and what holds for any records at all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.booking.differences import Subject
from app.domain.booking import ItemState
from app.domain.itinerary import Airline, Journey, Segment
from app.domain.money import Money
from app.payments.contract import Charge, ChargeState, ListedCharge, ProviderRefund
from app.reconcile import compare_charges, compare_orders
from app.reconcile.compare_charges import OurCharge
from app.reconcile.compare_orders import OurOrder
from app.store.tables import PaymentStatus
from carriers.contract import CarrierOrder, ListedOrder, OrderState

QUIET = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
OLD, YOUNG = QUIET - timedelta(hours=1), QUIET + timedelta(seconds=1)
PRICE, OTHER, NOTHING = Money(10_000, "GBP"), Money(12_000, "GBP"), Money.zero("GBP")
BA = Airline(code="BA", name="British Airways")


def journey(hour=9, ref="sli_1"):
    departs = datetime(2026, 6, 1, hour, tzinfo=UTC)
    segment = Segment(
        ref=ref,
        origin="LHR",
        destination="CDG",
        departs_at=departs,
        arrives_at=departs + timedelta(hours=1),
        marketing=BA,
        operating=BA,
        flight_number="304",
    )
    return Journey(ref=ref, origin="LHR", destination="CDG", segments=(segment,))


def ours(state="TICKETED", **facts):
    given = {"total": PRICE, "journeys": (journey(),)}
    about = Subject(partner="pa_1", booking="bk_1", item="it_1")
    return OurOrder(about=about, state=ItemState(state), **given | facts)


def theirs(state="CONFIRMED", total=PRICE, journeys=None, created_at=OLD):
    order = CarrierOrder(
        ref="o1",
        reference="ABC123",
        state=OrderState(state),
        total=total,
        journeys=journeys or (journey(ref="another"),),
    )
    return ListedOrder(order=order, key="op_1/hold/it_1", created_at=created_at)


def orders(our, their):
    """The one difference, as its kind and whether it is safe to release."""
    found = compare_orders.compare("duffel", {"o1": our} if our else {}, {"o1": their}, QUIET)
    assert found.looked_at == {"o1"}
    return [(difference.kind.value, difference.safe) for difference in found.differences]


STATE, SAFE = [("ORDER_STATE", False)], [("ORDER_STATE", True)]


@pytest.mark.parametrize(
    ("state", "own", "requested", "held", "confirmed", "ended"),
    [
        ("REQUESTED", True, [], [], STATE, []),
        ("HELD", True, STATE, [], STATE, []),
        ("CONFIRMED", True, STATE, STATE, [], STATE),
        ("TICKETED", True, STATE, STATE, [], STATE),
        ("CANCELLED", True, SAFE, SAFE, STATE, []),
        ("EXPIRED", True, SAFE, SAFE, STATE, []),
        ("REFUNDED", True, SAFE, SAFE, STATE, []),
        ("EXCHANGED", True, SAFE, SAFE, STATE, []),
        ("REJECTED", False, SAFE, SAFE, SAFE, []),
        ("HELD", False, SAFE, SAFE, SAFE, []),
        ("TICKETED", False, SAFE, SAFE, SAFE, []),
    ],
)
def test_every_state_of_an_item_beside_every_state_of_an_order(state, own, requested, held, confirmed, ended):
    our = ours(state, own=own)
    told = {"REQUESTED": requested, "HELD": held, "CONFIRMED": confirmed, "CANCELLED": ended, "REJECTED": ended}
    assert {there: orders(our, theirs(there)) for there in OrderState} == told


def test_an_order_that_is_nobodys_is_unknown_as_long_as_it_lives():
    unknown = [("UNKNOWN_ORDER", False)]
    told = {"REQUESTED": unknown, "HELD": unknown, "CONFIRMED": unknown, "CANCELLED": [], "REJECTED": []}
    assert {there: orders(None, theirs(there)) for there in OrderState} == told


@pytest.mark.parametrize(
    ("state", "found"), [("REQUESTED", True), ("HELD", True), ("TICKETED", True), ("CANCELLED", False)]
)
def test_an_order_they_do_not_know_is_missing_where_somebody_counts_on_it(state, found):
    assert orders(ours(state), None) == ([("MISSING_ORDER", False)] if found else [])


def test_only_what_is_paid_has_a_total_that_counts():
    assert orders(ours("TICKETED"), theirs(total=OTHER)) == [("ORDER_AMOUNT", False)]
    assert orders(ours("HELD"), theirs("HELD", total=OTHER)) == []


@pytest.mark.parametrize(
    ("our", "their", "looked"),
    [
        (ours(), theirs(journeys=(journey(11),)), True),
        (ours(), theirs(), False),
        (ours(journeys=()), theirs(), False),
        (ours("CANCELLED"), theirs("CANCELLED", journeys=(journey(11),)), False),
        (ours(own=False), theirs(journeys=(journey(11),)), False),
        (ours("HELD"), theirs("HELD", journeys=(journey(11),)), False),
        (ours(busy=True), theirs(journeys=(journey(11),)), False),
    ],
)
def test_an_order_that_flies_otherwise_is_looked_at(our, their, looked):
    found = compare_orders.compare("duffel", {"o1": our}, {"o1": their}, QUIET)
    assert found.items == ({"it_1"} if looked else set())


@pytest.mark.parametrize(
    ("our", "their", "nudged"),
    [
        (ours("NEW", own=False, busy=True, waiting="op_1"), theirs("HELD"), True),
        (ours("NEW", own=False, busy=True, waiting="op_1"), theirs("HELD", created_at=YOUNG), False),
        (ours("NEW", own=False, busy=True), theirs("HELD"), False),
    ],
)
def test_an_operation_is_nudged_where_what_it_waits_for_has_been_there_for_long(our, their, nudged):
    found = compare_orders.compare("duffel", {"o1": our}, {"o1": their}, QUIET)
    assert (found.nudged, found.differences) == ({"op_1"} if nudged else set(), ())


def mine(status="CAPTURED", **facts):
    given = {"amount": PRICE, "refunded": NOTHING}
    about = Subject(partner="pa_1", booking="bk_1", payment="py_1")
    return OurCharge(about=about, status=PaymentStatus(status), **given | facts)


def there(state="CAPTURED", captured=None, refunded=0, amount=PRICE, created_at=OLD):
    taken = PRICE if state == "CAPTURED" else NOTHING
    given = (ProviderRefund(ref="re_1", amount=Money(refunded, "GBP"), key="k"),) if refunded else ()
    charge = Charge(
        ref="c1",
        state=ChargeState(state),
        amount=amount,
        captured=taken if captured is None else captured,
        refunds=given,
    )
    return ListedCharge(charge=charge, payment="py_1", created_at=created_at)


def charges(our, their):
    """The one difference, as its kind and whether it is safe to release."""
    found = compare_charges.compare("sandbox", {"c1": our} if our else {}, {"c1": their}, QUIET)
    return [(difference.kind.value, difference.safe) for difference in found.differences]


CHARGE, BLOCKED = [("CHARGE_STATE", False)], [("CHARGE_STATE", True)]


@pytest.mark.parametrize(
    ("our", "open_", "authorised", "captured", "closed"),
    [
        (mine("PENDING"), [], [], [], []),
        (mine("AUTHORISED"), CHARGE, [], CHARGE, CHARGE),
        (mine("AUTHORISED", over=True), CHARGE, BLOCKED, CHARGE, CHARGE),
        (mine("CAPTURED"), CHARGE, CHARGE, [], CHARGE),
        (mine("VOIDED"), [], BLOCKED, CHARGE, []),
        (mine("EXPIRED"), [], BLOCKED, CHARGE, []),
        (mine("FAILED"), [], BLOCKED, CHARGE, []),
        (None, [], [("UNKNOWN_CHARGE", False)], [("UNKNOWN_CHARGE", False)], []),
    ],
)
def test_every_state_of_a_payment_beside_every_state_of_a_charge(our, open_, authorised, captured, closed):
    told = {"OPEN": open_, "AUTHORISED": authorised, "CAPTURED": captured, "CLOSED": closed}
    assert {state: charges(our, there(state)) for state in told} == told


@pytest.mark.parametrize(
    ("our", "their"),
    [
        (mine(), there(captured=OTHER)),
        (mine(), there(refunded=500)),
        (mine(refunded=Money(500, "GBP")), there()),
        (mine("AUTHORISED"), there("AUTHORISED", amount=OTHER)),
    ],
)
def test_other_amounts_than_ours_are_found(our, their):
    assert charges(our, their) == [("CHARGE_AMOUNT", False)]


def test_what_was_taken_for_nothing_and_given_back_is_settled_already():
    assert charges(mine("VOIDED"), there(refunded=PRICE.minor)) == []


@pytest.mark.parametrize(
    ("status", "found"), [("PENDING", False), ("AUTHORISED", True), ("CAPTURED", True), ("VOIDED", False)]
)
def test_a_charge_they_do_not_know_is_missing_where_it_is_counted_on(status, found):
    assert charges(mine(status), None) == ([("MISSING_CHARGE", False)] if found else [])


@pytest.mark.parametrize(("state", "looked"), [("OPEN", False), ("AUTHORISED", True), ("CLOSED", True)])
def test_a_form_the_payer_has_done_something_in_is_looked_at(state, looked):
    found = compare_charges.compare("sandbox", {"c1": mine("PENDING")}, {"c1": there(state)}, QUIET)
    assert found.payments == ({"py_1"} if looked else set())


REFS = st.sampled_from(["o1", "o2", "o3", "o4"])
MONEY = st.sampled_from([PRICE, OTHER])
OURS = st.dictionaries(
    REFS,
    st.builds(
        ours,
        st.sampled_from(ItemState),
        total=MONEY,
        own=st.booleans(),
        busy=st.booleans(),
        waiting=st.sampled_from([None, "op_1"]),
    ),
)
THEIRS = st.dictionaries(
    REFS,
    st.none()
    | st.builds(
        theirs,
        st.sampled_from(OrderState),
        total=MONEY,
        journeys=st.sampled_from([(journey(),), (journey(11),)]),
        created_at=st.sampled_from([OLD, YOUNG]),
    ),
)


@given(OURS, THEIRS)
def test_whatever_the_records_are_only_what_is_settled_is_compared_and_only_what_nobody_uses_is_safe(our, their):
    found = compare_orders.compare("duffel", our, their, QUIET)
    assert {difference.ref for difference in found.differences} <= found.looked_at <= their.keys()
    for ref in found.looked_at:
        assert ref not in our or not our[ref].busy
        assert their[ref] is None or their[ref].created_at <= QUIET
    for difference in found.differences:
        if difference.safe:
            there = their[difference.ref].order.state
            assert not our[difference.ref].live and there not in {OrderState.CANCELLED, OrderState.REJECTED}
    assert len({difference.ref for difference in found.differences}) == len(found.differences)


@given(OURS, THEIRS)
def test_what_one_pair_of_records_says_depends_on_no_other(our, their):
    whole = compare_orders.compare("duffel", our, their, QUIET)
    alone = [
        compare_orders.compare("duffel", {ref: our[ref]} if ref in our else {}, {ref: told}, QUIET)
        for ref, told in sorted(their.items())
    ]
    assert whole.differences == tuple(difference for each in alone for difference in each.differences)


_AGREEING = {
    OrderState.REQUESTED: "REQUESTED",
    OrderState.REJECTED: "REJECTED",
    OrderState.HELD: "HELD",
    OrderState.CONFIRMED: "TICKETED",
    OrderState.CANCELLED: "CANCELLED",
}


@given(THEIRS)
def test_records_of_ours_made_from_theirs_agree_with_them(their):
    known = {ref: listed for ref, listed in their.items() if listed is not None}
    our = {
        ref: replace(ours(_AGREEING[listed.order.state]), total=listed.order.total, journeys=listed.order.journeys)
        for ref, listed in known.items()
    }
    found = compare_orders.compare("duffel", our, known, QUIET)
    assert (found.differences, found.items) == ((), set())

"""Searching through the schema: the whole answer, and every bad input as data or as a coded error."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.errors import Trouble
from app.domain.itinerary import Condition, FareConditions
from app.domain.money import Money
from app.domain.partner import Scope
from app.domain.refusals import OfferExpired
from resolvers.context import Context
from schema import schema
from tests.search.fakes import FakeCarrier, offer

OPERATIONS = Path(__file__).parent / "operations"
GOOD = {"legs": [{"origin": "par", "destination": "JFK", "date": "2026-12-01"}], "passengers": [{"age": 30}]}
SHORT = """
query ($input: SearchInput!) {
  search(input: $input) {
    totalCount
    itineraries { id offer price { total { amount } } }
    carrierOutcomes { status }
    errors { __typename code message path advice money ... on UnknownPlace { suggestions } }
  }
}
"""


async def run(query, context, **variables):
    return await schema.execute(query, variable_values=variables, context_value=context)


async def test_the_whole_answer(context_with):
    down = FakeCarrier("rail", error=Trouble("down"))
    context = context_with(
        FakeCarrier(offers=[offer(currency="GBP"), offer("off_2", total="99.00", holdable=False)]), down
    )
    answer = await run((OPERATIONS / "search.graphql").read_text(), context, input=GOOD)
    assert answer.errors is None
    assert answer.data == json.loads((OPERATIONS / "search.json").read_text())


async def test_the_offer_can_be_opened_by_its_partner(context_with):
    context = context_with(FakeCarrier(offers=[offer()]))
    answer = await run(SHORT, context, input=GOOD)
    (found,) = answer.data["search"]["itineraries"]
    token = context.services.seals.open(found["offer"], "par_1")
    assert (token.carrier, token.offer, str(token.price.total)) == ("duffel", "off_1", "100.00 EUR")
    assert [person.ref for person in token.passengers] == ["pas_a"]


async def test_asking_for_more_asks_no_carrier_again(context_with):
    carrier = FakeCarrier(offers=[offer(), offer("off_2", total="90.00")])
    context = context_with(carrier)
    more = SHORT.replace("itineraries {", "itineraries(first: 1, sort: DURATION) {")
    assert len((await run(more, context, input=GOOD)).data["search"]["itineraries"]) == 1
    assert len((await run(SHORT, context, input=GOOD)).data["search"]["itineraries"]) == 2
    assert len(carrier.searches) == 1


async def test_a_filter_counts_and_lists_the_same(context_with):
    context = context_with(FakeCarrier(offers=[offer(), offer("off_2", total="90.00")]))
    query = """query ($input: SearchInput!, $filter: ItineraryFilter) { search(input: $input) {
        totalCount(filter: $filter) itineraries(filter: $filter) { price { total { amount } } } } }"""
    times = [{"journey": 0, "departsFrom": "09:00"}]
    wanted = {"maxPrice": "95", "airlines": ["zz"], "times": times, "maxDuration": "PT9H"}
    result = (await run(query, context, input=GOOD, filter=wanted)).data["search"]
    assert result == {"totalCount": 1, "itineraries": [{"price": {"total": {"amount": "90.00"}}}]}


async def test_input_that_cannot_be_meant_is_data_with_paths_and_advice(context_with):
    carrier = FakeCarrier()
    wrong = GOOD | {"legs": [{"origin": "paris", "destination": "JFK", "date": "2026-12-01"}], "passengers": []}
    answer = await run(SHORT, context_with(carrier), input=wrong)
    assert answer.errors is None
    assert answer.data["search"] == {
        "totalCount": 0,
        "itineraries": [],
        "carrierOutcomes": [],
        "errors": [
            {
                "__typename": "UnknownPlace",
                "code": "UNKNOWN_PLACE",
                "message": "No city or airport has the IATA code 'PARIS'; did you mean PAR?",
                "path": ["input", "legs", "0", "origin"],
                "advice": "CORRECT_INPUT",
                "money": "NONE",
                "suggestions": ["PAR", "CDG", "ORY"],
            },
            {
                "__typename": "InvalidInput",
                "code": "INVALID_INPUT",
                "message": "A search is for 1 to 9 passengers; this one has 0.",
                "path": ["input", "passengers"],
                "advice": "CORRECT_INPUT",
                "money": "NONE",
            },
        ],
    }
    assert carrier.searches == []


def on(**leg):
    return {"legs": [{"origin": "PAR", "destination": "JFK", "date": "2026-12-01"} | leg]}


WRONG_TYPES = {
    "date": (on(date="1 December"), "legs.0.date", 'write it like "2026-11-21"'),
    "no such day": (on(date="2026-02-30"), "legs.0.date", "not a Date"),
    "number for a date": (on(date=5), "legs.0.date", "a string"),
    "time": (on(departsFrom="9am"), "legs.0.departsFrom", 'write it like "18:30"'),
    "currency": ({"currency": "EURO"}, "currency", 'write it like "EUR"'),
    "word for an age": ({"passengers": [{"age": "thirty"}]}, "passengers.0.age", "Int cannot represent"),
    "cabin": ({"cabin": "SUITE"}, "cabin", "SUITE"),
    "unknown field": ({"seats": 2}, "", "seats"),
}


@pytest.mark.parametrize(("wrong", "path", "words"), WRONG_TYPES.values(), ids=WRONG_TYPES)
async def test_a_variable_of_the_wrong_type_is_told_with_its_path_and_how_to_write_it(wrong, path, words, context):
    answer = await run(SHORT, context, input=GOOD | wrong)
    (error,) = answer.errors
    assert words in error.message
    assert error.extensions == {"code": "BAD_USER_INPUT", "path": ["input", *filter(None, path.split("."))]}


async def test_a_literal_of_the_wrong_type_is_told_the_same_way(context):
    query = SHORT.replace("query ($input: SearchInput!) {", "{").replace(
        "$input", '{ legs: [{ origin: "PAR", destination: "JFK", date: "soon" }], passengers: [{ age: 30 }] }'
    )
    (error,) = (await run(query, context)).errors
    assert error.message == '"soon" is not a Date: write it like "2026-11-21".'
    assert error.extensions == {"code": "BAD_USER_INPUT", "path": ["input", "legs", "0", "date"]}


@pytest.mark.parametrize("first", [0, 201])
async def test_first_is_bounded(first, context_with):
    context = context_with(FakeCarrier(offers=[offer()]))
    answer = await run(SHORT.replace("itineraries {", f"itineraries(first: {first}) {{"), context, input=GOOD)
    assert answer.errors[0].message == f"first must be 1 to 200; it is {first}."
    assert answer.errors[0].extensions["code"] == "INVALID_INPUT"
    assert answer.errors[0].extensions["path"] == ["first"]


@pytest.mark.parametrize("query", [SHORT, '{ places(query: "par") { code } }'], ids=["search", "places"])
async def test_the_scope_search_is_needed(query, viewer, services):
    context = Context(replace(viewer, scopes=frozenset({Scope.BOOK})), services())
    answer = await run(query, context, input=GOOD)
    assert answer.errors[0].extensions == {"code": "FORBIDDEN"}
    assert "'search'" in answer.errors[0].message


async def test_places_by_what_is_typed(context):
    answer = await run('{ places(query: " par ", first: 2) { code kind city timeZone } }', context)
    assert answer.data["places"] == [
        {"code": "PAR", "kind": "CITY", "city": "Paris", "timeZone": "Europe/Paris"},
        {"code": "CDG", "kind": "AIRPORT", "city": "Paris", "timeZone": "Europe/Paris"},
    ]


@pytest.mark.parametrize(("arguments", "path"), [('query: "p", first: 51', "first"), (f'query: "{"p" * 81}"', "query")])
async def test_asking_too_much_of_places(arguments, path, context):
    (error,) = (await run(f"{{ places({arguments}) {{ code }} }}", context)).errors
    assert error.extensions["path"] == [path]


async def test_the_carriers(context_with):
    answer = await run("{ carriers { code name family abilities correctable } }", context_with(FakeCarrier()))
    assert answer.data["carriers"] == [
        {
            "code": "duffel",
            "name": "Duffel",
            "family": "fake",
            "abilities": ["HOLD", "SEARCH"],
            "correctable": ["EMAIL"],
        }
    ]


async def test_a_condition_that_costs_nothing_is_not_one_that_is_not_said(context_with):
    free = FareConditions(refund=Condition(allowed=True, fee=Money.zero("EUR")), change=Condition(allowed=True))
    query = """query ($input: SearchInput!) { search(input: $input) { itineraries { conditions {
        refund { fee { amount } } change { fee { amount } } } } } }"""
    answer = await run(query, context_with(FakeCarrier(offers=[offer(conditions=free)])), input=GOOD)
    conditions = answer.data["search"]["itineraries"][0]["conditions"]
    assert conditions == {"refund": {"fee": {"amount": "0.00"}}, "change": {"fee": None}}


async def test_an_offer_of_another_time_is_refused_with_its_expiry(context_with, clock):
    context = context_with(FakeCarrier(offers=[offer()]))
    found = (await run(SHORT, context, input=GOOD)).data["search"]["itineraries"][0]
    clock.advance(timedelta(minutes=20))
    with pytest.raises(OfferExpired):
        context.services.seals.open(found["offer"], "par_1")

"""Every Refusal has its GraphQL type, with its facts; nothing a bug says reaches a client."""

import logging
from dataclasses import fields, replace
from datetime import UTC, date, datetime

import pytest
import strawberry

from app.domain import refusals as domain
from app.domain.aftersales import Rule, RuleGround
from app.domain.errors import Access, AccessCode
from app.domain.money import Money
from app.domain.tours import Contact, DepartureStatus, SellingCompany, SellingRegion
from schema import EXTENSIONS, GatewaySchema, schema
from schema.errors import UserError, error_types, shown

FACTS = {
    "statement_id": "st_1",
    "due_on": date(2026, 6, 1),
    "outstanding": Money.of("12.00", "EUR"),
    "suggestions": ("CDG", "ORY"),
    "operation_id": "op_1",
    "state": "EXPIRED",
    "old_total": Money.of("100.00", "EUR"),
    "new_total": Money.of("120.00", "EUR"),
    "offer": "token",
    "carrier": "duffel",
    "reason": "offer_no_longer_available",
    "due_at": datetime(2026, 11, 21, tzinfo=UTC),
    "answer_by": datetime(2026, 11, 22, tzinfo=UTC),
    "pay_by": datetime(2026, 11, 21, tzinfo=UTC),
    "required": Money.of("100.00", "EUR"),
    "available": Money.of("20.00", "EUR"),
    "fields": ("BORN_ON",),
    "rule": Rule(ground=RuleGround.FARE_CONDITIONS, allowed=False),
    "payment_id": "py_1",
    "services": ("ase_1",),
    "status": DepartureStatus.CLOSED,
    "company": SellingCompany(
        operator="aatkings",
        region=SellingRegion.UK,
        code="AATUK",
        name="AAT Kings UK",
        contact=Contact(email="ask@aatkings.example"),
    ),
}


def example(kind):
    facts = {field.name: FACTS[field.name] for field in fields(kind) if field.name in FACTS}
    return kind(message="A sentence.", path=("input", "legs", "0"), **facts)


@pytest.mark.parametrize("kind", domain.refusals().values(), ids=lambda kind: kind.__name__)
async def test_every_refusal_is_shown_with_all_its_facts(kind):
    refusal = example(kind)

    @strawberry.type
    class Query:
        @strawberry.field
        def errors(self) -> list[UserError]:
            return [shown(refusal)]

    tested = GatewaySchema(query=Query, types=[*error_types().values()], config=schema.config)
    facts = [field.python_name for field in tested.get_type_by_name(kind.__name__).fields[5:]]
    assert facts == [field.name for field in fields(kind) if field.name in FACTS]
    answer = await tested.execute("{ errors { __typename code message path advice money } }")
    assert answer.errors is None
    assert answer.data["errors"] == [
        {
            "__typename": kind.__name__,
            "code": kind.code,
            "message": "A sentence.",
            "path": ["input", "legs", "0"],
            "advice": kind.advice,
            "money": "NONE",
        }
    ]


def test_no_error_type_is_left_without_a_refusal():
    assert set(error_types()) == {kind.__name__ for kind in domain.refusals().values()}


def test_money_and_lists_in_an_error_are_graphql_values():
    price = shown(example(domain.PriceChanged))
    assert (str(price.new_total.amount), price.new_total.currency) == ("120.00", "EUR")
    assert shown(example(domain.UnknownPlace)).suggestions == ["CDG", "ORY"]
    assert shown(replace(example(domain.SoldOut), path=())).path is None


def failing(error):
    @strawberry.type
    class Query:
        @strawberry.field
        def broken(self) -> int:
            raise error

    return GatewaySchema(query=Query, extensions=EXTENSIONS)


async def test_the_text_of_a_bug_never_reaches_the_client_but_its_id_leads_to_the_log(caplog):
    with caplog.at_level(logging.ERROR):
        answer = await failing(RuntimeError("password=hunter2")).execute("{ broken }")
    told = answer.errors[0].formatted
    assert "hunter2" not in str(told)
    assert told["path"] == ["broken"]
    assert told["extensions"]["code"] == "INTERNAL"
    assert told["extensions"]["errorId"] in told["message"]
    assert len(caplog.records) == 1
    assert told["extensions"]["errorId"] in caplog.text and "hunter2" in caplog.text


async def test_access_is_told_with_its_code():
    access = Access(AccessCode.FORBIDDEN, "This token lacks the scope 'book'.")
    answer = await failing(access).execute("{ broken }")
    assert answer.errors[0].message == "This token lacks the scope 'book'."
    assert answer.errors[0].extensions == {"code": "FORBIDDEN"}


async def test_a_refusal_from_a_field_without_errors_is_told_with_code_advice_and_path():
    answer = await failing(domain.InvalidInput(message="first must be 1 to 100.", path=("first",))).execute(
        "{ broken }"
    )
    assert answer.errors[0].extensions == {
        "code": "INVALID_INPUT",
        "advice": "CORRECT_INPUT",
        "money": "NONE",
        "path": ["first"],
    }


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ viewer { ", "GRAPHQL_PARSE_FAILED"),
        ("{ viewer { shoeSize } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ " + " ".join(f"a{n}: viewer {{ actor }}" for n in range(70)) + " }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ " + "viewer { actor } " * 1200 + "}", "GRAPHQL_PARSE_FAILED"),
    ],
    ids=["syntax", "unknown field", "too many aliases", "too many tokens"],
)
async def test_a_wrong_request_is_told_with_its_code(query, code, context):
    answer = await schema.execute(query, context_value=context)
    assert answer.data is None
    assert {error.extensions["code"] for error in answer.errors} == {code}


async def test_depth_is_bounded(context):
    answer = await schema.execute("{ viewer " + "{ partner " * 20 + "{ id }" + " }" * 20 + " }", context_value=context)
    assert "'anonymous' exceeds maximum operation depth of 15" in [error.message for error in answer.errors]


@pytest.mark.parametrize("status", [DepartureStatus.TOO_LATE, DepartureStatus.CLOSED_NOT_AMENDABLE])
def test_no_error_tells_an_internal_status(status):
    assert shown(domain.NotBookable(message="It cannot be booked.", status=status)).status == DepartureStatus.CLOSED

"""The schema as a contract: committed, described to the last enum value, and ours."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
)

import schema as package
from app.domain.partner import Billing, Cycle
from app.domain.tours import SellingRegion
from resolvers.context import Context
from schema import schema, sdl
from schema.scalars import SCALARS
from tests.printed import printed_schema

ROOT = Path(__file__).parents[2]


def test_the_committed_schema_equals_the_code():
    assert (ROOT / "schema.graphql").read_text() == sdl(), "run `make schema` and commit"


def test_our_schema_package_wins_over_any_installed_one():
    assert Path(package.__file__) == ROOT / "schema" / "__init__.py"


def own_types():
    built = printed_schema()
    return [kind for name, kind in built.type_map.items() if not name.startswith("__")]


def undescribed(kind):
    if not kind.description:
        yield kind.name
    members = kind.values if isinstance(kind, GraphQLEnumType) else getattr(kind, "fields", {})
    for name, member in members.items():
        if not member.description:
            yield f"{kind.name}.{name}"
        for argument, definition in getattr(member, "args", {}).items():
            if not definition.description:
                yield f"{kind.name}.{name}({argument})"


@pytest.mark.parametrize("kind", own_types(), ids=lambda kind: kind.name)
def test_everything_is_described(kind):
    assert list(undescribed(kind)) == []


def test_every_kind_of_type_is_looked_at():
    seen = {type(kind) for kind in own_types()}
    assert {GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType, GraphQLScalarType} <= seen


@pytest.mark.parametrize("definition", SCALARS.values(), ids=lambda definition: definition.name)
def test_every_scalar_says_where_it_is_specified(definition):
    assert definition.specified_by_url.startswith("https://")


async def test_who_asks(context):
    answer = await schema.execute(
        """{ viewer { actor scopes partner { id name currency creditLimits { amount currency }
            billing { cycle day zone dueDays } paymentLimit commissionPercent origins regions } } }""",
        context_value=context,
    )
    assert answer.errors is None
    assert answer.data["viewer"] == {
        "actor": "token:7",
        "scopes": ["BOOK", "SEARCH"],
        "partner": {
            "id": "par_1",
            "name": "Blue Sky Travel",
            "currency": "EUR",
            "creditLimits": [{"amount": "5000.00", "currency": "EUR"}],
            "billing": {"cycle": "MONTHLY", "day": 1, "zone": "UTC", "dueDays": 14},
            "paymentLimit": None,
            "commissionPercent": "0",
            "origins": [],
            "regions": [],
        },
    }


async def test_what_was_agreed_with_who_asks(viewer, services):
    agreed = replace(
        viewer.partner,
        billing=Billing(cycle=Cycle.WEEKLY, day=5, zone="Europe/Paris", due_days=7),
        payment_limit=timedelta(days=2),
        commission_percent=Decimal("2.5"),
        origins=("https://shop.example", "http://localhost:3000"),
        regions=(SellingRegion.NZ, SellingRegion.ZZ),
    )
    answer = await schema.execute(
        "{ viewer { partner { billing { cycle day zone dueDays } paymentLimit commissionPercent origins regions } } }",
        context_value=Context(replace(viewer, partner=agreed), services()),
    )
    assert answer.errors is None
    assert answer.data["viewer"]["partner"] == {
        "billing": {"cycle": "WEEKLY", "day": 5, "zone": "Europe/Paris", "dueDays": 7},
        "paymentLimit": "PT48H",
        "commissionPercent": "2.5",
        "origins": ["https://shop.example", "http://localhost:3000"],
        "regions": ["NZ", "ZZ"],
    }

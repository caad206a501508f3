"""Domain enums as GraphQL enums: registered by side effect, every value described."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import strawberry


def describe(kind: type[Enum], description: str, values: Mapping[Any, str]) -> None:
    """Register `kind` for the schema with a sentence for it and for each of its values; KeyError for one left out."""
    strawberry.enum(kind, description=description)
    definition: Any = vars(kind)["__strawberry_definition__"]
    for value in definition.values:
        value.description = values[kind[value.name]]

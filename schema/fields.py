"""How a field that has to be asked for is written."""

import inspect
from collections.abc import Callable
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from resolvers.context import Context

Info = strawberry.Info[Context, None]


def answered(resolver: Callable[..., Any]) -> StrawberryField:
    """A field answered by this function, whose docstring is the field's description."""
    return strawberry.field(resolver, description=inspect.getdoc(resolver))

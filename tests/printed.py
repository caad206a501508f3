"""The schema as its clients have it: read back from what is printed."""

from functools import cache

from graphql import GraphQLSchema, build_schema

from schema import sdl


@cache
def printed_schema() -> GraphQLSchema:
    """Built once: it takes as long as several tests."""
    return build_schema(sdl())

from dataclasses import replace

import pytest

from app.domain.clock import ManualClock
from app.domain.partner import Scope, Viewer
from resolvers.context import Context
from schema import schema
from tests.search.fakes import PARTNER, services_over
from tests.tours.fakes import NOW, UK, US, FakeOperator


class Shop:
    """A client that sells tours in the UK and the US."""

    def __init__(self):
        self.clock = ManualClock(NOW)
        self.kings = FakeOperator(self.clock)
        self.soon = FakeOperator(self.clock, "grandeuropeantravel", "Grand European Travel", coming_soon=True)
        self.partner = replace(PARTNER, regions=(UK, US))
        self.scopes = {Scope.SEARCH, Scope.BOOK}
        self.open(self.kings, self.soon)

    def open(self, *operators):
        """Sell these operators' tours from now on."""
        self.services = services_over(operators, self.clock)

    async def ask(self, query, **variables):
        """The answer, errors included."""
        viewer = Viewer(partner=self.partner, scopes=frozenset(self.scopes), actor="token:7")
        return await schema.execute(query, variable_values=variables, context_value=Context(viewer, self.services))

    async def data(self, query, **variables):
        """The data of an answer without errors."""
        answer = await self.ask(query, **variables)
        assert answer.errors is None, answer.errors
        return answer.data

    async def refused(self, query, **variables):
        """The extensions of the only error."""
        (error,) = (await self.ask(query, **variables)).errors
        return {"message": error.message, **error.extensions}


@pytest.fixture
def shop():
    return Shop()

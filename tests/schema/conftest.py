from datetime import UTC, datetime

import pytest

from app.domain.clock import ManualClock
from app.domain.money import Money
from app.domain.partner import Partner, Scope, Viewer
from resolvers.context import Context, Services

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def viewer():
    partner = Partner(id="par_1", name="Blue Sky Travel", currency="EUR", credit={"EUR": Money.of("5000.00", "EUR")})
    return Viewer(partner=partner, scopes=frozenset({Scope.SEARCH, Scope.BOOK}), actor="token:7")


@pytest.fixture
def services():
    return Services(clock=ManualClock(NOW))


@pytest.fixture
def context(viewer, services):
    return Context(viewer, services)

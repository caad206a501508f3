from datetime import timedelta
from decimal import Decimal

import pytest

from app.domain.clock import ManualClock
from app.domain.partner import Scope, Viewer
from app.pricing.offers import OfferSeals
from app.pricing.rates import Rates
from app.search.cache import AnswerCache
from app.search.fan_out import FanOut
from app.search.search import Search
from app.signing.sealing import Sealer
from carriers.registry import Carriers
from resolvers.context import Context, Services
from tests.search.fakes import NOW, PARTNER, FewPlaces, Watch

POUNDS_TO_EUROS = {("GBP", "EUR"): Decimal("1.15")}


@pytest.fixture
def viewer():
    return Viewer(partner=PARTNER, scopes=frozenset({Scope.SEARCH, Scope.BOOK}), actor="token:7")


@pytest.fixture
def clock():
    return ManualClock(NOW)


@pytest.fixture
def services(clock):
    def build(*carriers):
        watch = Watch()
        rates = Rates(
            lambda *pair: POUNDS_TO_EUROS.get(pair), margin_percent=Decimal(2), validity=timedelta(minutes=10)
        )
        search = Search(
            fan_out=FanOut(carriers, deadline=timedelta(milliseconds=20), monotonic=watch),
            places=FewPlaces(),
            rates=rates,
            cache=AnswerCache(keep=timedelta(seconds=120), size=10, monotonic=watch),
            clock=clock,
        )
        return Services(
            clock=clock,
            carriers=Carriers(carriers),
            places=FewPlaces(),
            search=search,
            seals=OfferSeals(Sealer([bytes(range(32))]), clock),
        )

    return build


@pytest.fixture
def context(viewer, services):
    return Context(viewer, services())


@pytest.fixture
def context_with(viewer, services):
    return lambda *carriers: Context(viewer, services(*carriers))

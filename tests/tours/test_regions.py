"""Where a partner sells tours."""

from dataclasses import replace

import pytest

from app.domain.errors import Access
from app.domain.refusals import InvalidInput
from app.domain.tours import SellingRegion
from app.tours.regions import region_of
from tests.search.fakes import PARTNER
from tests.tours.fakes import UK, US

BOTH = replace(PARTNER, regions=(US, UK))


def test_the_first_unless_it_says_otherwise():
    assert (region_of(BOTH, None), region_of(BOTH, UK)) == (US, UK)


def test_another_one_is_refused_with_those_it_has():
    with pytest.raises(InvalidInput, match=r"in NZ, only in: US, UK\.") as refusal:
        region_of(BOTH, SellingRegion.NZ)
    assert refusal.value.path == ("region",)


def test_without_regions_it_sells_no_tours():
    for asked in (None, UK):
        with pytest.raises(Access, match="no tours"):
            region_of(PARTNER, asked)

"""What an operator sells in a region, and who sells it. What is incomplete is left out, and hides nothing else."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.domain.tours import (
    REGION_CURRENCY,
    Contact,
    SellingCompany,
    SellingRegion,
    Tour,
    TourOption,
)
from app.wire.facts import Incomplete, Json, text, text_or_none
from carriers.octo.calls import DEPARTURES, PRICING
from carriers.octo.errors import Answer
from carriers.octo.facts import objects, whole
from carriers.octo.hear_tours import tour
from carriers.octo.units import OptionFacts, option_facts

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """A tour and what selling it takes. `instant` is confirmed at once, `currencies` None where any will do."""

    tour: Tour
    options: Mapping[str, OptionFacts]
    instant: bool
    currencies: frozenset[str] | None

    @property
    def currency(self) -> str | None:
        """The region's currency, where the operator has prices in it."""
        wanted = REGION_CURRENCY[self.tour.region]
        return wanted if self.currencies is None or wanted in self.currencies else None

    def option(self, ref: str) -> TourOption | None:
        """The option with this id."""
        return next((option for option in self.tour.options if option.ref == ref), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """What an operator sells in a region; `rich` where it speaks our capability."""

    region: SellingRegion
    rich: bool
    products: Mapping[str, Product]
    companies: Mapping[SellingRegion, SellingCompany]


def content(operator: str, region: SellingRegion, products: Answer, supplier: Answer) -> Content:
    """All of it."""
    rich = DEPARTURES in products.granted
    with whole("list of products"):
        listed = objects(products.data)
    return Content(
        region=region,
        rich=rich,
        products={one.tour.ref: one for one in _complete(operator, region, listed, products.granted)},
        companies={company.region: company for company in companies(operator, supplier)},
    )


def product(operator: str, region: SellingRegion, answer: Answer) -> Product:
    """One of them, asked for alone."""
    return _product(operator, region, answer.data, answer.granted)


def companies(operator: str, answer: Answer) -> tuple[SellingCompany, ...]:
    """Who sells its tours in each region: those it names, or the operator itself."""
    with whole("supplier"):
        data = answer.data
        named = data.get("sellingCompanies") if DEPARTURES in answer.granted else None
        if named is None:
            return tuple(_company(operator, region, text(data["id"]), data) for region in SellingRegion)
        listed = objects(named)
    return tuple(_readable(operator, listed))


def _readable(operator: str, listed: Iterable[Json]) -> Iterator[SellingCompany]:
    """The companies of the regions that we know."""
    for data in listed:
        try:
            with whole("selling company"):
                company = _company(operator, SellingRegion(data["region"]), text(data["code"]), data)
        except Incomplete as error:
            log.warning("a selling company of %s is left out: %s", operator, error)
        else:
            yield company


def _company(operator: str, region: SellingRegion, code: str, data: Json) -> SellingCompany:
    told = data.get("contact") or {}
    contact = Contact(
        email=text_or_none(told.get("email")),
        phone=text_or_none(told.get("telephone")),
        website=text_or_none(told.get("website")),
    )
    return SellingCompany(operator=operator, region=region, code=code, name=text(data["name"]), contact=contact)


def _complete(
    operator: str, region: SellingRegion, listed: Iterable[Json], granted: frozenset[str]
) -> Iterator[Product]:
    for data in listed:
        try:
            yield _product(operator, region, data, granted)
        except Incomplete as error:
            log.warning("a tour of %s is left out: %s", operator, error)


def _product(operator: str, region: SellingRegion, data: Json, granted: frozenset[str]) -> Product:
    rich = DEPARTURES in granted
    with whole("product"):
        currencies = data.get("availableCurrencies") if PRICING in granted else ()
        return Product(
            tour=tour(operator, region, data, rich=rich),
            options={text(option["id"]): option_facts(option, rich=rich) for option in data["options"]},
            instant=data["instantConfirmation"] is True,
            currencies=None if currencies is None else frozenset(currencies),
        )

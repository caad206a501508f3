"""Prices in OCTO's shape."""

from app.domain.money import exponent
from carriers.sandbox.exchange import Json


def pricing(minor: int, currency: str) -> Json:
    """A price in minor units. What it costs a reseller is not told: that is settled elsewhere."""
    return {
        "original": minor,
        "retail": minor,
        "net": None,
        "currency": currency,
        "currencyPrecision": exponent(currency),
        "includedTaxes": [],
    }


def unit_pricing(unit_id: str, minor: int, currency: str) -> Json:
    """The price of one unit."""
    return {"unitId": unit_id} | pricing(minor, currency)

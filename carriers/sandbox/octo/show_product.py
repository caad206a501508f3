"""A tour in OCTO's shapes: product, option, unit, and our seasons."""

from decimal import Decimal

from app.domain.tours import SellingRegion
from carriers.sandbox.exchange import Json
from carriers.sandbox.octo import show_content
from carriers.sandbox.octo.catalogue.model import Day, Departure, Operator, Option, Prices, Season, Tour
from carriers.sandbox.octo.core import Call
from carriers.sandbox.octo.show_money import pricing, unit_pricing
from carriers.sandbox.octo.units import UNITS, Unit, ages, price

_NAMED = ["firstName", "lastName"]


def product(tour: Tour, call: Call) -> Json:
    """A product with all its options, as it is sold in the call's region."""
    shown: Json = {
        "id": tour.id,
        "internalName": tour.name.text,
        "reference": tour.reference,
        "locale": "en",
        "timeZone": tour.zone,
        "allowFreesale": False,
        "instantConfirmation": True,
        "instantDelivery": True,
        "availabilityRequired": True,
        "availabilityType": "START_TIME",
        "deliveryFormats": ["QRCODE"],
        "deliveryMethods": ["TICKET", "VOUCHER"],
        "redemptionMethod": "DIGITAL",
        "options": [_option(tour, option, call) for option in tour.options],
    }
    if call.content:
        shown |= show_content.of_tour(tour, call.region, call.endpoint)
    if call.pricing:
        currency = call.currency
        shown |= {"defaultCurrency": currency, "availableCurrencies": [currency], "pricingPer": "UNIT"}
    return shown | ({"days": tour.options[0].days} if call.departures else {})


def cutoff_days(operator: Operator, region: SellingRegion) -> int:
    """Until how many days before its departure plain OCTO may cancel or change a booking."""
    return operator.terms[region].balance_due_days


def _option(tour: Tour, option: Option, call: Call) -> Json:
    cutoff = cutoff_days(call.operator, call.region)
    lowest = _lowest(option, call.region)
    shown: Json = {
        "id": option.id,
        "default": option is tour.options[0],
        "internalName": option.name.text,
        "reference": None,
        "availabilityLocalStartTimes": ["00:00"],
        "cancellationCutoff": f"{cutoff} days before departure",
        "cancellationCutoffAmount": cutoff,
        "cancellationCutoffUnit": "day",
        "requiredContactFields": _NAMED,
        "restrictions": {"minUnits": 1, "maxUnits": None},
        "units": [_unit(unit, lowest, call) for unit in UNITS.values()],
    }
    if call.content:
        shown |= show_content.of_option(option, call.region)
    if call.pricing:
        shown["pricingFrom"] = _from("twin", lowest)
    if call.departures:
        sold = (season for season in option.seasons if season.sold_in(call.region))
        shown |= {"days": option.days, "seasons": [_season(season, call) for season in sold]}
    return shown


def _unit(unit: Unit, lowest: Prices | None, call: Call) -> Json:
    first_age, last_age = ages(unit, call.operator.child_ages)
    shown: Json = {
        "id": unit.id,
        "internalName": unit.name,
        "reference": None,
        "type": unit.type,
        "restrictions": {
            "minAge": first_age,
            "maxAge": last_age,
            "idRequired": False,
            "minQuantity": None,
            "maxQuantity": None,
            "paxCount": 1,
            "accompaniedBy": list(unit.accompanied_by),
        },
        "requiredContactFields": _NAMED,
    }
    if call.content:
        shown |= {"title": unit.name, "shortDescription": "", "features": []}
    if call.pricing:
        shown["pricingFrom"] = _from(unit.id, lowest)
    return shown | ({"room": unit.room} if call.departures else {})


def _from(unit_id: str, lowest: Prices | None) -> list[Json]:
    return [pricing(price(lowest, unit_id, Decimal(1)), lowest.currency)] if lowest else []


def _lowest(option: Option, region: SellingRegion) -> Prices | None:
    found = [prices for season in option.seasons if (prices := season.prices_from(region))]
    return min(found, key=lambda prices: prices.twin, default=None)


def _season(season: Season, call: Call) -> Json:
    region, lowest = call.region, season.prices_from(call.region)
    units = [unit_pricing(unit, price(lowest, unit, Decimal(1)), lowest.currency) for unit in UNITS] if lowest else []
    return {
        "id": season.id,
        "name": season.name,
        "localDateStart": season.first_day.isoformat(),
        "localDateEnd": season.last_day.isoformat(),
        "accommodation": season.accommodation.told(region),
        "itinerary": [_day(day, region) for day in season.itinerary],
        "unitPricingFrom": units,
        "departures": [_departure(departure) for departure in season.sold_in(region)],
    }


def _day(day: Day, region: SellingRegion) -> Json:
    texts = {"title": day.title.told(region), "text": day.text.told(region)}
    return {"day": day.day} | texts | {"accommodation": day.accommodation}


def _departure(departure: Departure) -> Json:
    return {
        "localDate": departure.local_date.isoformat(),
        "localDateEnd": departure.local_date_end.isoformat(),
        "guideLanguage": departure.guide_language,
    }

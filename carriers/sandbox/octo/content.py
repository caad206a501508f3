"""Who the supplier is, what it can do, and what it sells."""

from carriers.sandbox.core import Answer
from carriers.sandbox.exchange import Json
from carriers.sandbox.octo import capabilities, departures, show_product
from carriers.sandbox.octo.catalogue.model import SellingCompany
from carriers.sandbox.octo.core import Call, Core


def get_supplier(_core: Core, call: Call) -> Answer:
    """`GET /supplier/`."""
    operator = call.operator
    contact = {
        "website": operator.contact.website,
        "email": operator.contact.email,
        "telephone": operator.contact.telephone,
        "address": None,
    }
    shown: Json = {
        "id": operator.code,
        "name": operator.name,
        "endpoint": call.endpoint,
        "contact": contact,
    }
    if call.content:
        shown |= {"shortDescription": None, "media": []}
    if call.departures:
        shown["sellingCompanies"] = [_company(company) for company in operator.companies.values()]
    return Answer(shown)


def list_capabilities(_core: Core, _call: Call) -> Answer:
    """`GET /capabilities/`."""
    return Answer(capabilities.shown())


def list_products(core: Core, call: Call) -> Answer:
    """`GET /products/`: everything that is sold in the region."""
    tours = core.catalogue.tours(call.operator.code, call.region)
    return Answer([show_product.product(tour, call) for tour in tours])


def get_product(core: Core, call: Call) -> Answer:
    """`GET /products/{id}`."""
    return Answer(show_product.product(departures.product(core, call, call.path["id"]), call))


def _company(company: SellingCompany) -> Json:
    contact = company.contact
    return {
        "region": company.region,
        "code": company.code,
        "name": company.name,
        "contact": {"website": contact.website, "email": contact.email, "telephone": contact.telephone},
    }

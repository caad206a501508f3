"""Magic inputs: Duffel's published test routes, and family names that bring the sandbox's faults.

Routes (duffel.com/docs/api/overview/test-your-integration), each for a one-way search between these airports:

    PVD RAI   no offers                          JFK EWR   every offer can be held
    LHR DXB   only connecting itineraries        DXB AMS   one stop within the flight
    BTS MRU   no bags                            STN LHR   the search times out (504)
    LGW LHR   the offer is gone when it is read  LHR STN   every read of the offer costs 10.00 more, and
    LHR LGW   creating the order fails                     it is gone when it is booked
    LGW STN   the balance is too low             LTN STN   200: booked, tickets and webhook 30 s later
    SEN STN   202, then order.created            LCY STN   202, then order.creation_failed
    LTN SYD   the refund comes as airline credits, that of a change as a voucher
    SEN FAO   the refund comes as a voucher (ours: Duffel publishes no route for that)
    LHR LTN   reading an order's airline-initiated changes makes one: an hour later (Duffel's every read makes another)

A change to PVD RAI finds no offers, and for one to LGW STN the balance is too low.

Family names of any passenger, each striking once per offer (at order creation) or order (later):

    Timeout, Lostreply, Lateeffect, Servererror, Notcreated, Unclear, Accepted, Acceptedfailed,
    Unavailable, Ratelimited, Soldout, Pricechanged, Slow, Ticketlater          when the order is created
    Paytimeout, Paylost, Paylate, Payerror, Payunavailable, Payprice             when it is paid
    Flightmoved, Flightcancelled                                 a minute after: the airline changes its first slice
    Changetimeout, Changelost, Changelate, Changeerror, Changeunclear, Changeaccepted, Changeunavailable,
    Changesoldout, Changeprice                                                   when its change is confirmed
    Servicetimeout, Servicelost, Servicelate, Serviceerror, Serviceunavailable   when services are added to it
    Servicegone                                                when services are bought with it or added to it
    Quotetimeout, Quotelost, Quoteerror, Quoteunavailable, Quotelater            when its refund is quoted
    Refundtimeout, Refundlost, Refundlate, Refunderror, Refundunavailable,
    Refundstale                                                                  when its refund is confirmed
"""

from dataclasses import replace

from carriers.sandbox.faults import Fault, FaultKind

NO_OFFERS = ("PVD", "RAI")
ALL_HOLDABLE = ("JFK", "EWR")
ONLY_CONNECTING = ("LHR", "DXB")
ONE_STOP = ("DXB", "AMS")
ONE_STOP_AT = "IST"
NO_BAGS = ("BTS", "MRU")
SEARCH_TIMES_OUT = ("STN", "LHR")
OFFER_GONE = ("LGW", "LHR")
PRICE_RISES = ("LHR", "STN")
CREATION_FAILS = ("LHR", "LGW")
BALANCE_TOO_LOW = ("LGW", "STN")
DETAILS_LATER = ("LTN", "STN")
CREATED_LATER = ("SEN", "STN")
FAILS_LATER = ("LCY", "STN")
AIRLINE_CREDITS = ("LTN", "SYD")
VOUCHERS = ("SEN", "FAO")
CHANGED_WHEN_READ = ("LHR", "LTN")

DETAILS_AFTER_SECONDS = 30
CHANGED_AFTER_SECONDS = 60

_AT_CREATION = {
    "timeout": Fault("", "orders.create", FaultKind.TIME_OUT_BEFORE),
    "lostreply": Fault("", "orders.create", FaultKind.LOST_REPLY),
    "lateeffect": Fault("", "orders.create", FaultKind.LATE_EFFECT),
    "servererror": Fault("", "orders.create", FaultKind.ERROR_500),
    "notcreated": Fault("", "orders.create", FaultKind.ORDER_NOT_CREATED),
    "unclear": Fault("", "orders.create", FaultKind.UNCLEAR_502, effect=True),
    "accepted": Fault("", "orders.create", FaultKind.ACCEPTED_202_CREATED),
    "acceptedfailed": Fault("", "orders.create", FaultKind.ACCEPTED_202_FAILED),
    "unavailable": Fault("", "orders.create", FaultKind.ERROR_503),
    "ratelimited": Fault("", "orders.create", FaultKind.RATE_LIMITED, seconds=1),
    "soldout": Fault("", "orders.create", FaultKind.SOLD_OUT),
    "pricechanged": Fault("", "orders.create", FaultKind.PRICE_CHANGED),
    "slow": Fault("", "orders.create", FaultKind.SLOW, seconds=5),
    "ticketlater": Fault("", "orders.create", FaultKind.DOCUMENTS_LATER),
    "servicegone": Fault("", "orders.create", FaultKind.SERVICE_GONE),
}
_AT_PAYMENT = {
    "paytimeout": Fault("", "payments.create", FaultKind.TIME_OUT_BEFORE),
    "paylost": Fault("", "payments.create", FaultKind.LOST_REPLY),
    "paylate": Fault("", "payments.create", FaultKind.LATE_EFFECT),
    "payerror": Fault("", "payments.create", FaultKind.ERROR_500),
    "payunavailable": Fault("", "payments.create", FaultKind.ERROR_503),
    "payprice": Fault("", "payments.create", FaultKind.PRICE_CHANGED),
    "ticketlater": Fault("", "payments.create", FaultKind.DOCUMENTS_LATER),
}
_AT_CHANGE = {
    "changetimeout": Fault("", "order_changes.confirm", FaultKind.TIME_OUT_BEFORE),
    "changelost": Fault("", "order_changes.confirm", FaultKind.LOST_REPLY),
    "changelate": Fault("", "order_changes.confirm", FaultKind.LATE_EFFECT),
    "changeerror": Fault("", "order_changes.confirm", FaultKind.ERROR_500),
    "changeunclear": Fault("", "order_changes.confirm", FaultKind.UNCLEAR_502, effect=True),
    "changeaccepted": Fault("", "order_changes.confirm", FaultKind.ACCEPTED_202_CREATED),
    "changeunavailable": Fault("", "order_changes.confirm", FaultKind.ERROR_503),
    "changesoldout": Fault("", "order_changes.confirm", FaultKind.SOLD_OUT),
    "changeprice": Fault("", "order_changes.confirm", FaultKind.PRICE_CHANGED),
    "ticketlater": Fault("", "order_changes.confirm", FaultKind.DOCUMENTS_LATER),
}
_AT_SERVICES = {
    "servicetimeout": Fault("", "orders.add_services", FaultKind.TIME_OUT_BEFORE),
    "servicelost": Fault("", "orders.add_services", FaultKind.LOST_REPLY),
    "servicelate": Fault("", "orders.add_services", FaultKind.LATE_EFFECT),
    "serviceerror": Fault("", "orders.add_services", FaultKind.ERROR_500),
    "serviceunavailable": Fault("", "orders.add_services", FaultKind.ERROR_503),
    "servicegone": Fault("", "orders.add_services", FaultKind.SERVICE_GONE),
}
_AT_QUOTE = {
    "quotetimeout": Fault("", "cancellations.create", FaultKind.TIME_OUT_BEFORE),
    "quotelost": Fault("", "cancellations.create", FaultKind.LOST_REPLY),
    "quoteerror": Fault("", "cancellations.create", FaultKind.ERROR_500),
    "quoteunavailable": Fault("", "cancellations.create", FaultKind.ERROR_503),
    "quotelater": Fault("", "cancellations.create", FaultKind.QUOTE_LATER, seconds=600),
}
_AT_REFUND = {
    "refundtimeout": Fault("", "cancellations.confirm", FaultKind.TIME_OUT_BEFORE),
    "refundlost": Fault("", "cancellations.confirm", FaultKind.LOST_REPLY),
    "refundlate": Fault("", "cancellations.confirm", FaultKind.LATE_EFFECT),
    "refunderror": Fault("", "cancellations.confirm", FaultKind.ERROR_500),
    "refundunavailable": Fault("", "cancellations.confirm", FaultKind.ERROR_503),
    "refundstale": Fault("", "cancellations.confirm", FaultKind.STALE_QUOTE),
}
_BY_ENDPOINT = {
    "orders.create": _AT_CREATION,
    "payments.create": _AT_PAYMENT,
    "order_changes.confirm": _AT_CHANGE,
    "orders.add_services": _AT_SERVICES,
    "cancellations.create": _AT_QUOTE,
    "cancellations.confirm": _AT_REFUND,
}


def fault_of_name(endpoint: str, family_name: str) -> Fault | None:
    """The fault a passenger's family name brings at this endpoint."""
    found = _BY_ENDPOINT.get(endpoint, {}).get(family_name.casefold())
    return replace(found) if found else None


def airline_change(family_name: str) -> str | None:
    """What the airline does to the flights of a passenger of this family name, once paid."""
    return {"flightmoved": "moved", "flightcancelled": "cancelled"}.get(family_name.casefold())


_ROUTE_FAULTS = {
    CREATION_FAILS: Fault("", "orders.create", FaultKind.ORDER_NOT_CREATED),
    CREATED_LATER: Fault("", "orders.create", FaultKind.ACCEPTED_202_CREATED),
    FAILS_LATER: Fault("", "orders.create", FaultKind.ACCEPTED_202_FAILED),
}


def fault_of_route(endpoint: str, route: tuple[str, str] | None) -> Fault | None:
    """The fault a magic route brings at this endpoint, every time."""
    if route is None or endpoint != "orders.create":
        return None
    return _ROUTE_FAULTS.get(route)

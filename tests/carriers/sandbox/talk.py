import json
from datetime import UTC, datetime

from carriers.sandbox.exchange import Request

HEADERS = {"authorization": "Bearer duffel_test_token", "duffel-version": "v2"}
START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
DAY = "2026-04-24"


class Client:
    """Asks a world as a gateway would, without a wire."""

    def __init__(self, world):
        self.world = world

    def send(self, method, path, data=None, **query):
        body = b"" if data is None else json.dumps({"data": data}).encode()
        values = {name: [str(value)] for name, value in query.items()}
        return self.world.handle(Request(method, path, values, HEADERS, body))

    def ok(self, method, path, data=None, **query):
        reply = self.send(method, path, data, **query)
        assert reply.status < 300, reply.body
        return reply.json()["data"]

    def error(self, method, path, data=None, **query):
        reply = self.send(method, path, data, **query)
        assert reply.status >= 400, reply
        return reply.status, reply.json()["errors"][0]["code"]

    def search(self, origin, destination, day=DAY, passengers=({"type": "adult"},), **more):
        slices = [{"origin": origin, "destination": destination, "departure_date": day}]
        wish = {"slices": slices, "passengers": list(passengers), **more}
        return self.ok("POST", "/air/offer_requests", wish)["offers"]

    def order(self, offer, kind="hold", metadata=None, names=("Earhart",), **more):
        data = order_form(offer, kind, metadata, names) | more
        return self.ok("POST", "/air/orders", data)

    def pay(self, order):
        return self.ok("POST", "/air/payments", payment_form(order))

    def cancel(self, order):
        quote = self.ok("POST", "/air/order_cancellations", {"order_id": order["id"]})
        return self.ok("POST", f"/air/order_cancellations/{quote['id']}/actions/confirm")


def person(passenger_id, family_name="Earhart", given_name="Amelia", born_on="1987-07-24"):
    return {
        "id": passenger_id,
        "title": "ms",
        "gender": "f",
        "given_name": given_name,
        "family_name": family_name,
        "born_on": born_on,
        "email": "amelia@example.com",
        "phone_number": "+442080160509",
    }


def order_form(offer, kind="hold", metadata=None, names=("Earhart",)):
    people = [
        person(entry["id"], names[index % len(names)], given_name=f"Amelia{'abcdefghi'[index]}")
        for index, entry in enumerate(offer["passengers"])
    ]
    form = {"type": kind, "selected_offers": [offer["id"]], "passengers": people, "metadata": metadata or {}}
    if kind == "instant":
        form["payments"] = [{"type": "balance", "amount": offer["total_amount"], "currency": offer["total_currency"]}]
    return form


def payment_form(order):
    payment = {"type": "balance", "amount": order["total_amount"], "currency": order["total_currency"]}
    return {"order_id": order["id"], "payment": payment}


def of_airline(offers, code, brand=None):
    return next(
        offer
        for offer in offers
        if offer["owner"]["iata_code"] == code and brand in {None, offer["slices"][0]["fare_brand_name"]}
    )


def passport():
    return {
        "type": "passport",
        "unique_identifier": "X1",
        "issuing_country_code": "GB",
        "expires_on": "2036-01-01",
    }


def flight_of(offer):
    segment = offer["slices"][0]["segments"][0]
    return segment["marketing_carrier"]["iata_code"] + segment["marketing_carrier_flight_number"]


def last_seat(client):
    """An offer that can be held and whose flight has one seat left."""
    for number in range(1, 28):
        day = f"2026-05-{number:02}"
        two = client.search("LHR", "EDI", day, [{"type": "adult"}] * 2, max_connections=0)
        roomy = {flight_of(offer) for offer in two}
        for offer in client.search("LHR", "EDI", day, max_connections=0):
            if flight_of(offer) not in roomy and offer["payment_requirements"]["payment_required_by"]:
                return offer
    raise AssertionError("no flight has exactly one seat left")

"""The whole gateway as a client of its GraphQL sees it: sandbox world, in-memory store, one clock that stands still."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from app.booking.desk import Desk, Terms
from app.domain.itinerary import CarrierOffer
from app.domain.partner import Scope, Viewer
from app.domain.places import Place, PlaceKind
from app.pricing.offers import OfferSeals
from app.pricing.rates import Rates, no_rates
from app.search.cache import AnswerCache
from app.search.fan_out import FanOut
from app.search.search import Search
from app.signing.links import StatementLinks, TicketLinks
from app.signing.sealing import Sealer
from app.tours.desk import TourDesk
from carriers.registry import Carriers
from resolvers.context import Context, Services
from schema import schema
from tests.booking.house import PARTNER, SECRET, House, viewer

OPERATIONS = Path(__file__).parent / "operations"
# A sealed token is another one each time; that it opens is tested apart.
_TOKEN = re.compile(r"(https://gateway\.example/(?:tickets|verify)/)[\w-]+")
PUBLIC_URL = "https://gateway.example"
# In these tests clients do wait: for what can be done in this instant.
WAITING = Terms(client_wait_seconds=20)

ADA = {
    "title": "MS",
    "givenName": "Ada",
    "familyName": "Lovelace",
    "bornOn": "1990-12-10",
    "email": "ada@example.org",
    "phone": "+442080160508",
}
RESERVE = """mutation ($input: ReserveInput!) { reserve(input: $input) {
    booking { id state } operation { id state } errors { __typename code path message advice }
    warnings { code bookingReference } } }"""
PAY = """mutation ($input: PayInput!) { pay(input: $input) {
    booking { id state } operation { id state } errors { __typename code path message advice money } } }"""
CANCEL = """mutation ($input: CancelInput!) { cancel(input: $input) {
    booking { id state } operation { id state } errors { __typename code path message advice } } }"""
UPDATE = """mutation ($input: UpdatePassengerInput!) { updatePassenger(input: $input) {
    booking { id state } operation { id state } errors { __typename code path message
    ... on NotCorrectable { fields } } } }"""
ERASE = """mutation ($input: EraseTravellerInput!) { eraseTraveller(input: $input) {
    booking { id state } operation { id state } errors { __typename code path message } } }"""


def same_as_committed(name: str, data: Any) -> None:
    """The data, equal to the committed answer; `FAREGATE_TEST_WRITE=1` writes it anew for a person to read."""
    path = OPERATIONS / f"{name}.json"
    shown = json.loads(_TOKEN.sub(r"\1token", json.dumps(data)))
    if os.environ.get("FAREGATE_TEST_WRITE"):
        path.write_text(json.dumps(shown, indent=2) + "\n")
    assert shown == json.loads(path.read_text())


def operation(name: str) -> str:
    """A committed operation."""
    return (OPERATIONS / f"{name}.graphql").read_text()


class EveryPlace:
    """A catalogue where every code of three letters is an airport."""

    def find(self, code: str) -> Place | None:
        return Place(
            code=code,
            kind=PlaceKind.AIRPORT,
            name=f"{code} Airport",
            city=code,
            city_code=None,
            country="US",
            country_name="United States",
            latitude=40.6,
            longitude=-73.8,
            time_zone="America/New_York",
        )

    def search(self, text: str, limit: int) -> list[Place]:
        return []


def services(house: House) -> Services:
    """What the roof would compose over the house."""
    carriers = Carriers([house.carrier, house.operator])
    rates = Rates(no_rates, margin_percent=0, validity=WAITING.pay_margin)
    return Services(
        clock=house.clock,
        carriers=carriers,
        places=EveryPlace(),
        search=Search(
            fan_out=FanOut(list(carriers), deadline=WAITING.pay_margin, monotonic=lambda: 0.0),
            places=EveryPlace(),
            rates=rates,
            cache=AnswerCache(keep=WAITING.pay_margin, size=10, monotonic=lambda: 0.0),
            clock=house.clock,
        ),
        tours=TourDesk.over(
            carriers,
            rates=rates,
            clock=house.clock,
            keep=WAITING.pay_margin,
            deadline=WAITING.pay_margin,
            monotonic=lambda: 0.0,
        ),
        seals=OfferSeals(Sealer([SECRET]), house.clock),
        store=house.store,
        desk=waiting(house.desk),
        links=TicketLinks(Sealer([SECRET]), house.clock, PUBLIC_URL, valid=timedelta(minutes=15)),
        statement_links=StatementLinks(Sealer([SECRET]), house.clock, PUBLIC_URL, valid=timedelta(minutes=15)),
    )


def waiting(desk: Desk) -> Desk:
    """The desk, for clients that wait."""
    return replace(desk, tools=replace(desk.tools, terms=WAITING))


def impatient(given: Services) -> Services:
    """The services, for clients that look at once."""
    return replace(given, desk=replace(given.desk, tools=replace(given.desk.tools, terms=Terms(client_wait_seconds=0))))


@dataclass
class Gateway:
    """A client's view: whom it asks as, and what it asks."""

    house: House
    services: Services
    keys: int = 0
    scopes: frozenset[Scope] = field(default_factory=lambda: frozenset({Scope.SEARCH, Scope.BOOK, Scope.REFUND}))

    def context(self, partner: Any = PARTNER) -> Context:
        """One request of a partner's."""
        asking: Viewer = replace(viewer(partner), scopes=self.scopes)
        return Context(asking, self.services)

    async def ask(self, query: str, *, partner: Any = PARTNER, **variables: Any) -> Any:
        """The answer, errors included."""
        return await schema.execute(query, context_value=self.context(partner), variable_values=variables)

    async def data(self, query: str, *, partner: Any = PARTNER, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = await self.ask(query, partner=partner, **variables)
        assert answer.errors is None, answer.errors
        return answer.data

    def key(self) -> str:
        """A fresh idempotency key."""
        self.keys += 1
        return f"key-{self.keys}"

    async def act(self, mutation: str, *, partner: Any = PARTNER, **given: Any) -> Any:
        """The payload of the mutation's one field."""
        data = await self.data(mutation, partner=partner, input={"idempotencyKey": self.key(), **given})
        (payload,) = data.values()
        return payload

    async def reserve(self, *offers: CarrierOffer, partner: Any = PARTNER, **given: Any) -> Any:
        """The payload of a reservation for Ada."""
        chosen = offers or (await self.house.holdable(),)
        tokens = [self.house.token(offer, partner) for offer in chosen]
        return await self.act(RESERVE, partner=partner, **{"offers": tokens, "passengers": [ADA], **given})

    async def held(self, **given: Any) -> str:
        """The id of a booking that is held."""
        payload = await self.reserve(**given)
        assert payload["booking"]["state"] == "HELD", payload
        booking_id: str = payload["booking"]["id"]
        return booking_id

    async def pay(self, booking_id: str, **given: Any) -> Any:
        """The payload of a payment on account."""
        wanted: Mapping[str, Any] = {"bookingId": booking_id, "method": {"onAccount": {"reference": "INV-7"}}}
        return await self.act(PAY, **{**wanted, **given})

    async def ticketed(self, **given: Any) -> str:
        """The id of a booking that is paid and ticketed."""
        booking_id = await self.held(**given)
        payload = await self.pay(booking_id)
        assert payload["booking"]["state"] == "TICKETED", payload
        return booking_id


async def open_gateway(**facts: Any) -> Gateway:
    """A gateway over a fresh house, with both partners let in."""
    house = await House(**facts).open()
    return Gateway(house, services(house))

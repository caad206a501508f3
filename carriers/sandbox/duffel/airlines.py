"""The airlines of the world: hubs, currency, ticket prefix and habits. Duffel's own test airline is ZZ."""

from dataclasses import dataclass

from carriers.sandbox.chance import base62
from carriers.sandbox.exchange import Json


@dataclass(frozen=True, slots=True)
class Airline:
    """An airline. `prefix` is its IATA accounting code, the first three digits of its tickets.

    `hold_hours` is how long it keeps unpaid space (0: pay at once); `guarantee_hours` how long it keeps the
    price (None: not at all). `states_rules` is false for one that tells nothing of refunds and changes.
    """

    code: str
    name: str
    prefix: str
    currency: str
    hubs: tuple[str, ...]
    region: str
    price_level: int = 100
    hold_hours: int = 24
    guarantee_hours: int | None = 24
    states_rules: bool = True
    long_haul: bool = True
    void_hours: int = 0
    partners: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Duffel's identifier of the airline."""
        return f"arl_0000{base62(18, 'airline', self.code)}"


DUFFEL_AIRWAYS = "ZZ"

# Names, hubs and prefixes are facts (IATA airline and accounting codes), except ZZ's prefix; habits are ours.
AIRLINES: dict[str, Airline] = {
    airline.code: airline
    for airline in (
        Airline("ZZ", "Duffel Airways", "984", "GBP", ("LHR", "JFK", "DXB", "SIN"), "", 90, 72, 72),
        Airline(
            "BA",
            "British Airways",
            "125",
            "GBP",
            ("LHR", "LGW"),
            "Europe",
            108,
            48,
            24,
            partners=("IB", "AA"),
        ),
        Airline("LH", "Lufthansa", "220", "EUR", ("FRA", "MUC"), "Europe", 110, 24, 24, partners=("LX", "UA")),
        Airline("AF", "Air France", "057", "EUR", ("CDG", "ORY"), "Europe", 107, 48, None, partners=("KL", "DL")),
        Airline("KL", "KLM", "074", "EUR", ("AMS",), "Europe", 104, 24, None, partners=("AF", "DL")),
        Airline("IB", "Iberia", "075", "EUR", ("MAD",), "Europe", 98, 24, 12, partners=("BA",)),
        Airline("LX", "SWISS", "724", "CHF", ("ZRH", "GVA"), "Europe", 118, 24, 24, partners=("LH",)),
        Airline("SK", "Scandinavian Airlines", "117", "SEK", ("CPH", "ARN", "OSL"), "Europe", 102, 24, 24),
        Airline("VY", "Vueling", "030", "EUR", ("BCN", "ORY", "FCO"), "Europe", 70, 0, None, long_haul=False),
        Airline("TK", "Turkish Airlines", "235", "USD", ("IST",), "Europe", 92, 24, 24, states_rules=False),
        Airline(
            "AA",
            "American Airlines",
            "001",
            "USD",
            ("JFK", "DFW", "MIA", "ORD"),
            "America",
            104,
            24,
            24,
            void_hours=24,
        ),
        Airline(
            "UA",
            "United Airlines",
            "016",
            "USD",
            ("EWR", "ORD", "SFO", "IAD"),
            "America",
            103,
            24,
            24,
            void_hours=24,
        ),
        Airline(
            "DL",
            "Delta Air Lines",
            "006",
            "USD",
            ("ATL", "JFK", "DTW", "SEA"),
            "America",
            106,
            24,
            12,
            void_hours=24,
        ),
        Airline("AC", "Air Canada", "014", "CAD", ("YYZ", "YUL", "YVR"), "America", 101, 24, 24, void_hours=24),
        Airline("LA", "LATAM Airlines", "045", "USD", ("GRU", "SCL", "LIM"), "America", 95, 0, None),
        Airline("EK", "Emirates", "176", "AED", ("DXB",), "Asia", 115, 48, 48),
        Airline("QR", "Qatar Airways", "157", "USD", ("DOH",), "Asia", 112, 48, None),
        Airline("SQ", "Singapore Airlines", "618", "SGD", ("SIN",), "Asia", 120, 48, 24),
        Airline("NH", "All Nippon Airways", "205", "JPY", ("HND", "NRT"), "Asia", 116, 72, 72),
        Airline("QF", "Qantas", "081", "AUD", ("SYD", "MEL"), "Australia", 112, 24, 24),
        Airline("ET", "Ethiopian Airlines", "071", "USD", ("ADD",), "Africa", 88, 24, None, states_rules=False),
    )
}


def airline_json(code: str) -> Json:
    """An airline as Duffel writes it; the sandbox serves no logos, so those are null."""
    airline = AIRLINES[code]
    return {
        "id": airline.id,
        "name": airline.name,
        "iata_code": airline.code,
        "logo_symbol_url": None,
        "logo_lockup_url": None,
        "conditions_of_carriage_url": None,
    }


AIRCRAFT: dict[str, str] = {
    "AT7": "ATR 72",
    "E90": "Embraer 190",
    "320": "Airbus A320",
    "321": "Airbus A321",
    "738": "Boeing 737-800",
    "789": "Boeing 787-9",
    "359": "Airbus A350-900",
    "77W": "Boeing 777-300ER",
}


def aircraft_json(code: str) -> Json:
    """An aircraft type as Duffel writes it."""
    return {"id": f"arc_0000{base62(18, 'aircraft', code)}", "iata_code": code, "name": AIRCRAFT[code]}

"""IATA metropolitan area codes: one code for a city with several airports, or whose city code differs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MetropolitanArea:
    """A city as IATA groups its airports; `airports` lists the main one first."""

    code: str
    name: str
    country: str
    airports: tuple[str, ...]


def _area(code: str, name: str, country: str, airports: str) -> MetropolitanArea:
    return MetropolitanArea(code, name, country, tuple(airports.split()))


# Source: IATA Resolution 763 location identifiers, as published in the IATA Airline Coding Directory.
METROPOLITAN_AREAS: dict[str, MetropolitanArea] = {
    area.code: area
    for area in (
        _area("BJS", "Beijing", "CN", "PEK PKX"),
        _area("BER", "Berlin", "DE", "BER"),
        _area("BUE", "Buenos Aires", "AR", "EZE AEP"),
        _area("BUH", "Bucharest", "RO", "OTP BBU"),
        _area("CHI", "Chicago", "US", "ORD MDW"),
        _area("DTT", "Detroit", "US", "DTW"),
        _area("HOU", "Houston", "US", "IAH HOU"),
        _area("JKT", "Jakarta", "ID", "CGK HLP"),
        _area("LON", "London", "GB", "LHR LGW STN LTN LCY SEN"),
        _area("MIL", "Milan", "IT", "MXP LIN BGY"),
        _area("MMA", "Malmo", "SE", "MMX"),
        _area("MOW", "Moscow", "RU", "SVO DME VKO ZIA"),
        _area("NYC", "New York", "US", "JFK EWR LGA"),
        _area("OSA", "Osaka", "JP", "KIX ITM UKB"),
        _area("OSL", "Oslo", "NO", "OSL TRF"),
        _area("PAR", "Paris", "FR", "CDG ORY BVA LBG"),
        _area("RIO", "Rio de Janeiro", "BR", "GIG SDU"),
        _area("ROM", "Rome", "IT", "FCO CIA"),
        _area("SAO", "Sao Paulo", "BR", "GRU CGH VCP"),
        _area("SEL", "Seoul", "KR", "ICN GMP"),
        _area("SPK", "Sapporo", "JP", "CTS OKD"),
        _area("STO", "Stockholm", "SE", "ARN BMA NYO"),
        _area("TCI", "Tenerife", "ES", "TFS TFN"),
        _area("TYO", "Tokyo", "JP", "HND NRT"),
        _area("WAS", "Washington", "US", "IAD DCA BWI"),
        _area("YEA", "Edmonton", "CA", "YEG"),
        _area("YMQ", "Montreal", "CA", "YUL YMX"),
        _area("YTO", "Toronto", "CA", "YYZ YTZ YHM"),
        _area("IZM", "Izmir", "TR", "ADB"),
        _area("REK", "Reykjavik", "IS", "KEF RKV"),
        _area("SHA", "Shanghai", "CN", "PVG SHA"),
        _area("BKK", "Bangkok", "TH", "BKK DMK"),
        _area("DXB", "Dubai", "AE", "DXB DWC"),
        _area("IST", "Istanbul", "TR", "IST SAW"),
        _area("MEL", "Melbourne", "AU", "MEL AVV"),
        _area("BRU", "Brussels", "BE", "BRU CRL"),
        _area("GLA", "Glasgow", "GB", "GLA PIK"),
        _area("BFS", "Belfast", "GB", "BFS BHD"),
        _area("MIA", "Miami", "US", "MIA"),
        _area("SFO", "San Francisco", "US", "SFO"),
        _area("LAX", "Los Angeles", "US", "LAX"),
        _area("THR", "Tehran", "IR", "IKA THR"),
        _area("BHZ", "Belo Horizonte", "BR", "CNF PLU"),
        _area("MEX", "Mexico City", "MX", "MEX NLU"),
        _area("NGO", "Nagoya", "JP", "NGO NKM"),
    )
}

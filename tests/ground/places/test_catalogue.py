"""What people type, and the place they mean."""

import timeit

import pytest

from app.domain.metropolitan import METROPOLITAN_AREAS
from app.domain.places import PlaceKind
from app.places.catalogue import Catalogue
from app.places.prominence import ALIASES, rank

TYPED = """
    pari=PAR paris=PAR par=PAR londn=LON lodnon=LON london=LON new_yrok=NYC nyc=NYC JFK=JFK zurch=ZRH zürich=ZRH
    zuerich=ZRH münchen=MUC munich=MUC köln=CGN genève=GVA geneva=GVA roma=ROM rome=ROM milano=MIL praha=PRG
    sao_paolo=SAO são_paulo=SAO barcelna=BCN amstredam=AMS frankfrut=FRA tokio=TYO lisabon=LIS lisboa=LIS
    heathrow=LHR gatwik=LGW de_gaulle=CDG chicgo=CHI bangkock=BKK kopenhagen=CPH dusseldrof=DUS istambul=IST
    vienna=VIE wien=VIE sthockholm=STO san_fran=SFO los_ang=LAX sidney=SYD bombay=BOM marrakesh=RAK berlni=BER
    naples=NAP florence=FLR venice=VCE haneda=HND london_heathrow=LHR heathrow_london=LHR jfk_new_york=JFK
    new_york_jfk=JFK paris_france=PAR london_canada=YXU san_jose_costa_rica=SJO tokyo_haneda=HND maldives=MLE
    mauritius=MRU 東京=TYO 香港=HKG Москва=MOW Αθήνα=ATH 서울=SEL القاهرة=CAI กรุงเทพ=BKK
    madird=MAD edinbrugh=EDI dubln=DUB osl=OSL helsink=HEL praque=PRG budapset=BUD athen=ATH manchster=MAN
""".split()


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue.load()


@pytest.mark.parametrize("pair", TYPED)
def test_the_place_meant_comes_first(catalogue, pair):
    typed, _, code = pair.partition("=")
    assert catalogue.search(typed.replace("_", " "), 5)[0].code == code


def test_a_city_comes_before_its_airports_and_they_in_its_order(catalogue):
    assert [place.code for place in catalogue.search("pari", 4)] == ["PAR", "CDG", "ORY", "BVA"]
    assert [place.code for place in catalogue.search("nyc", 4)] == ["NYC", "JFK", "EWR", "LGA"]


@pytest.mark.parametrize("typed", ["roma", "Mailand", "moskva", "londres"])
def test_a_citys_other_names_find_its_airports_too(catalogue, typed):
    city, *others = catalogue.search(typed, 10)
    airports = METROPOLITAN_AREAS[city.code].airports
    assert [place.code for place in others][: len(airports)] == list(airports)


def test_a_code_shared_with_a_far_away_city_lends_no_fame(catalogue):
    airfield, unknown = catalogue.find("QDF"), catalogue.find("SJK")
    assert airfield.country == "BR"
    assert rank(airfield) == rank(unknown) > rank(catalogue.find("DFW"))


@pytest.mark.parametrize("typed", ["londn", "san fransisco", "a" * 500, "new york jfk", "saint"])
def test_a_query_takes_little_time(catalogue, typed):
    fastest = min(timeit.repeat(lambda: catalogue.search(typed, 10), number=1, repeat=5))
    assert fastest < 0.02


def test_a_well_known_place_comes_before_its_namesakes(catalogue):
    found = catalogue.search("london", 20)
    assert found[0].country == "GB"
    assert "CA" in {place.country for place in found}


@pytest.mark.parametrize("typed", ["", "   ", "!!", "qzxwv"])
def test_nothing_is_found_where_nothing_is_meant(catalogue, typed):
    assert catalogue.search(typed, 5) == []


def test_the_limit_holds(catalogue):
    assert len(catalogue.search("san", 3)) == 3


def test_places_are_found_by_code_however_written(catalogue):
    place = catalogue.find(" cdg ")
    assert (place.code, place.kind, place.city, place.city_code) == ("CDG", PlaceKind.AIRPORT, "Paris", "PAR")
    assert place.country_name == "France"
    assert place.time_zone == "Europe/Paris"
    assert catalogue.find("QQQ") is None


def test_a_city_stands_where_its_main_airport_does(catalogue):
    city, airport = catalogue.find("LON"), catalogue.find("LHR")
    assert city.kind is PlaceKind.CITY
    assert (city.latitude, city.longitude, city.time_zone) == (airport.latitude, airport.longitude, airport.time_zone)


def test_every_name_we_wrote_down_is_of_a_place_there_is(catalogue):
    wanted = {
        *ALIASES.values(),
        *(code for area in METROPOLITAN_AREAS.values() for code in (area.code, *area.airports)),
    }
    assert [code for code in sorted(wanted) if catalogue.find(code) is None] == []

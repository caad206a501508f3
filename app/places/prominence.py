"""How well known a place is: what decides between places whose names are equally close to what was typed."""

from app.domain.metropolitan import METROPOLITAN_AREAS
from app.domain.places import Place, PlaceKind

# Cities and airports travellers ask for most, in falling order. A judgement, not a statistic: it ranks equals, no more.
_WELL_KNOWN = """
    LON NYC PAR DXB TYO IST SIN HKG BKK AMS FRA MAD BCN ROM LAX CHI SFO MIL MUC BER ZRH VIE LIS DUB CPH STO OSL HEL BRU
    ATH WAW PRG BUD GVA EDI MAN NCE VCE LYS MRS HAM DUS STR CGN OPO SVQ AGP VLC PMI IBZ TFS LPA ACE FUE TCI FAO FNC FLR
    NAP PSA BLQ TRN CTA PMO OLB BUH SOF BEG ZAG SPU DBV LJU KRK GDN WRO RIX VNO TLL REK LUX BSL EIN RTM BHX BRS GLA BFS
    NCL LPL LBA EMA ABZ ORK SNN BOD TLS NTE LIL SXB MPL BIQ AJA BIA GOT MMA BGO TRD SVG TRF KEF ARN MLA LCA PFO HER RHO
    SKG CFU JTR JMK KGS CHQ ADB AYT ESB SAW TLV AMM BEY CAI HRG SSH CMN RAK AGA TUN ALG DOH AUH RUH JED KWI BAH MCT THR
    WAS BOS MIA ATL DFW HOU SEA DEN LAS MCO PHX SAN PHL DTT MSP BWI CLT TPA FLL AUS BNA PDX SLC MSY HNL OGG STL CLE PIT
    IND CMH CVG MCI SAT SJC OAK SMF RDU JAX RSW BUF ANC YTO YMQ YVR YYC YOW YEA YHZ YWG YQB MEX CUN GDL MTY SJO PTY HAV
    PUJ SDQ SJU NAS MBJ BOG MDE CTG LIM CUZ UIO GYE SAO RIO BSB BHZ SSA REC FOR POA CWB FLN BUE COR MDZ SCL MVD ASU LPB
    VVI CCS JNB CPT DUR NBO MBA ADD LOS ABJ ACC DKR RAI SID ZNZ DAR KGL EBB MRU SEZ RUN TNR LUN HRE WDH GBE BJS SHA CAN
    SZX CTU HGH XIY KMG TAO SEL PUS CJU OSA SPK FUK OKA NGO TPE KHH MFM MNL CEB SGN HAN DAD REP PNH RGN VTE KUL PEN BKI
    JKT DPS SUB HKT CNX USM KBV DEL BOM BLR MAA HYD CCU GOI COK AMD CMB MLE KTM DAC KHI LHE ISB TAS ALA SVO MOW LED SYD
    MEL BNE PER ADL CBR OOL CNS HBA DRW AKL WLG CHC ZQN DUD NAN PPT NOU GUM
"""
_RANK = {code: rank for rank, code in enumerate(dict.fromkeys(_WELL_KNOWN.split()))}
_UNKNOWN = len(_RANK)
_IN_CITY = {
    airport: (_RANK.get(area.code, _UNKNOWN), order)
    for area in METROPOLITAN_AREAS.values()
    for order, airport in enumerate(area.airports, start=1)
    if airport != area.code
}

# What a city is called at home, abroad or was called before, where the catalogue has another name; the last five are
# what folding makes of the local scripts' names of Tokyo, Osaka, Hong Kong, Cairo and Bangkok.
ALIASES: dict[str, str] = dict(
    pair.split("=")
    for pair in """
    munchen=MUC|muenchen=MUC|koln=CGN|koeln=CGN|roma=ROM|praha=PRG|wien=VIE|geneve=GVA|genf=GVA|ginevra=GVA|lisboa=LIS
    |milano=MIL|mailand=MIL|firenze=FLR|venezia=VCE|venedig=VCE|napoli=NAP|neapel=NAP|torino=TRN|turin=TRN|kobenhavn=CPH
    |goteborg=GOT|gothenburg=GOT|warszawa=WAW|warschau=WAW|krakow=KRK|cracow=KRK|moskva=MOW|moskau=MOW|athina=ATH
    |bruxelles=BRU|brussel=BRU|sevilla=SVQ|bucuresti=BUH|beograd=BEG|bombay=BOM|saigon=SGN|peking=BJS|nueva york=NYC
    |londres=LON|londra=LON|parigi=PAR|nurnberg=NUE|nuernberg=NUE|duesseldorf=DUS|zuerich=ZRH|zurigo=ZRH|wroclaw=WRO
    |lisbonne=LIS|vienne=VIE|barcelone=BCN|varsovie=WAW|edimbourg=EDI|nizza=NCE|strassburg=SXB|kiev=KBP|kyiv=KBP
    |saint petersburg=LED|new delhi=DEL|calcutta=CCU|madras=MAA|bangalore=BLR|reykjavik=REK|new york city=NYC
    |mexico=MEX|ciudad de mexico=MEX|cote d azur=NCE|majorca=PMI|mallorca=PMI|heraklion=HER|crete=HER|bali=DPS
    |hawaii=HNL|corfu=CFU|santorini=JTR|mykonos=JMK|rhodes=RHO|kos=KGS|zanzibar=ZNZ|sao tome=TMS|la habana=HAV
    |sidney=SYD|naples=NAP|florence=FLR|florenz=FLR|venice=VCE|lyons=LYS|danzig=GDN|monaco=NCE|haneda=HND|roissy=CDG
    |ezeiza=EZE|logan=BOS|dallas=DFW|dongjing=TYO|daban=OSA|xianggang=HKG|lqhrh=CAI|krungethph=BKK
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)


def rank(place: Place) -> tuple[int, int]:
    """The place's rank, lower for better known; an airport stands behind its city, in the city's own order."""
    if place.code in _IN_CITY:
        return _IN_CITY[place.code]
    area = METROPOLITAN_AREAS.get(place.code)
    # A far-away airfield may share a city's code (QDF is Dallas, and an airfield in Brazil): the fame is the city's.
    namesake = place.kind is PlaceKind.AIRPORT and area is not None and place.code not in area.airports
    return _UNKNOWN if namesake else _RANK.get(place.code, _UNKNOWN), 0

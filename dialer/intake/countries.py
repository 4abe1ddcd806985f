"""Countries and time zones as exports write them."""

import re
from collections.abc import Mapping
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from phonenumbers import SUPPORTED_REGIONS

_AREAS = frozenset({"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"})
_ZONE = re.compile(r"([A-Z][a-z]+)(?:/[A-Za-z0-9_+-]{1,32}){1,2}")
_LANGUAGES = ("en", "zh", "de", "fr", "es")
# Three letters (ISO 3166-1 alpha-3) of the countries whose lists use them: VICIdial's country_code, for one.
_THREE_LETTERS = (
    "usa=US can=CA mex=MX bra=BR gbr=GB irl=IE deu=DE fra=FR esp=ES prt=PT ita=IT nld=NL bel=BE che=CH aut=AT pol=PL "
    "swe=SE nor=NO dnk=DK fin=FI chn=CN hkg=HK twn=TW sgp=SG jpn=JP kor=KR ind=IN aus=AU nzl=NZ zaf=ZA are=AE sau=SA "
    "isr=IL tur=TR phl=PH mys=MY idn=ID tha=TH vnm=VN arg=AR "
)
_OTHER_NAMES = {"u.s.a.": "US", "u.s.": "US", "united states of america": "US", "uk": "GB", "england": "GB", "中国大陆": "CN"}


def country_named(text: str) -> str:
    """The code (ISO 3166-1, two letters) of a country given as a code or by its name; empty when it is none."""
    return text.upper() if text.upper() in SUPPORTED_REGIONS else _country_names().get(text.casefold(), "")


@lru_cache(maxsize=1024)
def zone_named(text: str) -> ZoneInfo | None:
    """Return the zone of an ``Area/City`` name, or None.

    Offsets, abbreviations and ``US/Pacific`` are refused: they hide the rules.
    """
    match = _ZONE.fullmatch(text)
    if match is None or match[1] not in _AREAS:
        return None
    try:
        return ZoneInfo(text)
    except (KeyError, OSError):  # no such file, or the folder of a country
        return None


@lru_cache(maxsize=1)
def _country_names() -> Mapping[str, str]:
    """Names of countries in the languages of the usual exports."""
    names = _OTHER_NAMES | {pair[:3]: pair[4:] for pair in _THREE_LETTERS.split()}
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in SUPPORTED_REGIONS:
                names[name.casefold()] = code
    return names

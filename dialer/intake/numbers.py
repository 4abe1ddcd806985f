"""Phone numbers out of cells: E.164 or a named problem. Only form and type are judged; nobody can see whether a number
is in use.

Repaired and noted, because nothing is lost: ``2125550123.0``, ``'+1...``, ``="..."``, ``tel:``, ``1.2125550123E+10``
with all digits, full-width digits. Refused: digits that a spreadsheet has thrown away, extensions (a switchboard did
not consent), numbers that cost extra or reach emergency services, regions that the campaign does not call.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import SUPPORTED_REGIONS, PhoneNumberType, shortnumberinfo

from dialer.intake.clean import is_empty
from dialer.model.phone import PhoneNumber


@dataclass(frozen=True, slots=True)
class ParsedNumber:
    """A number that may be dialled as far as its form goes. ``notes`` say what was repaired."""

    phone: PhoneNumber
    region: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberProblem:
    """Why a cell is no number that we dial: a code of the row problems, a sentence, and what to do."""

    code: str
    message: str
    fix: str


_BLOCKED_TYPES = {
    PhoneNumberType.PREMIUM_RATE: "a premium rate number",
    PhoneNumberType.SHARED_COST: "a shared cost number",
    PhoneNumberType.PERSONAL_NUMBER: "a personal number that forwards at extra cost",
    PhoneNumberType.PAGER: "a pager",
    PhoneNumberType.UAN: "a company access number",
    PhoneNumberType.VOICEMAIL: "a voicemail access number",
}
# Country codes of no country: Inmarsat, mobile satellite and networks, universal personal, disaster relief, premium.
_NO_COUNTRY = frozenset({870, 878, 881, 882, 883, 888, 979})
# N11 services, crisis line and location service of the North American plan: no emergency numbers for the library.
_SERVICES = frozenset({"211", "311", "411", "511", "611", "711", "811", "911", "933", "988"})
_EMERGENCY_REGIONS = ("US", "GB", "DE")

_SCIENTIFIC = re.compile(r"([+-]?)(\d)(?:[.,](\d*))?[eE]\+?(\d{1,2})")
_FLOAT = re.compile(r"(\+?\d{6,})[.,](\d+)")
_WRAPPED = re.compile(r'="?([^"]*)"?')
_ROUNDED = re.compile(r"\+?\d{2,8}0{7,}")
_EXTENSION = re.compile(r"(?:;ext=|ext(?:ension|n)?\.?|durchwahl|分机|转|x|#|,,|;|~)\s*:?\s*\d{1,7}\s*$", re.IGNORECASE)
_TWO = re.compile(r"\d{6,}.*(?:[/&,;|\n]| or ).*\d{6,}")
_PLAIN = re.compile(r"\+?[\d\s().\-/]*")
_MAX_CELL = 60

_DAMAGED_FIX = "export the column as text, or take the number from the original list"


def parse_phone(text: str, region: str | None, allowed: Collection[str]) -> ParsedNumber | NumberProblem:
    """Read one cell. ``region`` (ISO 3166-1, or None) reads national numbers; ``allowed`` regions may be called.

    Codes: ``missing_phone``, ``invalid_phone``, ``damaged_number``, ``extension``, ``blocked_number_type``,
    ``region_not_allowed``.
    """
    return _plain_number(text, region, allowed) or parse_phone_fully(text, region, allowed)


# Numbers as nearly all lists have them: ten digits of the +1 area, eleven of a Chinese mobile phone.
_NORTH_AMERICAN = re.compile(r"(\+?1[ .-]?)?(?:\(([2-9]\d\d)\) ?|([2-9]\d\d)[ .-]?)([2-9]\d\d)[ .-]?(\d{4})", re.ASCII)
_CHINESE = re.compile(r"(?:\+?86[ -]?)?(1[3-9]\d)[ -]?(\d{4})[ -]?(\d{4})", re.ASCII)


def _plain_number(text: str, region: str | None, allowed: Collection[str]) -> ParsedNumber | None:
    """Read a number of the usual forms by its exchange, which is looked up once; None for whatever else.

    Sound because the library tells numbers of one exchange (+1) or of one block of seven digits (mobiles of +86) apart by
    nothing further; a test compares the two ways. Lines of zeros are left to the full reading: they may be lost digits.
    """
    if match := _NORTH_AMERICAN.fullmatch(text):
        is_ours = (match[1] or "").startswith("+") or _is_north_american(region)
        block, line = f"+1{match[2] or match[3]}{match[4]}", match[5]
    elif match := _CHINESE.fullmatch(text):
        is_ours = text.startswith("+") or region == "CN"
        block, line = f"+86{match[1]}{match[2]}", match[3]
    else:
        return None
    place = _place_of(block) if is_ours and line != "0000" else ""
    return ParsedNumber(PhoneNumber(block + line), place) if place in allowed else None


@lru_cache(maxsize=512)
def _is_north_american(region: str | None) -> bool:
    return region is not None and phonenumbers.country_code_for_region(region) == 1


@lru_cache(maxsize=1 << 16)
def _place_of(block: str) -> str:
    """The country of the good numbers of a block, empty when they are not good."""
    found = parse_phone_fully(f"{block}0123", None, SUPPORTED_REGIONS)
    return found.region if isinstance(found, ParsedNumber) else ""


def parse_phone_fully(text: str, region: str | None, allowed: Collection[str]) -> ParsedNumber | NumberProblem:
    """As ``parse_phone``, for every form that a number may have."""
    plain, notes = _unwrapped(text)
    if is_empty(plain) or not plain.strip("-./ "):
        return NumberProblem("missing_phone", "there is no phone number", "fill in the number")
    repaired = _undamaged(plain)
    if isinstance(repaired, NumberProblem):
        return repaired
    digits, repair = repaired
    parsed = _read(digits, region)
    if isinstance(parsed, NumberProblem):
        return parsed
    # Each of these two walks through all ranges of the country code: asked once, they are half of what a row costs.
    kind, place = phonenumbers.number_type(parsed), phonenumbers.region_code_for_number(parsed) or ""
    problem = _blocked(parsed, kind, place) or _invalid(parsed, kind, region) or _elsewhere(place, allowed)
    if problem:
        return problem
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return ParsedNumber(PhoneNumber(e164), place, (*notes, *repair))


def _unwrapped(text: str) -> tuple[str, tuple[str, ...]]:
    """Take off what spreadsheets put around a number, and fold full-width and other digits."""
    folded = unicodedata.normalize("NFKC", text).strip()
    notes: list[str] = []
    if not folded.isascii():
        folded = "".join(_ascii_digit(character) for character in folded)
    elif folded != text.strip():
        notes.append("repaired full-width digits")
    stripped = folded.lstrip("'‘’`").strip().strip('"')
    wrapped = _WRAPPED.fullmatch(stripped)
    if wrapped:
        stripped = wrapped[1]
        notes.append('repaired ="..."')
    if stripped[:4].lower() == "tel:":
        stripped = stripped[4:]
    return stripped.strip(), tuple(notes)


def _ascii_digit(character: str) -> str:
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.digit(character))
    return "-" if unicodedata.category(character) == "Pd" or character == "\u2212" else character


def _undamaged(text: str) -> tuple[str, tuple[str, ...]] | NumberProblem:
    """Undo what a spreadsheet did to a number where all digits are still there, else say that they are lost."""
    scientific = _SCIENTIFIC.fullmatch(text.replace(" ", ""))
    if scientific:
        sign, first, rest, power = scientific[1], scientific[2], scientific[3] or "", int(scientific[4])
        # 1.2125550123E+10 has its eleven digits; 1.2126E+10 has lost six, and zeros in their place would be a
        # stranger's number.
        if len(rest) < power:
            return NumberProblem("damaged_number", f"{text} has lost digits in a spreadsheet", _DAMAGED_FIX)
        if sign == "-" or rest[power:].strip("0"):
            return NumberProblem("damaged_number", f"{text} is no phone number", _DAMAGED_FIX)
        return _unrounded(sign + first + rest[:power], (f"repaired {text}",))
    number = _FLOAT.fullmatch(text)
    if number:
        if number[2].strip("0"):
            return NumberProblem("damaged_number", f"{text} is a decimal number", _DAMAGED_FIX)
        return _unrounded(number[1], (f"repaired {text}",))
    if text.startswith("##"):
        return NumberProblem("damaged_number", "the column was too narrow when it was exported", _DAMAGED_FIX)
    return _unrounded(text, ())


def _unrounded(text: str, notes: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | NumberProblem:
    if _ROUNDED.fullmatch(text):
        return NumberProblem("damaged_number", f"{text} ends in zeros where digits were lost", _DAMAGED_FIX)
    return text, notes


def _read(text: str, region: str | None) -> phonenumbers.PhoneNumber | NumberProblem:
    if len(text) > _MAX_CELL or _TWO.fullmatch(text):
        return NumberProblem("invalid_phone", "there is more than one number in the cell", "keep one number for each row")
    if _EXTENSION.search(text):
        return NumberProblem(
            "extension", "the number has an extension: a switchboard, not a person", "give the person's direct number"
        )
    if not _PLAIN.fullmatch(text):
        return NumberProblem("invalid_phone", f"{text!r} is not only digits", "write it as +, country code, number")
    short = _short(text, region)
    if short:
        return short
    if region is None and not text.startswith("+"):
        return NumberProblem("invalid_phone", "a number without + needs a country", "write it as +, country code, number")
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return NumberProblem("invalid_phone", f"{text!r} is not a phone number", "write it as +, country code, number")


def _short(text: str, region: str | None) -> NumberProblem | None:
    """Refuse whatever reaches a service instead of a person, also with more digits behind it as some networks allow."""
    digits = re.sub(r"\D", "", text)
    if text.startswith("+") and len(digits) >= 8:
        return None
    national = digits[1:] if text.startswith("+1") else digits
    regions = {region or "US", *_EMERGENCY_REGIONS}
    if any(shortnumberinfo.connects_to_emergency_number(digits, place) for place in regions) or national in _SERVICES:
        return NumberProblem("blocked_number_type", f"{text} reaches an emergency or public service", "remove the row")
    if 3 <= len(digits) <= 6:
        return NumberProblem("blocked_number_type", f"{text} is a short number", "remove the row, or give the full number")
    return None


def _blocked(number: phonenumbers.PhoneNumber, kind: int, place: str) -> NumberProblem | None:
    national = phonenumbers.national_significant_number(number)
    what = _BLOCKED_TYPES.get(kind)
    if number.country_code in _NO_COUNTRY or place == "001":
        what = "a satellite or international service number"
    elif number.country_code == 1 and len(national) == 10 and national[3:6] == "976":
        what = "a pay-per-call number (976)"
    return NumberProblem("blocked_number_type", f"this is {what}", "remove the row") if what else None


def _invalid(number: phonenumbers.PhoneNumber, kind: int, region: str | None) -> NumberProblem | None:
    # A number is valid when it has a type (libphonenumber, isValidNumberForRegion).
    if kind != PhoneNumberType.UNKNOWN and len(phonenumbers.national_significant_number(number)) >= 7:
        return None
    reason = phonenumbers.is_possible_number_with_reason(number)
    where = phonenumbers.region_code_for_country_code(number.country_code or 0)
    fix = f"check it; numbers without + are read as {region}" if region else "check it"
    if reason == phonenumbers.ValidationResult.TOO_SHORT:
        return NumberProblem("invalid_phone", f"too few digits for {where}", fix)
    if reason == phonenumbers.ValidationResult.TOO_LONG:
        return NumberProblem("invalid_phone", f"too many digits for {where}", fix)
    return NumberProblem("invalid_phone", f"no such number range in {where}", fix)


def _elsewhere(place: str, allowed: Collection[str]) -> NumberProblem | None:
    if place in allowed:
        return None
    return NumberProblem(
        "region_not_allowed",
        f"the number is in {place}; this campaign calls {', '.join(sorted(allowed))}",
        f'add "{place}" to regions in campaign.toml, or remove the row',
    )

"""Twilio's signatures: the published vectors, and everything that must not pass."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.wire.twilio_signature import is_signed, signature, spelled

TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FIELDS = (
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
)
SIGNED = "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def by_hand(token: str, text: str) -> str:
    """HMAC as RFC 2104 has it, from SHA-1 alone."""
    key = token.encode()
    key = (hashlib.sha1(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inner = hashlib.sha1(bytes(byte ^ 0x36 for byte in key) + text.encode()).digest()
    return base64.b64encode(hashlib.sha1(bytes(byte ^ 0x5C for byte in key) + inner).digest()).decode()


def test_the_vectors_of_the_twilio_packages_own_tests() -> None:
    assert signature(TOKEN, URL, FIELDS) == SIGNED
    repeated = (("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234"))
    assert signature(TOKEN, URL, repeated) == "IK+Dwps556ElfBT0I3Rgjkr1wJU="


@given(st.text(min_size=1, max_size=80), st.text(max_size=60), st.dictionaries(st.text(max_size=8), st.text(max_size=8)))
def test_it_verifies_by_hand(token: str, tail: str, fields: dict[str, str]) -> None:
    text = URL + tail + "".join(name + fields[name] for name in sorted(fields))
    assert signature(token, URL + tail, tuple(fields.items())) == by_hand(token, text)


def test_the_order_of_the_fields_does_not_matter_and_either_token_will_do() -> None:
    assert is_signed((TOKEN,), URL, FIELDS[::-1], SIGNED)
    assert is_signed(("new", TOKEN), URL, FIELDS, SIGNED)


@pytest.mark.parametrize("index", range(len(SIGNED)))
def test_one_flipped_letter_of_the_signature_is_refused(index: int) -> None:
    letter = "A" if SIGNED[index] != "A" else "B"
    assert not is_signed((TOKEN,), URL, FIELDS, SIGNED[:index] + letter + SIGNED[index + 1 :])


@pytest.mark.parametrize("index", range(len(FIELDS)))
def test_one_flipped_byte_of_a_field_is_refused(index: int) -> None:
    name, value = FIELDS[index]
    for changed in ((name, value[:-1] + chr(ord(value[-1]) ^ 1)), (name + "x", value), (name, "")):
        assert not is_signed((TOKEN,), URL, (*FIELDS[:index], changed, *FIELDS[index + 1 :]), SIGNED)


@pytest.mark.parametrize(
    ("url", "fields", "given_signature", "tokens"),
    [
        (URL, FIELDS, "", (TOKEN,)),
        (URL, FIELDS, "é", (TOKEN,)),
        (URL, FIELDS, SIGNED, ()),
        (URL, FIELDS, SIGNED, ("",)),
        (URL, FIELDS, SIGNED, ("54321",)),
        (URL.replace("https", "http"), FIELDS, SIGNED, (TOKEN,)),
        (URL.replace("foo=1&bar=2", "bar=2&foo=1"), FIELDS, SIGNED, (TOKEN,)),
        (URL.replace("mycompany", "evil"), FIELDS, SIGNED, (TOKEN,)),
        (URL, (*FIELDS, FIELDS[0]), SIGNED, (TOKEN,)),
        (URL, (*FIELDS, ("Blank", "")), SIGNED, (TOKEN,)),
        (URL, FIELDS[1:], SIGNED, (TOKEN,)),
    ],
)
def test_what_was_changed_or_never_signed_is_refused(
    url: str, fields: tuple[tuple[str, str], ...], given_signature: str, tokens: tuple[str, ...]
) -> None:
    assert not is_signed(tokens, url, fields, given_signature)


@pytest.mark.parametrize(
    "signed_url",
    [
        "wss://calls.example/w/twilio/media/k",
        "https://calls.example/w/twilio/media/k",
        "https://calls.example:443/w/twilio/media/k",
        "wss://calls.example/w/twilio/media/k/",
    ],
)
def test_an_upgrade_may_be_signed_in_each_spelling_of_the_configured_address(signed_url: str) -> None:
    ours = "https://calls.example/w/twilio/media/k"
    assert is_signed((TOKEN,), ours, (), signature(TOKEN, signed_url), is_upgrade=True)
    if signed_url != ours and ":443" not in signed_url:
        assert not is_signed((TOKEN,), ours, (), signature(TOKEN, signed_url)), "a callback has one scheme and no slash"


def test_no_other_address_is_a_spelling() -> None:
    for signed_url in ("wss://evil.example/w/k", "ws://calls.example/w/k", "https://calls.example:8443/w/k"):
        assert not is_signed((TOKEN,), "https://calls.example/w/k", (), signature(TOKEN, signed_url), is_upgrade=True)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://a.example/x", {"https://a.example/x", "https://a.example:443/x"}),
        ("https://a.example:443/x", {"https://a.example/x", "https://a.example:443/x"}),
        ("http://127.0.0.1:8080/x", {"http://127.0.0.1:8080/x"}),
        ("ftp://a.example/x", {"ftp://a.example/x"}),
    ],
)
def test_the_usual_port_may_be_named_or_not(url: str, found: set[str]) -> None:
    assert set(spelled(url)) == found


def test_an_upgrade_of_an_odd_scheme_has_one_spelling_and_its_slash() -> None:
    assert spelled("ftp://a.example/x", is_upgrade=True) == ["ftp://a.example/x", "ftp://a.example/x/"]

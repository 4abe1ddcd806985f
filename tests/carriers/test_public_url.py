"""Which addresses will do, and what becomes of their places."""

from __future__ import annotations

import socket

import pytest

from dialer.carriers.public_url import check_public_url, filled, is_local
from dialer.errors import UserError


@pytest.mark.parametrize(
    ("url", "lanes", "may_be_local"),
    [
        ("https://calls.example.com", 1, False),
        ("https://calls.example.com/w/{host}/{lane}", 8, False),
        ("https://calls.example.com:{port}", 2, False),
        ("http://127.0.0.1:{port}", 2, True),
    ],
)
def test_these_will_do(url: str, lanes: int, may_be_local: bool) -> None:
    check_public_url(url, lanes, may_be_local=may_be_local)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "no DIALER_PUBLIC_URL"),
        ("calls.example.com", "no DIALER_PUBLIC_URL"),
        ("http://calls.example.com", "must be https"),
        ("http://127.0.0.1:8080", "must be https"),
        ("https://my_calls.example.com", "underscore"),
        ("https://calls.example.com/?a=1", "a scheme, a host"),
        ("https://user@calls.example.com", "a scheme, a host"),
        ("https://calls.example.com/w", "2 lanes need 2 addresses"),
    ],
)
def test_these_will_not(url: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        check_public_url(url, 2, may_be_local=False)


def test_the_places_are_filled() -> None:
    assert filled("https://a.example/{host}/{lane}/{port}/", 2, 8082) == f"https://a.example/{socket.gethostname()}/2/8082"


def test_what_is_local() -> None:
    assert is_local("http://127.0.0.1:{port}/x")
    assert not is_local("https://calls.example.com")

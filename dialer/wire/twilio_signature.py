"""Twilio's request signatures: who sent this, and was it changed on the way?

``X-Twilio-Signature`` is the base64 of an HMAC-SHA1, keyed with the account's auth token (never an API key's secret), over the
full URL followed by every form field sorted by name, name and value without anything between; of a name that comes more than
once each different value counts once, sorted (twilio.com/docs/usage/security, vectors of the ``twilio`` package's own tests).
An upgrade to a WebSocket has no fields. The URL is the one that was configured: which of its spellings the sender signed is not
documented for every product, so each is tried, and no other.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit, urlunsplit

Fields = Sequence[tuple[str, str]]
_PORTS = {"https": 443, "wss": 443, "http": 80, "ws": 80}
_SAME = {"https": ("https", "wss"), "wss": ("wss", "https"), "http": ("http", "ws"), "ws": ("ws", "http")}


def signature(token: str, url: str, fields: Fields = ()) -> str:
    """What Twilio writes into the header."""
    text = url + "".join(f"{name}{value}" for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def is_signed(tokens: Iterable[str], url: str, fields: Fields, given: str, *, is_upgrade: bool = False) -> bool:
    """Whether ``given`` is the signature of this request under one of ``tokens`` (two during a rotation).

    No token, no header or a repeated field name is a refusal: Twilio repeats none of those that we ask for.
    """
    names = [name for name, _ in fields]
    if not given or len(set(names)) != len(names):
        return False
    offered = given.encode("utf-8", "replace")
    spellings = spelled(url, is_upgrade=is_upgrade)
    found = False
    for token in tokens:
        for spelling in spellings if token else ():
            found |= hmac.compare_digest(signature(token, spelling, fields).encode(), offered)
    return found


def spelled(url: str, *, is_upgrade: bool = False) -> list[str]:
    """The spellings of one address: with and without its usual port; of an upgrade also both schemes and a slash at the end."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    bare = host[: host.rfind(":")] if parts.port is not None else host
    usual = _PORTS.get(parts.scheme)
    hosts = [host]
    if parts.port is None and usual is not None:
        hosts.append(f"{host}:{usual}")
    elif parts.port is not None and parts.port == usual:
        hosts.append(bare)
    schemes = _SAME.get(parts.scheme, (parts.scheme,)) if is_upgrade else (parts.scheme,)
    paths = (parts.path, f"{parts.path}/") if is_upgrade else (parts.path,)
    return [
        urlunsplit((scheme, name, path, parts.query, "")) for scheme in schemes for name in hosts for path in dict.fromkeys(paths)
    ]

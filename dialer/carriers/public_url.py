"""The address at which carriers reach this process: what it may be, and what it is for this very process."""

import socket
from urllib.parse import urlsplit

from dialer.errors import UserError

LOCAL_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


def is_local(url: str) -> bool:
    """Whether an address leads to this very machine: then nothing crosses a network."""
    return urlsplit(url).hostname in LOCAL_HOSTS


def check_public_url(url: str, lanes: int, *, may_be_local: bool) -> None:
    """Refuse an address at which a carrier could not reach each lane safely. Raises ``UserError``."""
    parts = urlsplit(url)
    is_here = may_be_local and is_local(url)
    if not url or not parts.hostname:
        text, hint = "the carrier must reach this machine: there is no DIALER_PUBLIC_URL", "for example https://calls.example.com"
    elif parts.scheme != "https" and not (is_here and parts.scheme == "http"):
        text, hint = "DIALER_PUBLIC_URL must be https: it carries people's voices", "put a proxy with a certificate in front"
    elif "_" in parts.hostname:
        text, hint = "DIALER_PUBLIC_URL has an underscore in its host name, which Twilio refuses", "use another name"
    elif parts.query or parts.fragment or "@" in parts.netloc:
        text, hint = "DIALER_PUBLIC_URL is a scheme, a host and perhaps a path", "https://calls.example.com/w"
    elif lanes > 1 and "{lane}" not in url and "{port}" not in url:
        text, hint = f"{lanes} lanes need {lanes} addresses", "put {lane} or {port} into DIALER_PUBLIC_URL"
    else:
        return
    raise UserError(text, code="bad_public_url", hint=hint)


def filled(template: str, lane: int, port: int) -> str:
    """The address of this very process."""
    address = template.replace("{host}", socket.gethostname()).replace("{lane}", str(lane)).replace("{port}", str(port))
    return address.rstrip("/")

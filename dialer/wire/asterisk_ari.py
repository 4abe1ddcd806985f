"""Asterisk REST Interface, towards Asterisk: every request that we make, as a value.

A request is method, path, query and JSON body; the shell only sends it. The other direction is ``asterisk_ari_events``.

Facts: Asterisk's API descriptions (``rest-api/api-docs/*.json`` of github.com/asterisk/asterisk, tag 22.10.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

Body = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Request:
    """One request, relative to the address of ARI (``http://host:8088/ari``)."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Body | None = None

    @property
    def target(self) -> str:
        """Path and query as they stand in the request line."""
        return f"{self.path}?{urlencode(self.query, quote_via=quote)}" if self.query else self.path


# --- channels ----------------------------------------------------------------------------------------------------------


def originate(
    channel_id: str,
    *,
    endpoint: str,
    app: str,
    caller_id: str,
    ring_s: int,
    limit_s: int,
    originator: str = "",
) -> Request:
    """Dial ``endpoint`` under an id of ours: 409 while a channel with that id lives, but 200 again after it has ended.

    ``TIMEOUT(absolute)`` is always set: without it a channel outlives the program that placed it. It counts from now, so that it
    has to hold the ringing too. ``originator``: the channel on whose behalf this one is dialled.
    """
    query = [
        ("endpoint", endpoint),
        ("app", app),
        ("appArgs", "dialed"),
        ("callerId", caller_id),
        ("timeout", str(ring_s)),
    ]
    if originator:
        query.append(("originator", originator))
    return Request("POST", f"/channels/{_segment(channel_id)}", tuple(query), _limit(limit_s))


def external_media(
    channel_id: str, *, app: str, limit_s: int, connection: str = "", parameters: Mapping[str, str] | None = None
) -> Request:
    """A channel whose audio is a WebSocket: mu-law, JSON control messages.

    Without ``connection`` Asterisk waits for us at ``/media/<connection id>`` (server mode). With it Asterisk connects to us, as
    that section of ``websocket_client.conf`` says, with ``parameters`` in the query of the address; their values may hold
    letters, digits, ``-``, ``.``, ``_`` and ``~`` only.
    """
    options = "f(json)"
    if connection and parameters:
        options += f"v({','.join(f'{name}={value}' for name, value in parameters.items())})"
    query = (
        ("channelId", channel_id),
        ("app", app),
        ("external_host", connection or "INCOMING"),
        ("encapsulation", "none"),
        ("transport", "websocket"),
        ("connection_type", "client" if connection else "server"),
        ("format", "ulaw"),
        ("data", "media"),
        ("transport_data", options),
    )
    return Request("POST", "/channels/externalMedia", query, _limit(limit_s))


def get_channel(channel_id: str) -> Request:
    """One channel; 404 when it is over or never was."""
    return Request("GET", f"/channels/{_segment(channel_id)}")


def hang_up(channel_id: str) -> Request:
    """End a channel; 404 when it is over already."""
    return Request("DELETE", f"/channels/{_segment(channel_id)}", (("reason_code", "16"),))


def set_limit(channel_id: str, limit_s: int) -> Request:
    """Let Asterisk end the channel so many seconds from now, whatever becomes of us."""
    query = (("variable", "TIMEOUT(absolute)"), ("value", str(limit_s)))
    return Request("POST", f"/channels/{_segment(channel_id)}/variable", query)


def send_digits(channel_id: str, digits: str) -> Request:
    """Press keys towards the far side (RFC 4733 on SIP)."""
    return Request("POST", f"/channels/{_segment(channel_id)}/dtmf", (("dtmf", digits),))


# --- bridges -----------------------------------------------------------------------------------------------------------


def create_bridge(bridge_id: str, name: str) -> Request:
    """A bridge that mixes audio and passes digits. The same id again gives the bridge that there is."""
    return Request("POST", f"/bridges/{_segment(bridge_id)}", (("type", "mixing"), ("name", name)))


def list_bridges() -> Request:
    """All bridges."""
    return Request("GET", "/bridges")


def add_to_bridge(bridge_id: str, *channel_ids: str) -> Request:
    """Put channels into a bridge, out of the one in which they are; 422 for a channel that is not in Stasis yet."""
    return Request("POST", f"/bridges/{_segment(bridge_id)}/addChannel", (("channel", ",".join(channel_ids)),))


def delete_bridge(bridge_id: str) -> Request:
    """Take a bridge away; its channels stay."""
    return Request("DELETE", f"/bridges/{_segment(bridge_id)}")


def record_bridge(bridge_id: str, name: str) -> Request:
    """Record what is mixed. A channel that is bridged cannot be recorded itself: that fails after its 201."""
    return Request(
        "POST", f"/bridges/{_segment(bridge_id)}/record", (("name", name), ("format", "wav"), ("ifExists", "overwrite"))
    )


# --- the server --------------------------------------------------------------------------------------------------------


def info() -> Request:
    """Which Asterisk this is."""
    return Request("GET", "/asterisk/info")


def ping() -> Request:
    """The server's own time."""
    return Request("GET", "/asterisk/ping")


def module(name: str) -> Request:
    """Whether a module is loaded; 404 when it is not known, 409 when it could not be read."""
    return Request("GET", f"/asterisk/modules/{_segment(name)}")


def endpoint(tech: str, resource: str) -> Request:
    """The state of a trunk."""
    return Request("GET", f"/endpoints/{_segment(tech)}/{_segment(resource)}")


def events(app: str) -> Request:
    """The WebSocket of events; an application exists while somebody listens, and a second listener takes its place."""
    return Request("GET", "/events", (("app", app), ("subscribeAll", "false")))


def _limit(limit_s: int) -> Body:
    return {"variables": {"TIMEOUT(absolute)": str(limit_s)}}


def _segment(name: str) -> str:
    return quote(name, safe="")

"""The requests of the REST interface: what each does, and what is refused, in Asterisk's words.

Only what Asterisk knows is taken: an address, a parameter or a body that it does not know is a violation, refused with 400.
"""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dialer.simulation.asterisk import messages
from dialer.simulation.asterisk.exchange import NORMAL, About, Bridge, Channel, Exchange, Media
from dialer.simulation.asterisk.media import MediaQueue
from dialer.simulation.asterisk.trunk import Trunk

Query = Mapping[str, str]
LONGEST_ID = 149
_LIMIT = "TIMEOUT(absolute)"
_ENDPOINT = re.compile(r"(?P<tech>[A-Za-z]+)/(?P<number>\+?[0-9]+)@(?P<trunk>[A-Za-z0-9_-]+)")


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and what is written in it."""

    status: int
    body: Any = None


@dataclass(frozen=True, slots=True)
class Setup:
    """How it is set up. ``clients``: sections of websocket_client.conf with their addresses; ``trunks``: their states."""

    version: str = "22.10.1"
    trunks: Mapping[str, str] = field(default_factory=lambda: {"trunk": "online"})
    clients: Mapping[str, str] = field(default_factory=dict)
    modules: frozenset[str] = frozenset({"chan_websocket.so"})


def error(status: int, message: str) -> Answer:
    """A refusal."""
    return Answer(status, {"message": message})


Handler = Callable[["Rest", list[str], Query, Mapping[str, Any]], Answer]


class Rest:
    """Carries requests out. ``connect`` is called with a media channel that Asterisk itself has to connect."""

    def __init__(self, exchange: Exchange, trunk: Trunk, setup: Setup, connect: Callable[[Channel, str], None]) -> None:
        self.exchange = exchange
        self.trunk = trunk
        self.setup = setup
        self.connect = connect
        self.violations: list[str] = []

    def handle(self, method: str, path: str, query: list[tuple[str, str]], body: Any) -> Answer:
        """One request, its path below ``/ari``."""
        for pattern, wanted, names, handler in ROUTES:
            match = re.fullmatch(pattern, path)
            if match is None or method != wanted:
                continue
            unknown = [name for name, _ in query if name not in names]
            is_body_right = body is None or (isinstance(body, dict) and isinstance(body.get("variables", {}), dict))
            if unknown or not is_body_right or len(dict(query)) != len(query):
                return self._violated(f"{method} {path}: {', '.join(unknown) or 'body or parameters'}")
            return handler(self, list(match.groups()), dict(query), (body or {}).get("variables", {}))
        return self._violated(f"{method} {path}: no such request")

    def _violated(self, what: str) -> Answer:
        self.violations.append(what)
        return error(400, what)

    def make(self, channel: Channel, variables: Mapping[str, Any]) -> None:
        """A new channel with its variables."""
        for name, value in variables.items():
            if name != _LIMIT:
                channel.variables[name] = str(value)
        self.exchange.add(channel)
        if _LIMIT in variables:
            self.exchange.set_limit(channel, float(variables[_LIMIT]))


def _originate(rest: Rest, parts: list[str], query: Query, variables: Mapping[str, Any]) -> Answer:
    channel_id = parts[0]
    endpoint = _ENDPOINT.fullmatch(query.get("endpoint", ""))
    if endpoint is None or not query.get("app") or len(channel_id) > LONGEST_ID:
        return error(400, "Invalid endpoint specified")
    if channel_id in rest.exchange.channels:
        return error(409, "Channel with given unique ID already exists")
    if query.get("originator", "") not in ("", *rest.exchange.channels):
        return error(400, "Provided originator channel was not found")
    if endpoint["trunk"] not in rest.setup.trunks:
        return error(500, "Allocation failed")
    caller = query.get("callerId", "").strip("<>")
    ring_s = int(query.get("timeout", "0")) or 30
    name = f"{endpoint['tech']}/{endpoint['trunk']}-{len(rest.trunk.rung):08x}"
    args, now = query.get("appArgs", ""), rest.exchange.clock.now()
    about = About(channel_id, name, query["app"], args, caller, endpoint["number"], now)
    channel = Channel(about, lambda cause, text, code: rest.trunk.ended(channel, cause, text, code))
    rest.make(channel, variables)
    rest.trunk.dial(channel, ring_s, int(variables.get(_LIMIT, "0")), is_on_behalf="originator" in query)
    return Answer(200, channel.snapshot())


def _external_media(rest: Rest, parts: list[str], query: Query, variables: Mapping[str, Any]) -> Answer:
    is_client = query.get("connection_type", "client") == "client"
    host, options = query.get("external_host", ""), query.get("transport_data", "")
    channel_id = query.get("channelId", uuid.uuid4().hex)
    if query.get("transport") != "websocket" or query.get("encapsulation") != "none" or query.get("format") != "ulaw":
        return error(400, "only WebSocket media in ulaw is simulated")
    if not query.get("app"):
        return error(400, "app cannot be empty")
    if channel_id in rest.exchange.channels:
        return error(409, "Channel with given unique ID already exists")
    if is_client and host not in rest.setup.clients:
        return error(400, "external_host must be a valid websocket_client connection id.")
    parsed = re.fullmatch(r"f\(json\)(?:v\(([A-Za-z0-9=,._~-]*)\))?", options)
    if parsed is None or (parsed[1] and not is_client):
        return error(500, "Internal Server Error")
    connection_id = host if is_client else str(uuid.uuid4())
    name = f"WebSocket/{host}/0x{uuid.uuid4().hex[:12]}"
    about = About(channel_id, name, query["app"], query.get("data", ""), "", "", rest.exchange.clock.now())
    channel = Channel(about, lambda *_: None)
    channel.media = Media(MediaQueue(channel_id), connection_id)
    shown = {"MEDIA_WEBSOCKET_OPTIMAL_FRAME_SIZE": "160", "MEDIA_WEBSOCKET_CONNECTION_ID": connection_id}
    rest.make(channel, {**variables, **shown})
    rest.exchange.tell_dial(channel, "")
    if is_client:
        rest.connect(channel, f"{rest.setup.clients[host]}?{(parsed[1] or '').replace(',', '&')}")
    answer = channel.snapshot()
    channel.variables.clear()  # the answer shows them, events do not
    return Answer(200, answer)


def _get_channel(rest: Rest, parts: list[str], _query: Query, _: Mapping[str, Any]) -> Answer:
    channel = rest.exchange.channels.get(parts[0])
    return error(404, "Channel not found") if channel is None else Answer(200, channel.snapshot())


def _list_channels(rest: Rest, _parts: list[str], _query: Query, _: Mapping[str, Any]) -> Answer:
    return Answer(200, [channel.snapshot() for channel in rest.exchange.channels.values()])


def _hang_up(rest: Rest, parts: list[str], query: Query, _: Mapping[str, Any]) -> Answer:
    channel = rest.exchange.channels.get(parts[0])
    if channel is None:
        return error(404, "Channel not found")
    if "reason" in query and "reason_code" in query:
        return error(400, "The reason and reason_code can't both be specified")
    rest.exchange.ask_to_end(channel, is_soft=True)
    if channel.state != "Up" and channel.media is None:
        rest.exchange.tell_dial(channel, "NOANSWER")
    rest.exchange.end(channel.id, *NORMAL)
    return Answer(204)


def _set_variable(rest: Rest, parts: list[str], query: Query, _: Mapping[str, Any]) -> Answer:
    channel = rest.exchange.channels.get(parts[0])
    if channel is None:
        return error(404, "Provided channel was not found")
    if not channel.is_in_stasis:
        return error(409, "Channel not in Stasis application")
    if query.get("variable") == _LIMIT:
        rest.exchange.set_limit(channel, float(query.get("value", "0")))
    elif "variable" not in query:
        return error(400, "Variable name is required")
    return Answer(204)


def _send_digits(rest: Rest, parts: list[str], query: Query, _: Mapping[str, Any]) -> Answer:
    channel = rest.exchange.channels.get(parts[0])
    if channel is None:
        return error(404, "Channel not found")
    if not channel.is_in_stasis:
        return error(409, "Channel not in Stasis application")
    if not query.get("dtmf"):
        return error(400, "DTMF is required")
    if channel.far is not None:
        channel.far.digits += query["dtmf"]
    return Answer(204)


def _create_bridge(rest: Rest, parts: list[str], query: Query, _: Mapping[str, Any]) -> Answer:
    bridge = rest.exchange.bridges.get(parts[0])
    if bridge is None:
        bridge = Bridge(parts[0], query.get("name", ""), rest.exchange.clock.now())
        rest.exchange.bridges[bridge.id] = bridge
    return Answer(200, bridge.snapshot())


def _list_bridges(rest: Rest, _parts: list[str], _query: Query, _: Mapping[str, Any]) -> Answer:
    return Answer(200, [bridge.snapshot() for bridge in rest.exchange.bridges.values()])


def _delete_bridge(rest: Rest, parts: list[str], _query: Query, _: Mapping[str, Any]) -> Answer:
    bridge = rest.exchange.bridges.get(parts[0])
    if bridge is None:
        return error(404, "Bridge not found")
    for name in list(bridge.members):
        rest.exchange.leave(rest.exchange.channels[name])
    del rest.exchange.bridges[bridge.id]
    return Answer(204)


def _add_channel(rest: Rest, parts: list[str], query: Query, _: Mapping[str, Any]) -> Answer:
    bridge = rest.exchange.bridges.get(parts[0])
    if bridge is None:
        return error(404, "Bridge not found")
    channels = [rest.exchange.channels.get(name) for name in query.get("channel", "").split(",")]
    for channel in channels:
        if channel is None:
            return error(400, "Channel not found")
        if not channel.is_in_stasis:
            return error(422, "Channel not in Stasis application")
    for channel in channels:
        assert channel is not None
        rest.exchange.join(channel, bridge)
    return Answer(204)


def _record_bridge(rest: Rest, parts: list[str], query: Query, _: Mapping[str, Any]) -> Answer:
    bridge = rest.exchange.bridges.get(parts[0])
    if bridge is None:
        return error(404, "Bridge not found")
    bridge.recording = query.get("name", "")
    return Answer(201, messages.recording(bridge.recording, bridge.id, "queued"))


def _info(rest: Rest, _parts: list[str], _query: Query, _: Mapping[str, Any]) -> Answer:
    return Answer(200, messages.info(rest.setup.version, rest.exchange.clock.now()))


def _ping(rest: Rest, _parts: list[str], _query: Query, _: Mapping[str, Any]) -> Answer:
    return Answer(200, messages.ping(rest.exchange.clock.now()))


def _module(rest: Rest, parts: list[str], _query: Query, _: Mapping[str, Any]) -> Answer:
    if parts[0] not in rest.setup.modules:
        return error(404, "Module could not be found in running modules")
    return Answer(200, messages.module(parts[0]))


def _endpoint(rest: Rest, parts: list[str], _query: Query, _: Mapping[str, Any]) -> Answer:
    state = rest.setup.trunks.get(parts[1])
    return error(404, "Endpoint not found") if state is None else Answer(200, messages.endpoint(parts[0], parts[1], state))


_ORIGINATE = (
    "endpoint", "extension", "context", "priority", "label", "app", "appArgs", "callerId", "timeout", "otherChannelId",
    "originator", "formats",
)  # fmt: skip
_MEDIA = (
    "channelId", "app", "external_host", "encapsulation", "transport", "connection_type", "format", "direction", "data",
    "transport_data",
)  # fmt: skip
_JOINING = ("channel", "role", "absorbDTMF", "mute", "inhibitConnectedLineUpdates")
_RECORDING = (
    "name", "format", "recorder_format", "maxDurationSeconds", "maxSilenceSeconds", "ifExists", "beep", "terminateOn",
)  # fmt: skip
_ID = "([^/]+)"
ROUTES: tuple[tuple[str, str, tuple[str, ...], Handler], ...] = (
    ("/channels/externalMedia", "POST", _MEDIA, _external_media),
    ("/channels", "GET", (), _list_channels),
    (f"/channels/{_ID}", "POST", _ORIGINATE, _originate),
    (f"/channels/{_ID}", "GET", (), _get_channel),
    (f"/channels/{_ID}", "DELETE", ("reason_code", "reason"), _hang_up),
    (f"/channels/{_ID}/variable", "POST", ("variable", "value", "report_events"), _set_variable),
    (f"/channels/{_ID}/dtmf", "POST", ("dtmf", "before", "between", "duration", "after"), _send_digits),
    ("/bridges", "GET", (), _list_bridges),
    (f"/bridges/{_ID}", "POST", ("type", "name"), _create_bridge),
    (f"/bridges/{_ID}", "DELETE", (), _delete_bridge),
    (f"/bridges/{_ID}/addChannel", "POST", _JOINING, _add_channel),
    (f"/bridges/{_ID}/record", "POST", _RECORDING, _record_bridge),
    ("/asterisk/info", "GET", ("only",), _info),
    ("/asterisk/ping", "GET", (), _ping),
    (f"/asterisk/modules/{_ID}", "GET", (), _module),
    (f"/endpoints/{_ID}/{_ID}", "GET", (), _endpoint),
)

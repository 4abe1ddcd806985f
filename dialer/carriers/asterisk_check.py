"""Whether this Asterisk can carry calls: asked before anybody is called. Nothing is dialled."""

import re
from dataclasses import dataclass
from datetime import datetime

from dialer.carriers.asterisk_call import Plan
from dialer.carriers.asterisk_line import ClientDoor, Line
from dialer.carriers.asterisk_switch import Switch
from dialer.carriers.base import Finding
from dialer.clock import Clock
from dialer.errors import CarrierError
from dialer.wire import asterisk_ari as ari
from dialer.wire.asterisk_ari_events import decode_endpoint, decode_module, decode_time, decode_version

OLDEST = ((20, 18), (22, 8), (23, 2))
"""Of each line of versions: JSON control messages and marks on media sockets, and no more hang-ups over pings."""
LARGEST_DIFFERENCE_S = 2.0
LINE_S = 30


@dataclass(slots=True)
class Examiner:
    """Looks at one Asterisk, part by part."""

    switch: Switch
    plan: Plan
    clock: Clock

    async def examine(self) -> list[Finding]:
        """Every part; when Asterisk cannot be asked at all, that alone."""
        try:
            reply = await self.switch.do(ari.info())
        except CarrierError as error:
            return [_unasked(error)]
        version = decode_version(reply.body)
        return [
            _version(version),
            *[await self._module(name) for name in self._modules()],
            await self._trunk(),
            await self._clock(),
            await self._media(),
        ]

    def _modules(self) -> list[str]:
        is_client = isinstance(self.plan.door, ClientDoor)
        return ["chan_websocket.so", *(["res_websocket_client.so"] if is_client else [])]

    async def _module(self, name: str) -> Finding:
        part = f"asterisk {name.removesuffix('.so')}"
        try:
            status = decode_module((await self.switch.do(ari.module(name))).body)
        except CarrierError as error:
            return Finding(part, str(error), f"load {name} in modules.conf", is_ours=True)
        is_running = status == "Running"
        return Finding(part, status.lower() or "unknown", "" if is_running else f"load {name} in modules.conf", is_ours=True)

    async def _trunk(self) -> Finding:
        """The endpoint behind the dial string."""
        named = re.match(r"(\w+)/(?:[^@/]*@)?([\w.-]+)", self.plan.dial_string("+12125550100"))
        if named is None:
            return Finding(
                "asterisk trunk", "the dial string names no endpoint", "correct DIALER_ASTERISK_ENDPOINT", is_ours=True
            )
        tech, resource = named[1], named[2]
        part = f"asterisk trunk {resource}"
        try:
            state = decode_endpoint((await self.switch.do(ari.endpoint(tech, resource))).body)
        except CarrierError as error:
            mend = f"there must be an endpoint [{resource}] in pjsip.conf, or another in DIALER_ASTERISK_ENDPOINT"
            return Finding(part, str(error), mend, is_ours=error.code == "http_404")
        if state == "offline":
            return Finding(
                part, "offline", "the provider does not answer OPTIONS: check its address, the firewall and the account"
            )
        return Finding(part, state if state == "online" else "unknown: set qualify_frequency on its aor to have it watched")

    async def _clock(self) -> Finding:
        try:
            theirs = datetime.strptime(decode_time((await self.switch.do(ari.ping())).body), "%Y-%m-%dT%H:%M:%S.%f%z")
        except (CarrierError, ValueError) as error:
            return Finding("asterisk clock", str(error), "is this Asterisk?")
        apart_s = abs((theirs - self.clock.lease_now()).total_seconds())
        seen = f"{apart_s:.1f} s apart from ours"
        return Finding("asterisk clock", seen, "" if apart_s <= LARGEST_DIFFERENCE_S else "run NTP on both machines")

    async def _media(self) -> Finding:
        """Events are heard, and a media channel comes up in a bridge, as for a call."""
        if isinstance(self.plan.door, ClientDoor) and self.plan.door.is_guest:
            seen = "not tried: a worker is at work where Asterisk would connect to; its calls show it"
            return Finding("asterisk media", seen)
        line = Line(self.switch, self.plan.door, f"doctor-{self.switch.app}", lambda: None)
        try:
            await self.switch.ready()
            await line.open(LINE_S)
        except CarrierError as error:
            return Finding("asterisk media", str(error), "check DIALER_ASTERISK_MEDIA and where its sockets lead")
        await line.close("looked at")
        return Finding("asterisk media", "events are heard, and a media channel was opened and closed")


def _unasked(error: CarrierError) -> Finding:
    if error.code in ("http_401", "http_403"):
        mend = "correct DIALER_ASTERISK_USER and DIALER_ASTERISK_PASSWORD; the user must not be read_only in ari.conf"
        return Finding("asterisk", str(error), mend, is_ours=True)
    return Finding("asterisk", str(error), "is DIALER_ASTERISK_URL right, http.conf enabled, and ari.conf enabled?")


def _version(version: str) -> Finding:
    """22.8, 20.18 or 23.2 at least, each in its own line of versions."""
    numbers = re.search(r"(\d+)\.(\d+)", version)
    wanted = " or ".join(f"{major}.{minor}" for major, minor in OLDEST)
    if numbers is None:
        return Finding("asterisk", version or "no version told", f"Asterisk {wanted} is needed", is_ours=True)
    major, minor = int(numbers[1]), int(numbers[2])
    is_new = major > OLDEST[-1][0] or any(major == line and minor >= least for line, least in OLDEST)
    return Finding("asterisk", version, "" if is_new else f"Asterisk {wanted} or newer is needed", is_ours=True)

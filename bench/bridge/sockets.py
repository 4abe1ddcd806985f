"""WebSockets by hand (RFC 6455), for load alone: frames are prepared once and sent many times, and are hardly looked at.

A client's frames must be masked; the mask that they have here is zero, so the masked frame is the frame. Whole messages only.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable
from typing import cast

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


def frame(payload: bytes, *, is_masked: bool, opcode: int = _TEXT) -> bytes:
    """One message as it goes over the wire."""
    count, bit = len(payload), 0x80 if is_masked else 0
    head = bytes((0x80 | opcode,))
    if count < 126:
        head += bytes((bit | count,))
    elif count < 65536:
        head += bytes((bit | 126,)) + count.to_bytes(2)
    else:
        head += bytes((bit | 127,)) + count.to_bytes(8)
    return head + (b"\0\0\0\0" if is_masked else b"") + payload


class FarEnd(asyncio.Protocol):
    """One connection. ``message(place, count, mask)`` is told of each text; ``text`` reads it, for those that want to."""

    is_masking = False

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.buffer = bytearray()
        self.path = ""
        self.bytes_in = self.messages_in = self.messages_out = 0
        self._is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TCP is there."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name

    def data_received(self, data: bytes) -> None:
        """Handshake, then frames."""
        self.buffer += data
        self.bytes_in += len(data)
        if not self._is_open:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self.buffer[:end]).decode("latin-1")
            del self.buffer[: end + 4]
            self._is_open = True
            self.shake_hands(head)
        self._read_frames()

    def shake_hands(self, head: str) -> None:
        """The peer's side of the upgrade has come."""
        raise AssertionError("a far end is a server or a client")

    def opened(self) -> None:
        """Messages may be sent."""

    def message(self, place: int, count: int, mask: bytes) -> None:
        """A text lies in the buffer."""

    def send(self, payload: str | bytes) -> None:
        """Send one text."""
        data = payload.encode() if isinstance(payload, str) else payload
        self.messages_out += 1
        self.transport.write(frame(data, is_masked=self.is_masking))

    def text(self, place: int, count: int, mask: bytes) -> bytes:
        """The text at a place in the buffer."""
        payload = bytes(self.buffer[place : place + count])
        if not any(mask):
            return payload
        key = (mask * (count // 4 + 1))[:count]
        return (int.from_bytes(payload) ^ int.from_bytes(key)).to_bytes(count)

    def _read_frames(self) -> None:
        buffer, at, end = self.buffer, 0, len(self.buffer)
        while end - at >= 2:
            opcode, count, place = buffer[at] & 15, buffer[at + 1] & 127, at + 2
            is_masked = buffer[at + 1] & 128
            if count == 126:
                count, place = int.from_bytes(buffer[at + 2 : at + 4]), at + 4
            elif count == 127:
                count, place = int.from_bytes(buffer[at + 2 : at + 10]), at + 10
            mask = b""
            if is_masked:
                mask = bytes(buffer[place : place + 4])
                place += 4
            if end < place + count:
                break
            if opcode == _TEXT:
                self.messages_in += 1
                self.message(place, count, mask)
            elif opcode == _PING:
                self.transport.write(frame(self.text(place, count, mask), is_masked=self.is_masking, opcode=_PONG))
            elif opcode == _CLOSE:
                self.transport.write(frame(self.text(place, count, mask)[:2], is_masked=self.is_masking, opcode=_CLOSE))
                self.transport.close()
            at = place + count
        del buffer[:at]


class Served(FarEnd):
    """Somebody connects to us."""

    def shake_hands(self, head: str) -> None:
        """Accept."""
        self.path = head.split(" ", 2)[1]
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:])}
        accept = base64.b64encode(hashlib.sha1(fields["sec-websocket-key"].encode() + _GUID).digest()).decode()  # RFC 6455
        answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        self.transport.write(f"{answer}Sec-WebSocket-Accept: {accept}\r\n\r\n".encode())
        self.opened()


class Calling(FarEnd):
    """We connect to somebody."""

    is_masking = True

    def __init__(self, path: str) -> None:
        """``path``: what is asked for."""
        super().__init__()
        self.path = path

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        super().connection_made(transport)
        fields = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        self.transport.write(f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{fields}{key}\r\n".encode())

    def shake_hands(self, head: str) -> None:
        """Accepted."""
        assert head.startswith("HTTP/1.1 101"), head
        self.opened()


async def listen(make: Callable[[], Served]) -> tuple[asyncio.Server, int]:
    """A server on a free port of this machine."""
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0, backlog=1000)
    return server, int(server.sockets[0].getsockname()[1])

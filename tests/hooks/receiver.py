"""A real HTTP server on the loopback that remembers what it was sent and answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class Request:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Receiver:
    """``statuses`` are used up one by one, then it is 200; while ``is_held`` is set nobody gets an answer."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    more: dict[str, str] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    held: threading.Event | None = None

    @property
    def ids(self) -> list[str]:
        """The ``webhook-id`` of each request."""
        return [request.headers["webhook-id"] for request in self.requests]


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A receiver that listens until the end of the block."""
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.requests.append(Request(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            if made.held is not None:
                made.held.wait(30)
            self.send_response(made.statuses.pop(0) if made.statuses else 200)
            for name, value in made.more.items():
                self.send_header(name, value)
            self.send_header("content-length", "4")
            self.end_headers()
            self.wfile.write(b"done")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        if made.held is not None:
            made.held.set()
        server.shutdown()
        thread.join()
        server.server_close()

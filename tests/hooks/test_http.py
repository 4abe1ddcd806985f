"""One signed POST, against a real server."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dialer.hooks.http import HttpHook
from dialer.wire.webhook import Answer, Message, key_of
from tests.hooks.receiver import SECRET, Receiver, receiver

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
MESSAGE = Message("msg_1", '{"name":"María"}'.encode())


def sent(url: str, limit_s: float = 10.0) -> Answer:
    """Try once."""
    return asyncio.run(HttpHook(url, key_of(SECRET), lambda: NOW, limit_s).send(MESSAGE))


def check_signature(target: Receiver) -> None:
    """As a receiver does it, with nothing of ours."""
    (request,) = target.requests
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    key = base64.b64decode(SECRET.partition("_")[2])
    wanted = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert request.headers["webhook-signature"] == f"v1,{wanted}"


def test_a_message_arrives_signed() -> None:
    with receiver() as target:
        assert sent(target.url) == Answer()
        check_signature(target)
        (request,) = target.requests
    assert (request.path, request.body) == ("/hook", MESSAGE.body)
    assert request.headers["webhook-id"] == "msg_1"
    assert request.headers["webhook-timestamp"] == str(int(NOW.timestamp()))


def test_a_redirect_is_not_followed() -> None:
    with receiver() as elsewhere, receiver() as target:
        target.statuses, target.more = [307], {"location": elsewhere.url}
        assert sent(target.url).error == "HTTP 307 Temporary Redirect"
        assert elsewhere.requests == []


def test_refusals_are_told_with_their_wish() -> None:
    with receiver() as target:
        target.statuses, target.more = [503, 410], {"retry-after": "77"}
        assert sent(target.url) == Answer("HTTP 503 Service Unavailable", retry_after_s=77.0)
        assert sent(target.url).is_gone


def test_a_silent_receiver_is_left_in_time() -> None:
    with receiver() as target:
        target.held = threading.Event()
        assert sent(target.url, 0.2) == Answer("no answer within 0.2 s", is_reachable=False)


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    answer = sent(url)
    assert answer.error.startswith("cannot connect: ")
    assert not answer.is_reachable


def test_a_server_that_hangs_up_or_talks_nonsense() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def babble() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")

        thread = threading.Thread(target=babble)
        thread.start()
        answer = sent(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        thread.join()
    assert answer.error
    assert not answer.is_reachable


@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY"])
def test_the_proxies_of_the_environment_see_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as proxy, receiver() as target:
        monkeypatch.setenv(name, proxy.url)
        assert sent(target.url) == Answer()
        assert proxy.requests == []


def tls_server(folder: Path) -> tuple[str, Callable[[], None]]:
    """An HTTPS address with a certificate that signed itself."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert", folder / "key")
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()

    def close() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    return f"https://localhost:{server.server_port}/", close


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate with")
def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("tls")
    url, close = tls_server(folder)
    try:
        answer = sent(url)
    finally:
        close()
    assert "certificate" in answer.error.lower()

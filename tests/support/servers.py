"""A server program run for the tests: where it comes from, under which account, how it starts and surely stops."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

START_TIMEOUT_S = 30.0


class Unavailable(Exception):
    """No source gave a server; the text says what each one answered."""


@dataclass(frozen=True)
class Account:
    """The unprivileged account that a server runs under when the tests run as root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Binaries:
    """One place with server binaries, in the words of the test summary."""

    directory: Path
    label: str
    is_embedded: bool = False


@dataclass
class Server:
    """A server that the tests may use: its address, what it is, and how to stop it."""

    url: str
    description: str
    process: subprocess.Popen[bytes] | None = None
    directory: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    used_databases: int = field(default=0)

    def stop(self) -> None:
        """End the server, if it is ours, and remove its files. May be called twice."""
        process, self.process = self.process, None
        if process is not None and process.poll() is None:
            process.send_signal(self.stop_signal)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        directory, self.directory = self.directory, None
        if directory is not None:
            shutil.rmtree(directory, ignore_errors=True)


def unprivileged_account() -> Account | None:
    """``None`` when we are not root; else an account that a server can run under."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise Unavailable("the tests run as root and neither the account postgres nor nobody exists")


def private_directory(kind: str, account: Account | None) -> Path:
    """A new temporary directory that belongs to ``account`` and can be reached by it."""
    wanted = Path(tempfile.gettempdir())
    reachable = all(parent.stat().st_mode & 0o001 for parent in (wanted, *wanted.parents))
    base = wanted if account is None or reachable else Path("/tmp")
    directory = Path(tempfile.mkdtemp(prefix=f"dialer-{kind}-", dir=base))
    if account is not None:
        os.chown(directory, account.uid, account.gid)
    return directory


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def die_with_parent() -> None:
    """Runs in the child: on Linux, ask the kernel for an interrupt when the test run dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT, 0, 0, 0)  # 1 = PR_SET_PDEATHSIG


def spawn(command: list[str], directory: Path, account: Account | None, **options: object) -> subprocess.Popen[bytes]:
    """Start ``command`` in its own process group (Ctrl-C is ours to handle), under ``account`` when there is one."""
    if account is not None:
        options |= {"user": account.uid, "group": account.gid, "extra_groups": []}
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]  # options are passed through as they are
        command,
        cwd=directory,
        start_new_session=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509  # one system call, made before any thread of the tests exists
        **options,
    )


@contextlib.contextmanager
def removed_on_failure(directory: Path) -> Iterator[None]:
    """Leave nothing of ``directory`` behind when the block fails."""
    try:
        yield
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise


def wait_until_ready(server: Server, is_ready: Callable[[], bool], log: Path) -> None:
    """Return when ``is_ready``; else stop the server and raise ``Unavailable`` with the end of its log."""
    atexit.register(server.stop)
    end = time.monotonic() + START_TIMEOUT_S
    try:
        while server.process is not None and server.process.poll() is None and time.monotonic() < end:
            if is_ready():
                return
            time.sleep(0.02)
        tail = log.read_text(errors="replace")[-400:].strip()
        raise Unavailable(f"did not start: {tail or 'no answer'}")
    except BaseException:
        server.stop()
        raise


def first_that_starts(candidates: Iterator[Binaries], run: Callable[[Binaries], Server], nothing: str) -> Server:
    """The server of the first candidate that starts; ``Unavailable`` with what each candidate said, or ``nothing``."""
    reasons = []
    for binaries in candidates:
        try:
            return run(binaries)
        except (Unavailable, OSError, subprocess.SubprocessError) as error:
            reasons.append(f"{binaries.label}: {error}")
    raise Unavailable("; ".join(reasons) or nothing)

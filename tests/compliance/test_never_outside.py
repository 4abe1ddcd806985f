"""Nothing is dialled outside the hours: by definition, over many campaigns, and on a machine with poisoned zone data."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.compliance.hours import Window, is_open, next_open
from dialer.compliance.permit import permit
from dialer.compliance.places import _states
from dialer.compliance.zones import _known_zones, is_area_city, load_zone
from dialer.model.decision import Stage, Verdict
from dialer.model.phone import PhoneNumber
from tests.compliance.cases import facts

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CITIES = sorted(name for name in _known_zones() if is_area_city(name))
# The weeks of the changes in both halves of the world, 2026 and 2027; any instant besides.
DST_WEEKS = [datetime(2026, *day, tzinfo=UTC) for day in ((3, 6), (3, 27), (4, 3), (9, 25), (10, 2), (10, 23), (10, 30))]
instants = st.one_of(
    st.sampled_from(DST_WEEKS).flatmap(
        lambda day: st.integers(0, 5 * 86_400).map(lambda second: day + timedelta(seconds=second))
    ),
    st.integers(0, 700 * 86_400).map(lambda second: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)),
)
spans = st.tuples(st.integers(0, 95), st.integers(1, 96)).filter(lambda span: span[0] < span[1])
windows = st.builds(
    lambda days, guard, closed: Window(
        tuple(((begin * 900, end * 900),) if begin is not None else () for begin, end in days), guard, frozenset(closed)
    ),
    st.lists(spans | st.just((None, None)), min_size=7, max_size=7),
    st.sampled_from([0, 60, 300]),
    st.sets(st.integers(0, 700).map(lambda day: (datetime(2026, 1, 1) + timedelta(days=day)).date()), max_size=5),  # noqa: DTZ001  # a date
)
zones = st.lists(st.sampled_from(CITIES), min_size=1, max_size=4, unique=True).map(tuple)


def by_definition(window: Window, names: tuple[str, ...], instant: datetime) -> bool:
    """The wall clock of every zone lies in a span of its weekday, not in the guard before its end, and not on a closed date."""
    for name in names:
        wall = instant.astimezone(load_zone(name))
        second = wall.hour * 3600 + wall.minute * 60 + wall.second + wall.microsecond / 1e6
        is_in = any(begin <= second < end - window.guard_s for begin, end in window.days[wall.weekday()])
        if not is_in or wall.date() in window.closed:
            return False
    return True


@given(windows, zones, instants)
@settings(max_examples=300)
def test_open_is_what_the_definition_says(window: Window, names: tuple[str, ...], instant: datetime) -> None:
    assert is_open(window, names, instant) == by_definition(window, names, instant)


@given(windows, zones, instants)
@settings(max_examples=150)
def test_the_next_opening_is_allowed_and_minimal_to_the_minute(window: Window, names: tuple[str, ...], instant: datetime) -> None:
    opening = next_open(window, names, instant)
    end = instant + timedelta(days=14) if opening is None else opening
    if opening is not None:
        assert by_definition(window, names, opening)
        assert opening == instant or not by_definition(window, names, opening - timedelta(microseconds=1))
    at = instant
    while at < min(end, instant + timedelta(days=2)):
        assert not by_definition(window, names, at)
        at += MINUTE


def test_a_thousand_campaigns_with_random_clocks_never_ring_outside() -> None:
    """Each campaign has a few contacts and a clock that wanders: it dials whenever it may, and waits as long as it is told to."""
    chance = random.Random(20261121)
    states = [state for state in _states() if state.country == "US" and state.areas and state.code != "CA"]
    dialled = 0
    for _ in range(1000):
        kind = chance.choice(["reminder", "promotion", "sales"])
        state = chance.choice(states)
        phone = PhoneNumber(f"+1{chance.choice(sorted(state.areas))}5550{chance.randint(100, 199)}")
        timezone = chance.choice(["", state.zones[0]])
        changes = {"kind": kind, "registrations": {"US-TX": "1"}}
        case = facts(phone=phone, timezone=timezone, state=chance.choice(["", state.code]), campaign=changes)
        now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.randint(0, 600 * 86_400))
        for _ in range(4):
            decision = permit(case, now, Stage.DIAL)
            if decision.is_allowed:
                dialled += 1
                for name in {*decision.zones, timezone} - {""}:
                    wall = now.astimezone(ZoneInfo(name))
                    assert 9 <= wall.hour < 20, (kind, name, wall)
                    assert kind == "reminder" or wall.weekday() < 6, (kind, name, wall)
            if decision.verdict is Verdict.HOLD:
                break
            wandered = timedelta(seconds=chance.choice([1, 61, 3600, 40_000, 90_000]))
            now = max(decision.next_allowed_at or now, now) + chance.choice([timedelta(0), wandered])
    assert dialled > 1000


def test_claimed_at_the_last_second_is_not_dialled_at_the_full_hour() -> None:
    case = facts(campaign={"kind": "reminder", "limits": {"call_s": 30}})
    claimed_at = datetime(2026, 11, 24, 0, 59, 29, tzinfo=UTC)  # 19:59:29 in New York, 31 s before closing: the guard is 30 s
    assert permit(case, claimed_at, Stage.CLAIM).is_allowed
    for late in (claimed_at + timedelta(seconds=1), claimed_at + timedelta(seconds=31)):
        decision = permit(case, late, Stage.DIAL)
        assert (decision.verdict, decision.code) == (Verdict.WAIT, "blocked_hours")
        assert decision.next_allowed_at == datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


LOOK = """
import dialer.clock
from datetime import UTC, datetime
from zoneinfo import ZoneInfo
from dialer.compliance.permit import permit
from dialer.model.decision import Stage
from tests.compliance.cases import facts
for hour in range(24):
    at = datetime(2026, 11, 24, hour, 30, tzinfo=UTC)
    found = permit(facts(timezone="America/Vancouver", campaign={"kind": "reminder"}), at, Stage.DIAL)
    print(hour, found.verdict.value, found.next_allowed_at, at.astimezone(ZoneInfo("America/Vancouver")).utcoffset())
"""


def old_zone_file(offset_s: int) -> bytes:
    """A zone file (RFC 8536, version 1) in which it is always ``offset_s`` east of Greenwich."""
    header = b"TZif" + b"\0" * 16 + struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    return header + struct.pack(">lBB", offset_s, 0, 0) + b"OLD\0"


def looked(**environ: str) -> str:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", LOOK]
    environment = {"PYTHONPATH": str(root), "PATH": "", **environ}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


@pytest.mark.parametrize("variable", ["PYTHONTZPATH", "TZDIR"])
def test_an_old_zone_database_of_the_machine_changes_no_decision(tmp_path: Path, variable: str) -> None:
    """Somebody's system says that Vancouver is eleven hours east of Greenwich."""
    (tmp_path / "America").mkdir()
    (tmp_path / "America" / "Vancouver").write_bytes(old_zone_file(11 * 3600))
    honest = looked()
    assert "-1 day" in honest, "west of Greenwich"
    assert looked(**{variable: str(tmp_path), "TZ": "Asia/Tokyo"}) == honest
    with (tmp_path / "America" / "Vancouver").open("rb") as file:
        poisoned = ZoneInfo.from_file(file)
    assert datetime(2026, 11, 24, tzinfo=UTC).astimezone(poisoned).utcoffset() == 11 * HOUR, "the poison is a real one"

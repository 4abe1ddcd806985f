"""The doctor names what is wrong and how to mend it, and the exit code follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from dialer import wiring
from dialer.carriers.base import Finding
from dialer.config import Loaded, Settings
from dialer.errors import StoreError, UserError, VoiceError
from dialer.model.phone import PhoneNumber
from dialer.model.realtime import shipped_realtime
from dialer.operations import doctor
from dialer.operations.doctor import Check, Health
from dialer.operations.parts import Lines, Parts
from dialer.store import lanes
from dialer.store.engine import open_store
from dialer.store.keys import number_of


def by_part(checks: list[Check]) -> dict[str, Check]:
    """The checks by their part."""
    return {check.part: check for check in checks}


def test_this_machine_is_well() -> None:
    assert {check.health for check in doctor.check_machine()} == {Health.OK}


def test_a_python_that_was_not_tried_is_a_warning() -> None:
    python, _ = doctor.check_machine((3, 99))
    assert (python.health, python.mend) == (Health.WARNING, "use Python 3.11 to 3.14")


def test_unknown_names_are_a_warning() -> None:
    assert doctor.check_settings(Loaded(Settings(), {"lanes": ".env"})).health is Health.OK
    check = doctor.check_settings(Loaded(Settings(), {}, ("DIALER_LANE",)))
    assert (check.health, check.seen) == (Health.WARNING, "DIALER_LANE is no setting; did you mean DIALER_LANES?")


def test_a_database_of_this_version_is_well(parts: Parts) -> None:
    assert doctor.check_database(parts).health is Health.OK


def test_a_database_without_tables_is_told_how_to_get_them(parts: Parts, tmp_path: Path) -> None:
    bare = replace(parts, store=open_store(f"sqlite:///{tmp_path / 'bare.db'}"))
    check = doctor.check_database(bare)
    assert (check.health, check.mend) == (Health.BAD_SETTING, "dialer db upgrade")


def test_a_database_that_does_not_answer_is_outside(parts: Parts) -> None:
    away = replace(parts, store=open_store("postgresql://me:secret@127.0.0.1:1/none"))
    for check in (doctor.check_database(away), doctor.check_lanes(away)):
        assert check.health is Health.NO_ANSWER
        assert "secret" not in check.seen


def test_lanes_at_work_are_counted(parts: Parts) -> None:
    assert doctor.check_lanes(parts).seen == "none at work"
    now = parts.clock.lease_now()
    with parts.store.write() as tx:
        lanes.take(tx, "node:0", "me", now, now + timedelta(minutes=1), "host", 1)
        lanes.take(tx, "node:1", "me", now - timedelta(hours=1), now - timedelta(minutes=1), "host", 1)
    assert doctor.check_lanes(parts).seen == "1 lanes at work, 0 calls in progress"


def test_the_simulated_lines_are_opened_for_real(parts: Parts) -> None:
    whole = wiring.build(parts.settings)
    try:
        found = by_part(doctor.check_lines(whole))
    finally:
        whole.store.close()
    assert {check.health for check in found.values()} == {Health.OK}
    assert found.keys() == {"carrier (simulated)", "voice (simulated)"}


def test_each_part_of_a_real_carrier_is_a_check_of_its_own(parts: Parts) -> None:
    whole = wiring.build(parts.settings)

    async def looked_at() -> list[Finding]:
        ours, theirs = Finding("trunk", "no such endpoint", "name it", is_ours=True), Finding("clock", "9 s apart", "run NTP")
        return [Finding("asterisk", "22.10.1"), ours, theirs]

    async def opened() -> Lines:
        return replace(await whole.open_lines(), examine=looked_at)

    try:
        found = by_part(doctor.check_lines(replace(whole, open_lines=opened)))
    finally:
        whole.store.close()
    healths = {part: found[part].health for part in ("asterisk", "trunk", "clock")}
    assert healths == {"asterisk": Health.OK, "trunk": Health.BAD_SETTING, "clock": Health.NO_ANSWER}
    assert "carrier (simulated)" not in found


@pytest.mark.parametrize("code", ["invalid_api_key", "http_401"])
def test_a_voice_that_refuses_is_said_with_its_remedy(parts: Parts, code: str) -> None:
    async def refused() -> Lines:
        raise VoiceError("the key was refused", code=code, retryable=False)

    (check,) = doctor.check_lines(replace(parts, open_lines=refused))
    assert check.health is Health.REFUSED
    assert check.mend.startswith("the key is wrong")


@pytest.mark.parametrize("error", [TimeoutError(), OSError("no route")])
def test_a_voice_that_is_silent_is_said(parts: Parts, error: Exception) -> None:
    async def silent() -> Lines:
        raise error

    (check,) = doctor.check_lines(replace(parts, open_lines=silent))
    assert check.health is Health.NO_ANSWER
    assert check.seen
    assert check.mend


def test_the_exit_code_is_that_of_the_gravest() -> None:
    well, warned = Check("a", Health.OK, ""), Check("b", Health.WARNING, "")
    bad, away = Check("c", Health.BAD_SETTING, ""), Check("d", Health.NO_ANSWER, "")
    assert doctor.exit_code([well, warned]) == 0
    assert doctor.exit_code([well, bad]) == 2
    assert doctor.exit_code([bad, away, warned]) == 4
    assert doctor.exit_code([bad, Check("e", Health.REFUSED, "")]) == 4


def test_a_model_that_is_switched_off_is_said_with_its_successor() -> None:
    row = next(row for row in shipped_realtime().models if row.shutdown_on is not None)
    last = row.shutdown_on
    assert last is not None
    settings = Settings(voice="openai", voice_model=row.names[0])
    (before,) = doctor.check_models(settings, last - timedelta(days=1))
    (after,) = doctor.check_models(settings, last)
    assert (before.health, after.health) == (Health.WARNING, Health.BAD_SETTING)
    assert after.mend == f"use {row.replacement}"
    assert doctor.check_models(settings.model_copy(update={"voice": "simulated"}), last) == []
    assert doctor.check_models(Settings(voice="openai"), last) == []


def test_a_database_that_others_may_read_is_a_warning(parts: Parts) -> None:
    path = Path(parts.settings.database_url.removeprefix("sqlite:///"))
    path.chmod(0o600)
    assert doctor.check_files(parts) == []
    path.chmod(0o644)
    (check,) = doctor.check_files(parts)
    assert (check.health, check.mend) == (Health.WARNING, f"chmod 600 {path}*")
    for url in ("postgresql://h/x", "sqlite:////nowhere/dialer.db"):
        settings = parts.settings.model_copy(update={"database_url": url})
        assert doctor.check_files(replace(parts, settings=settings)) == []


def test_an_error_becomes_a_check() -> None:
    assert doctor.failed("x", UserError("bad", hint="do")).as_json() == {
        "part": "x",
        "health": "bad_setting",
        "seen": "bad",
        "mend": "do",
    }
    assert doctor.failed("x", StoreError("away")).health is Health.NO_ANSWER


def test_the_ledger_key_is_the_databases_own_and_its_owners_alone(parts: Parts, tmp_path: Path) -> None:
    with parts.store.write() as tx:
        number_of(tx, PhoneNumber("+12125550123"))
    assert doctor.check_ledger_key(parts).health is Health.OK
    (tmp_path / "dialer.key").chmod(0o644)
    assert doctor.check_ledger_key(parts).mend == f"chmod 600 {tmp_path / 'dialer.key'}"
    key = "another key, long enough to be one too"
    settings = parts.settings.model_copy(update={"ledger_key": SecretStr(key)})
    other = replace(parts, settings=settings, store=open_store(settings.database_url, ledger_key=key))
    check = doctor.check_ledger_key(other)
    assert (check.health, "another one" in check.seen, "DIALER_LEDGER_KEY" in check.mend) == (Health.REFUSED, True, True)
    bare = replace(parts, store=open_store(f"sqlite:///{tmp_path / 'bare.db'}"))
    assert "before the tables" in doctor.check_ledger_key(bare).seen
    url = "postgresql://me@127.0.0.1:1/none"
    away = replace(parts, store=open_store(url), settings=parts.settings.model_copy(update={"database_url": url}))
    assert doctor.check_ledger_key(away).health is Health.NO_ANSWER

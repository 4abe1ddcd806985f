from __future__ import annotations

from pathlib import Path

from tests.cli.terminal import dialer, document


def test_from_nothing_to_a_healthy_workspace(bare: Path) -> None:
    assert "dialer.toml" in dialer("init").stdout
    assert "left as it is" in dialer("init", ".").stdout
    missing = document("doctor", code=2)
    assert {"part": "database", "health": "bad_setting", "mend": "dialer db upgrade"}.items() <= missing["checks"][-1].items()
    assert "is at revision" in dialer("db", "upgrade").stdout
    dialer("db", "upgrade")
    body = document("doctor")
    assert {check["health"] for check in body["checks"]} == {"ok"}
    assert {check["part"] for check in body["checks"]} >= {"broker", "database", "voice (simulated)", "carrier (simulated)"}
    assert "DIALER_DATABASE_URL" in dialer("doctor").stdout


def test_init_says_where_to_go_next(bare: Path) -> None:
    assert "Next: cd my-calls, then dialer db upgrade" in dialer("init", "my-calls").stdout
    assert "Next: dialer db upgrade" in dialer("init", bare).stdout


def test_secrets_are_masked_and_sources_named(home: Path) -> None:
    body = document("doctor", OPENAI_API_KEY="sk-very-secret")
    settings = {row["name"]: row for row in body["settings"]}
    assert settings["OPENAI_API_KEY"] == {"name": "OPENAI_API_KEY", "value": "********", "source": "environment"}
    assert settings["DIALER_CLOCK_START"]["source"] == "dialer.toml"
    assert "sk-very-secret" not in dialer("doctor", OPENAI_API_KEY="sk-very-secret").stdout


def test_what_does_not_answer_ends_with_4(home: Path) -> None:
    body = document("doctor", code=4, DIALER_BROKER_URL="redis://127.0.0.1:1/0")
    assert {check["part"]: check["health"] for check in body["checks"]}["broker"] == "no_answer"


def test_a_missing_key_ends_with_2(home: Path) -> None:
    done = dialer("doctor", code=2, DIALER_VOICE="openai", DIALER_CLOCK_START="")
    assert "OPENAI_API_KEY" in done.stdout


def test_a_voice_that_cannot_be_reached_ends_with_4(home: Path) -> None:
    (home / "dialer.toml").unlink()
    done = dialer("doctor", code=4, DIALER_VOICE="openai", OPENAI_API_KEY="k", DIALER_VOICE_URL="ws://127.0.0.1:1/v1/realtime")
    assert "cannot be reached" in done.stdout


def test_an_unreachable_database_cannot_be_upgraded(bare: Path) -> None:
    away = {"DIALER_DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    assert "one ledger key for all its workers" in dialer("db", "upgrade", code=2, **away).stderr
    key = "a key for tests, and for nothing else"
    assert "does not answer" in dialer("db", "upgrade", code=4, DIALER_LEDGER_KEY=key, **away).stderr

from __future__ import annotations

from pathlib import Path

from dialer import wiring
from dialer.config import load_settings
from dialer.simulation.responses import KEY, serve_responses
from tests.cli.terminal import dialer, document
from tests.operations.talked import talked


def a_talk(few: Path) -> str:
    """A talk in the working directory's database; its number."""
    dialer("import", "solar-sales", few)
    dialer("schedule", "solar-sales")
    parts = wiring.build(load_settings(few.parent).settings)
    phone = talked(parts).phone
    parts.store.close()
    return phone


def test_a_persons_word_is_kept_and_said(home: Path, few: Path) -> None:
    phone = a_talk(few)
    lines = dialer("lead", "set", phone, "outcome=not_interested", "roof_age=12", "--by", "me").stdout.splitlines()
    assert lines[0] == "outcome: not_interested, was not known"
    assert lines[1] == "roof_age: 12, was not known"
    assert lines[2].endswith("not_interested, no lead")
    again = document("lead", "set", phone, "outcome=not_interested", "roof_age=")
    assert again["fields"] == {"outcome": {"was": "not_interested", "is": "not_interested"}, "roof_age": {"was": "12", "is": ""}}
    assert "(as it was)" in dialer("lead", "set", phone, "outcome=not_interested").stdout


def test_what_cannot_be_is_refused(home: Path, few: Path) -> None:
    phone = a_talk(few)
    for words, said in (
        ("outcome=sale", "no such outcome"),
        ("colour=red", "one of: outcome, owns_home"),
        ("roof_age=old", "not a integer"),
        ("timeline=soon", "one of: now"),
        ("outcome", "write FIELD=VALUE"),
        ("=", "write FIELD=VALUE"),
    ):
        assert said in dialer("lead", "set", phone, words, code=2).stderr


def test_a_model_is_needed_and_asked(home: Path, few: Path) -> None:
    a_talk(few)
    assert "no model is set" in dialer("lead", "analyse", "solar-sales", code=2).stderr
    assert "OPENAI_API_KEY" in dialer("lead", "analyse", "solar-sales", code=2, DIALER_ANALYSIS_MODEL="m").stderr
    with serve_responses() as peer:
        known = {"DIALER_ANALYSIS_MODEL": "m", "DIALER_ANALYSIS_URL": peer.url, "OPENAI_API_KEY": KEY}
        assert document("lead", "analyse", "solar-sales", **known) == {"done": 1, "refused": 0, "put_off": 0}
        assert "read: 0" in dialer("lead", "analyse", "solar-sales", **known).stdout
        dialer("lead", "analyse", "nothing", code=2, **known)

"""Messages listed, replayed and tested from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dialer.model.outbox import EventKind, Target
from dialer.store import outbox
from dialer.store.engine import open_store
from dialer.store.outbox import NewMessage
from tests.cli.terminal import dialer, document
from tests.hooks.receiver import SECRET, receiver
from tests.store.rows import NOW, minutes


@pytest.fixture
def settled(home: Path) -> Path:
    """A delivered message, a dead one and one that waits."""
    store = open_store(f"sqlite:///{home / 'dialer.db'}")
    with store.write() as tx:
        new = [NewMessage(f"msg_{number}", EventKind.OPT_OUT, Target.WEBHOOK, None, None, {}) for number in range(3)]
        outbox.add(tx, new, NOW)
        first, second, third = outbox.claim(tx, [Target.WEBHOOK], 3, NOW, NOW + minutes(1))
        outbox.delivered(tx, first, NOW)
        outbox.failed(tx, second, "HTTP 410 Gone", None)
        outbox.failed(tx, third, "HTTP 500", NOW + minutes(1))
    store.close()
    return home


def test_the_list_for_people_and_for_programs(settled: Path) -> None:
    text = dialer("webhook", "list").stdout
    assert "HTTP 410 Gone" in text
    assert "1 dead" in text
    assert "msg_0" not in dialer("webhook", "list", "--dead").stdout
    found = document("webhook", "list")
    assert found["counts"] == {"delivered": 1, "dead": 1, "pending": 1}
    by_id = {row["id"]: row for row in found["messages"]}
    assert by_id["msg_0"]["delivered_at"] == NOW.isoformat()
    assert by_id["msg_1"]["next_try_at"] is None
    assert by_id["msg_2"]["next_try_at"] == (NOW + minutes(1)).isoformat()
    assert [row["id"] for row in document("webhook", "list", "--dead")["messages"]] == ["msg_1"]


def test_what_waits_for_a_receiver_that_was_removed_is_said(settled: Path) -> None:
    said = "1 wait for a webhook, and none is set (DIALER_WEBHOOK_URL): given up after 3 days."
    assert said in dialer("webhook", "list").stdout
    assert document("webhook", "list")["without_receiver"] == {"webhook": 1}
    told = dialer("webhook", "list", DIALER_WEBHOOK_URL="https://crm.example/hook", DIALER_WEBHOOK_SECRET=SECRET)
    assert "none is set" not in told.stdout


def test_an_empty_outbox(home: Path) -> None:
    assert "No messages." in dialer("webhook", "list").stdout


def test_replaying(settled: Path) -> None:
    assert document("webhook", "replay", "--dead") == {"replayed": 1}
    assert "1 to be sent again." in dialer("webhook", "replay", "msg_0").stdout
    assert document("webhook", "list")["counts"] == {"pending": 3}
    assert "no message 'msg_9'" in dialer("webhook", "replay", "msg_9", code=2).stderr
    assert "no campaign 'nothing'" in dialer("webhook", "replay", "--dead", "--campaign", "nothing", code=2).stderr


@pytest.mark.parametrize("arguments", [[], ["msg_0", "--dead"], ["msg_0", "--campaign", "x"]])
def test_what_is_replayed_must_be_said(settled: Path, arguments: list[str]) -> None:
    assert "give one ID, or --dead" in dialer("webhook", "replay", *arguments, code=2).stderr


def test_a_test_message(home: Path) -> None:
    with receiver() as target:
        given = {"DIALER_WEBHOOK_URL": target.url, "DIALER_WEBHOOK_SECRET": SECRET}
        assert "The webhook took the test message msg_" in dialer("webhook", "test", **given).stdout
        (sent,) = document("webhook", "test", **given)["sent"]
        assert target.ids[1] == sent["id"]
        assert json.loads(target.requests[1].body)["kind"] == "test"
        target.statuses = [403]
        assert "HTTP 403 Forbidden" in dialer("webhook", "test", code=4, **given).stderr


def test_receivers_that_will_not_do_are_refused(home: Path) -> None:
    assert "no receiver is configured" in dialer("webhook", "test", code=2).stderr
    far = dialer("webhook", "test", code=2, DIALER_WEBHOOK_URL="http://example.com/", DIALER_WEBHOOK_SECRET=SECRET)
    assert "by https:// only" in far.stderr
    unsigned = dialer("webhook", "list", code=2, DIALER_WEBHOOK_URL="https://example.com/")
    assert "needs DIALER_WEBHOOK_SECRET" in unsigned.stderr
    assert "openssl rand" in unsigned.stderr


def test_a_command_is_a_receiver_too(home: Path) -> None:
    (home / "dialer.toml").write_text(f'hook_command = ["sh", "-c", "cat > {home}/got"]\n')
    dialer("webhook", "test")
    assert json.loads((home / "got").read_text())["kind"] == "test"
    assert "exit code 1" in dialer("webhook", "test", code=4, DIALER_HOOK_COMMAND="sh -c 'exit 1'").stderr


def test_a_run_sends_what_waits_and_says_what_still_does(settled: Path) -> None:
    with receiver() as target:
        given = {"DIALER_WEBHOOK_URL": target.url, "DIALER_WEBHOOK_SECRET": SECRET}
        dialer("webhook", "replay", "msg_2")
        said = dialer("run", **given).stderr
        assert target.ids == ["msg_2"]
        assert "1 results were given up: dialer webhook list --dead" in said
        assert "wait for another try" not in said
        dialer("webhook", "replay", "--dead")
        target.statuses = [503]
        assert "1 results wait for another try" in dialer("run", **given).stderr
        assert target.ids == ["msg_2", "msg_1"]

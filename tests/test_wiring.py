"""Settings become objects, or a clear refusal."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from dialer import wiring
from dialer.clock import SimulatedClock, SystemClock
from dialer.config import Settings
from dialer.errors import StoreError, UserError
from dialer.model.ids import AttemptId
from dialer.model.outbox import Target
from dialer.model.phone import PhoneNumber
from dialer.operations.parts import Parts
from dialer.store import migrate
from dialer.store.keys import number_of
from dialer.voice.openai import OpenAIVoice
from tests.operations.conftest import START, empty_database, parts
from tests.operations.stage import armed

__all__ = ["empty_database", "parts"]

KEY = SecretStr("test-key")
TWILIO = {
    "carrier": "twilio",
    "twilio_account_sid": "AC1",
    "twilio_auth_token": KEY,
    "public_url": "https://calls.example.com",
}

ASTERISK = {
    "carrier": "asterisk",
    "asterisk_url": "http://127.0.0.1:8088",
    "asterisk_user": "dialer",
    "asterisk_password": KEY,
}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"carrier": "twilio"}, "missing_key"),
        ({"carrier": "twilio", "twilio_account_sid": "AC1"}, "missing_key"),
        ({**TWILIO, "public_url": ""}, "bad_public_url"),
        ({**TWILIO, "lanes": 2}, "bad_public_url"),
        ({**TWILIO, "clock_start": START}, "bad_setting"),
        ({**TWILIO, "twilio_api_url": "http://twilio.example"}, "bad_setting"),
        ({"carrier": "asterisk"}, "missing_key"),
        ({"carrier": "asterisk", "asterisk_url": "http://pbx:8088", "asterisk_user": "dialer"}, "missing_key"),
        ({**ASTERISK, "asterisk_url": "pbx"}, "bad_setting"),
        ({**ASTERISK, "asterisk_url": "http://pbx.example.com"}, "bad_setting"),
        ({**ASTERISK, "asterisk_endpoint": "PJSIP/trunk"}, "bad_setting"),
        ({**ASTERISK, "asterisk_endpoint": "{number}"}, "bad_setting"),
        ({**ASTERISK, "asterisk_media": "client", "lanes": 2}, "bad_setting"),
        ({**ASTERISK, "clock_start": START}, "bad_setting"),
        ({"voice": "openai"}, "missing_key"),
        ({"voice": "azure"}, "missing_key"),
        ({"voice": "azure", "azure_openai_api_key": KEY}, "missing_key"),
        ({"voice": "openai", "openai_api_key": KEY, "clock_start": START}, "bad_setting"),
        ({"voice_url": "ws://127.0.0.1:1", "clock_start": START}, "bad_setting"),
    ],
)
def test_what_could_not_work_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(UserError) as refused:
        wiring.check(Settings(**changes))
    assert refused.value.code == code


def test_time_is_real_unless_a_start_is_given() -> None:
    assert isinstance(wiring.clock_of(Settings()), SystemClock)
    clock = wiring.clock_of(Settings(clock_start=START, clock_speed=2.0))
    assert isinstance(clock, SimulatedClock)
    assert clock.now() == START


def test_everything_is_built_and_nothing_is_opened(tmp_path: Path) -> None:
    built = wiring.build(Settings(database_url=f"sqlite:///{tmp_path / 'none' / 'dialer.db'}"))
    assert built.store.dialect == "sqlite"
    assert not (tmp_path / "none").exists()


def test_an_old_database_is_refused_with_what_mends_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'dialer.db'}"
    built = wiring.build(Settings(database_url=url))
    with pytest.raises(StoreError, match="run `dialer db upgrade`") as refused:
        wiring.require_tables(built.store)
    assert (refused.value.exit_code, refused.value.retryable) == (4, False)
    migrate.upgrade(url)
    wiring.require_tables(built.store)
    with built.store.write() as tx:
        number_of(tx, PhoneNumber("+12125550123"))
    built.store.close()
    other = wiring.build(Settings(database_url=url, ledger_key=SecretStr("another key, long enough to be one too")))
    with pytest.raises(StoreError, match="the ledger key is another one"):
        wiring.require_tables(other.store)
    other.store.close()


def test_a_database_that_a_fleet_shares_is_never_given_a_key_of_our_own_making(tmp_path: Path) -> None:
    url = "postgresql://me@127.0.0.1:1/none"
    assert wiring.key_of(Settings(database_url=url)) == {"ledger_key": "", "key_file": None}
    with pytest.raises(UserError, match="one ledger key for all its workers"):
        wiring.require_key(Settings(database_url=url))
    for given in ({"ledger_key": KEY}, {"key_file": tmp_path / "key"}, {"database_url": "sqlite:///dialer.db"}):
        wiring.require_key(Settings(**{"database_url": url} | given))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"voice_url": "ws://127.0.0.1:9/v1/realtime"},
        {"voice": "openai", "openai_api_key": KEY},
        {"voice": "azure", "azure_openai_api_key": KEY, "voice_url": "wss://example.openai.azure.com"},
    ],
)
def test_lines_open_and_close(parts: Parts, changes: dict[str, Any]) -> None:
    settings = parts.settings.model_copy(update=changes)

    async def lines() -> None:
        opened = await wiring.open_lines(settings, parts.store, parts.clock)
        assert opened.carrier.name == "simulated"
        assert isinstance(opened.voice, OpenAIVoice)
        await opened.close()

    asyncio.run(lines())


def test_twilio_is_opened_by_settings_alone_and_listens(parts: Parts) -> None:
    changes = {
        **TWILIO,
        "clock_start": None,
        "listen_port": 0,
        "twilio_old_auth_token": SecretStr("old"),
        "twilio_machines": "beep",
    }
    settings = parts.settings.model_copy(update=changes)
    account = wiring.twilio_account(settings)
    assert (account.tokens, account.machines, account.is_recorded) == (("test-key", "old"), "beep", False)

    async def lines() -> None:
        opened = await wiring.open_lines(settings, parts.store, parts.clock)
        assert opened.carrier.name == "twilio"
        await opened.close()

    wiring.check(settings)
    asyncio.run(lines())


def test_a_look_may_be_taken_beside_a_worker_and_a_worker_takes_no_foreign_place(parts: Parts) -> None:
    assert wiring.listen_of(parts.settings, is_look=True).may_be_guest
    assert not wiring.listen_of(parts.settings).may_be_guest
    assert wiring.called_regions(parts.store) == set()


def test_what_our_books_say_of_a_dial(parts: Parts) -> None:
    assert wiring.trace_of(parts.store, AttemptId("nobody")) is None


def test_who_picks_up_is_the_contact_of_that_number(parts: Parts) -> None:
    armed(parts)
    with parts.store.read() as tx:
        from dialer.store import contacts

        row = next(iter(contacts.of_campaign(tx, contacts_campaign(parts))), None)
    assert row is not None
    person = wiring.person_of(parts.store, row.contact.phone)
    assert person is not None
    assert person.name == row.contact.display_name
    assert person.language
    assert wiring.person_of(parts.store, PhoneNumber("+12125550100")) is None
    assert parts.clock.now() - START < timedelta(seconds=1)


def contacts_campaign(parts: Parts) -> Any:
    """The id of the armed campaign."""
    from dialer.operations import folders

    return folders.stored(parts, "solar-sales").id


def test_the_receivers_of_results_are_those_that_are_configured() -> None:
    def made(**given: Any) -> list[Target]:
        return list(wiring.hooks_of(Settings(**given), SystemClock()))

    secret = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert made() == []
    assert made(hook_command=("cat",)) == [Target.COMMAND]
    assert made(webhook_url="https://example.com", webhook_secret=secret, hook_command="cat") == [Target.WEBHOOK, Target.COMMAND]
    with pytest.raises(UserError, match="by https:// only"):
        made(webhook_url="http://example.com", webhook_secret=secret)
    with pytest.raises(UserError, match="needs DIALER_WEBHOOK_SECRET"):
        wiring.check(Settings(webhook_url="https://example.com"))


@pytest.mark.parametrize("media", ["server", "client"])
def test_asterisk_is_opened_by_settings_alone(parts: Parts, media: str) -> None:
    async def main() -> tuple[str, bool]:
        settings = Settings(**{**ASTERISK, "asterisk_media": media, "listen_port": 0})
        wiring.check(settings)
        lines = await wiring.open_lines(settings, parts.store, parts.clock)
        found = lines.carrier.name, lines.examine is not None
        await lines.close()
        return found

    assert asyncio.run(main()) == ("asterisk", True)


def test_a_carrier_that_cannot_be_opened_leaves_no_voice_behind(parts: Parts) -> None:
    settings = Settings(**{**ASTERISK, "asterisk_url": "pbx"})
    with pytest.raises(UserError):
        asyncio.run(wiring.open_lines(settings, parts.store, parts.clock))

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from dialer.config import (
    Settings,
    load_settings,
    mask_url,
    may_come_from_file,
    shown,
    variable_name,
)
from dialer.errors import UserError


def test_defaults_need_nothing(tmp_path: Path) -> None:
    loaded = load_settings(tmp_path, {})
    assert loaded.settings == Settings()
    assert {row.source for row in loaded.effective()} == {"default"}
    assert loaded.unknown == ()


def test_the_environment_goes_before_dotenv_and_that_before_toml(tmp_path: Path) -> None:
    (tmp_path / "dialer.toml").write_text('lanes = 2\npoll_s = 5\ncarrier = "simulated"\n')
    (tmp_path / ".env").write_text("DIALER_LANES=3\nDIALER_POLL_S=4\n")
    loaded = load_settings(tmp_path, {"DIALER_LANES": "4"})
    assert (loaded.settings.lanes, loaded.settings.poll_s) == (4, 4.0)
    sources = [loaded.sources[name] for name in ("lanes", "poll_s", "carrier")]
    assert sources == ["environment", ".env", "dialer.toml"]


@pytest.mark.parametrize("field", list(Settings.model_fields))
def test_every_setting_is_read_from_its_variable(field: str, tmp_path: Path) -> None:
    value = _another(field)
    loaded = load_settings(tmp_path, {variable_name(field): value})
    assert getattr(loaded.settings, field) != getattr(Settings(), field)
    assert loaded.sources == {field: "environment"}


def _another(field: str) -> str:
    words = {
        "carrier": "twilio",
        "voice": "azure",
        "analysis_tier": "default",
        "clock_start": "2026-11-23T15:00:00Z",
        "log_level": "DEBUG",
        "twilio_machines": "beep",
        "twilio_record": "true",
        "asterisk_media": "client",
        "asterisk_record": "true",
    }
    if field in words:
        return words[field]
    default = getattr(Settings(), field)
    return str(int(default) + 7) if isinstance(default, int | float) else "another"


@pytest.mark.parametrize("field", [name for name in Settings.model_fields if may_come_from_file(name)])
def test_secrets_and_addresses_come_from_files_too(field: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from-the-file\n")
    loaded = load_settings(tmp_path, {f"{variable_name(field)}_FILE": str(tmp_path / "secret")})
    value = getattr(loaded.settings, field)
    assert (value.get_secret_value() if isinstance(value, SecretStr) else value) == "from-the-file"


def test_the_value_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from-the-file")
    environ = {"OPENAI_API_KEY": "given", "OPENAI_API_KEY_FILE": str(tmp_path / "secret")}
    assert load_settings(tmp_path, environ).settings.openai_api_key.get_secret_value() == "given"


def test_what_is_empty_is_not_given(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=below\n")
    environ = {"OPENAI_API_KEY_FILE": "/dev/null", "DIALER_CLOCK_START": "", "DIALER_LANES": ""}
    loaded = load_settings(tmp_path, environ)
    assert loaded.settings.openai_api_key.get_secret_value() == "below"
    assert (loaded.settings.clock_start, loaded.settings.lanes) == (None, 1)


def test_only_secrets_come_from_files(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {"DIALER_LANES_FILE": "/dev/null"}).unknown == ("DIALER_LANES_FILE",)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"environment: TWILIO_AUTH_TOKEN_FILE: cannot read .*nowhere"):
        load_settings(tmp_path, {"TWILIO_AUTH_TOKEN_FILE": str(tmp_path / "nowhere")})


def test_a_secret_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(UserError, match="is not UTF-8"):
        load_settings(tmp_path, {"TWILIO_AUTH_TOKEN_FILE": str(tmp_path / "secret")})


def test_the_simulated_start_needs_a_zone(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {"DIALER_CLOCK_START": "2026-11-23T15:00:00Z"}).settings.clock_start == datetime(
        2026, 11, 23, 15, tzinfo=UTC
    )
    with pytest.raises(UserError, match=r"DIALER_CLOCK_START = 2026-11-23T15:00:00: .*timezone"):
        load_settings(tmp_path, {"DIALER_CLOCK_START": "2026-11-23T15:00:00"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lanes = 99\n", "dialer.toml: lanes = 99: Input should be less than or equal to 64"),
        ('lanes = "many"\n', "dialer.toml: lanes = many: Input should be a valid integer"),
        ("lane = 2\n", r"dialer.toml: lane: there is no such setting; did you mean lanes\?"),
        ("[database]\nurl = 1\n", "dialer.toml: database: there is no such setting"),
        ("lanes = = 2\n", "dialer.toml: Invalid value"),
        ("openai_api_key = 12345\n", r"dialer.toml: openai_api_key = \*{8}: Input should be a valid string"),
    ],
)
def test_a_wrong_line_of_the_file_is_named(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "dialer.toml").write_text(text)
    with pytest.raises(UserError, match=said):
        load_settings(tmp_path, {})


def test_every_problem_is_said_at_once_and_no_secret_among_them(tmp_path: Path) -> None:
    (tmp_path / "dialer.toml").write_text("poll_s = 0\n")
    with pytest.raises(UserError) as raised:
        load_settings(tmp_path, {"DIALER_LANES": "0", "DIALER_VOICE": "parrot", "OPENAI_API_KEY": "sk-very-secret"})
    message = str(raised.value)
    assert len(message.splitlines()) == 3
    assert "environment: DIALER_VOICE = parrot: Input should be 'simulated', 'openai' or 'azure'" in message
    assert "sk-very-secret" not in message
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("name", [".env", "dialer.toml"])
def test_a_settings_file_that_cannot_be_read_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(UserError, match=name):
        load_settings(tmp_path, {})


def test_names_that_mean_nothing_are_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DIALER_DATABSE_URL=x\nOTHER=y\nDIALER_EMPTY\n")
    environ = {"DIALER_TEST_POSTGRES_URL": "x", "DIALER_BROKER_URL_FILE": "/dev/null"}
    assert load_settings(tmp_path, environ).unknown == ("DIALER_DATABSE_URL",)


def test_what_is_printed_hides_secrets() -> None:
    settings = Settings(openai_api_key=SecretStr("sk-very-secret"), database_url="postgresql://me:pw@host/db")
    assert shown("openai_api_key", settings.openai_api_key) == "********"
    assert shown("openai_api_key", SecretStr("")) == ""
    assert shown("database_url", settings.database_url) == "postgresql://me:********@host/db"
    assert shown("clock_start", None) == ""
    assert "sk-very-secret" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("sqlite:///dialer.db", "sqlite:///dialer.db"),
        ("redis://host/0", "redis://host/0"),
        ("redis://:p@ss@host/0", "redis://:********@host/0"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        ("nothing", "nothing"),
    ],
)
def test_passwords_in_addresses_are_hidden(url: str, masked: str) -> None:
    assert mask_url(url) == masked


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("DIALER_DATABSE_URL", "DIALER_DATABSE_URL is no setting; did you mean DIALER_DATABASE_URL?"),
        ("DIALER_OPENAI_API_KEY", "DIALER_OPENAI_API_KEY is no setting; did you mean OPENAI_API_KEY?"),
        ("DIALER_QQQ", "DIALER_QQQ is no setting"),
    ],
)
def test_a_name_that_means_nothing_is_told_with_the_nearest_one(tmp_path: Path, name: str, said: str) -> None:
    assert load_settings(tmp_path, {name: "x"}).remarks() == [said]


def test_a_command_is_a_list_or_a_line(tmp_path: Path) -> None:
    (tmp_path / "dialer.toml").write_text('hook_command = ["tell crm", "--all"]\n')
    assert load_settings(tmp_path, {}).settings.hook_command == ("tell crm", "--all")
    loaded = load_settings(tmp_path, {"DIALER_HOOK_COMMAND": "'tell crm' --to 'a b'"})
    assert loaded.settings.hook_command == ("tell crm", "--to", "a b")
    assert shown("hook_command", loaded.settings.hook_command) == "'tell crm' --to 'a b'"
    assert shown("hook_command", ()) == ""
    with pytest.raises(UserError, match=r"DIALER_HOOK_COMMAND = .*No closing quotation"):
        load_settings(tmp_path, {"DIALER_HOOK_COMMAND": "tell 'crm"})


@pytest.mark.parametrize("carrier", ["simulated", "twilio", "asterisk"])
def test_calls_are_recorded_when_their_own_carrier_is_told_to(carrier: str) -> None:
    for told in ("twilio", "asterisk"):
        settings = Settings.model_validate({"carrier": carrier, f"{told}_record": True})
        assert settings.is_recorded is (carrier == told)

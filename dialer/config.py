"""Settings, and the only reader of the environment.

Sources, first wins: environment (prefix ``DIALER_``), ``.env``, ``dialer.toml``, both in the working directory. Foreign
keys keep their usual names (``OPENAI_API_KEY``, ``TWILIO_ACCOUNT_SID``, ...). Every secret, and the addresses that may
carry a password, can also be given as ``NAME_FILE``: the path of a file that holds it. An empty value counts as not given,
so that a compose file may name a variable that nobody has set. There is no instance at module level: ``load_settings`` makes
one and hands it on.
"""

import difflib
import os
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Literal

from dotenv import dotenv_values
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from dialer.errors import UserError

PREFIX = "DIALER_"
TOML_FILE = "dialer.toml"
DOTENV_FILE = ".env"


def _argv(value: object) -> object:
    """A command as a list, or as one line split like a shell would, without one."""
    return shlex.split(value) if isinstance(value, str) else value


class Settings(BaseModel):
    """Everything that can be set, with its default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    database_url: str = Field("sqlite:///dialer.db", description="Where the queue and the records live (SQLite or PostgreSQL).")
    broker_url: str = Field("memory://", description="Celery's broker: memory:// for one process, redis://... for a fleet.")
    carrier: Literal["simulated", "twilio", "asterisk"] = Field("simulated", description="The phone network.")
    voice: Literal["simulated", "openai", "azure"] = Field("simulated", description="The voice model.")
    voice_url: str = Field("", description="WebSocket address of the voice model; empty: the provider's own.")
    voice_model: str = Field("gpt-realtime-2.1-mini", description="Model (Azure: deployment) that speaks.")
    transcription_model: str = Field("gpt-transcribe", description="Model (Azure: deployment) that writes the callee's words.")
    openai_api_key: SecretStr = Field(SecretStr(""), description="OpenAI key.")
    azure_openai_api_key: SecretStr = Field(SecretStr(""), description="Azure OpenAI key.")
    twilio_account_sid: str = Field("", description="Twilio account.")
    twilio_auth_token: SecretStr = Field(SecretStr(""), description="Twilio token.")
    twilio_old_auth_token: SecretStr = Field(SecretStr(""), description="The former token, while Twilio still signs with it.")
    twilio_api_url: str = Field("https://api.twilio.com", description="Twilio's REST address, or of a compatible provider.")
    twilio_machines: Literal["off", "answer", "beep"] = Field(
        "off", description="Twilio's own detection of answering machines beside ours; it costs extra."
    )
    twilio_record: bool = Field(False, description="Whether Twilio records each call, both sides apart.")
    asterisk_url: str = Field("", description="Asterisk's HTTP address, such as http://127.0.0.1:8088.")
    asterisk_user: str = Field("", description="ARI user.")
    asterisk_password: SecretStr = Field(SecretStr(""), description="ARI password.")
    asterisk_endpoint: str = Field(
        "PJSIP/{number}@trunk", description="Dial string: {number} is +12125550100, {digits} the same without the +."
    )
    asterisk_app: str = Field(
        "dialer", pattern=r"^[A-Za-z0-9_-]{1,40}$", description="What our Stasis applications' names begin with."
    )
    asterisk_media: Literal["server", "client"] = Field(
        "server", description="Who listens for the audio: Asterisk (server), or dialer with Asterisk as its client."
    )
    asterisk_media_url: str = Field("", description="Where Asterisk's /media is, when it is not beside the ARI address.")
    asterisk_media_client: str = Field(
        "dialer", description="Section of websocket_client.conf that leads to this process; may hold {lane}."
    )
    asterisk_record: bool = Field(False, description="Whether Asterisk records each call, both sides mixed.")
    public_url: str = Field("", description="Where carriers reach this process; may hold {host}, {lane}, {port}.")
    listen_host: str = Field("127.0.0.1", description="Address on which carriers' callbacks and audio are taken.")
    listen_port: int = Field(8080, ge=0, le=65535, description="Port for them; each lane takes the next one. 0: a free one.")
    webhook_url: str = Field("", description="Where results are sent by signed HTTPS requests; empty: nowhere.")
    webhook_secret: SecretStr = Field(SecretStr(""), description="What these requests are signed with: whsec_ and base64.")
    hook_command: Annotated[tuple[str, ...], BeforeValidator(_argv)] = Field(
        (), description="Program that is given each result on its standard input, with its arguments; empty: none."
    )
    ledger_key: SecretStr = Field(
        SecretStr(""), description="What the do-not-call list and the records are keyed with, the same for a whole fleet."
    )
    key_file: Annotated[Path | None, BeforeValidator(lambda value: value or None)] = Field(
        None, description="Where that key is, if not given itself; empty: dialer.key, beside an SQLite database."
    )
    campaigns_dir: Path = Field(Path("campaigns"), description="Where campaign folders are looked up by name.")
    reports_dir: Path = Field(Path("reports"), description="Where reports are written.")
    clips_dir: Annotated[Path | None, BeforeValidator(lambda value: value or None)] = Field(
        None, description="Where fixed sentences are kept as sound between runs; empty: in memory only."
    )
    analysis_model: str = Field("", description="Model that reads talks afterwards; empty: none, and nothing is guessed.")
    analysis_url: str = Field("", description="Responses API of that model, with its version; empty: OpenAI's.")
    analysis_tier: Literal["flex", "default"] = Field("flex", description="Lane of that model; flex is slow and half the price.")
    analysis_input_price: float = Field(1.0, ge=0, description="Its US dollars per million input tokens, in the ordinary lane.")
    analysis_output_price: float = Field(5.0, ge=0, description="Its US dollars per million output tokens, in the ordinary lane.")
    report_every_h: float = Field(0.0, ge=0, description="Hours between reports of running campaigns; 0: at their end only.")
    carrier_cps: float = Field(
        0.0, ge=0, le=100, description="Call starts per second on the carrier account; 0: one, simulated phones without limit."
    )
    caller_cps: float = Field(0.0, ge=0, le=100, description="Call starts per second from one caller ID; 0: without limit.")
    caller_calls: int = Field(
        0, ge=0, description="Simultaneous calls from one caller ID, over all workers and campaigns; 0: without limit."
    )
    voice_calls: int = Field(1000, ge=1, description="Simultaneous calls on the voice account, over all workers and campaigns.")
    lane_calls: int = Field(50, ge=1, le=2000, description="Simultaneous calls in one worker child.")
    lanes: int = Field(1, ge=1, le=64, description="Worker children (lanes) per machine.")
    drain_s: float = Field(330.0, ge=0, description="Seconds that live calls get to finish when a worker is asked to stop.")
    poll_s: float = Field(2.0, gt=0, le=60, description="Longest wait between two looks at the queue.")
    lease_s: float = Field(60.0, ge=5, description="Seconds until a silent worker's claims are given back.")
    settle_s: float = Field(90.0, ge=1, description="Seconds after which an unconfirmed dial is looked up at the carrier.")
    clock_start: AwareDatetime | None = Field(
        None, description="Simulated time: the instant to start at (simulated phones and voice only)."
    )
    clock_speed: float = Field(0.0, ge=0, description="Simulated seconds in a real one, at most; 0 = as fast as the work allows.")
    simulation_seed: int = Field(1, description="Seed of the simulated callees.")
    simulation_journal: Path = Field(Path("simulated-phones.jsonl"), description="The simulated network's memory of every ring.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("WARNING", description="What goes to standard error.")

    @property
    def is_recorded(self) -> bool:
        """The phone network keeps the sound of the calls, and the opening must say so."""
        return {"twilio": self.twilio_record, "asterisk": self.asterisk_record}.get(self.carrier, False)


_OWN_NAMES = {
    name: name.upper()
    for name in ("openai_api_key", "azure_openai_api_key", "twilio_account_sid", "twilio_auth_token", "twilio_old_auth_token")
}
_URLS_WITH_PASSWORDS = ("database_url", "broker_url", "webhook_url")
_NOT_SETTINGS = ("DIALER_TEST_", "DIALER_REQUIRE_SERVICES", "DIALER_HYPOTHESIS_PROFILE")
"""Names with our prefix that belong to the tests."""


def variable_name(field: str) -> str:
    """The environment variable of a settings field."""
    return _OWN_NAMES.get(field, PREFIX + field.upper())


def is_secret(field: str) -> bool:
    """Whether the value of this field is never shown."""
    return Settings.model_fields[field].annotation is SecretStr


def may_come_from_file(field: str) -> bool:
    """Whether ``NAME_FILE`` is understood for this field: secrets, and addresses that may hold a password."""
    return is_secret(field) or field in _URLS_WITH_PASSWORDS


@dataclass(frozen=True, slots=True)
class Sourced:
    """One effective setting as ``doctor`` prints it: its variable, its value (secrets masked) and where it came from."""

    variable: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings with the source of each, and names with our prefix that are no settings (typing errors, mostly)."""

    settings: Settings
    sources: Mapping[str, str]
    unknown: tuple[str, ...] = ()

    def remarks(self) -> list[str]:
        """A line for each name that is no setting, with the one that may be meant."""
        known = sorted(_known_names())
        said = []
        for name in self.unknown:
            bare = [name.removeprefix(PREFIX)]  # keys of others have no prefix of ours
            near = bare if bare[0] in known else difflib.get_close_matches(name, known, n=1, cutoff=0.75)
            said.append(f"{name} is no setting" + (f"; did you mean {near[0]}?" if near else ""))
        return said

    def effective(self) -> list[Sourced]:
        """All settings in order, secrets masked."""
        return [
            Sourced(variable_name(field), shown(field, getattr(self.settings, field)), self.sources.get(field, "default"))
            for field in Settings.model_fields
        ]


def shown(field: str, value: object) -> str:
    """The value as it may be printed: secrets and passwords masked, nothing for None."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if is_secret(field):
        return "********" if value else ""
    if isinstance(value, tuple):
        return shlex.join(value)
    return "" if value is None else mask_url(str(value))


def mask_url(value: str) -> str:
    """Hide the password of an address such as ``postgresql://user:secret@host/db``."""
    head, separator, tail = value.partition("://")
    if not separator or "@" not in tail:
        return value
    credentials, _, rest = tail.rpartition("@")
    user, colon, _ = credentials.partition(":")
    return f"{head}://{user}{':********' if colon else ''}@{rest}"


def load_settings(directory: Path | None = None, environ: Mapping[str, str] | None = None) -> Loaded:
    """Read all sources. Raises ``UserError`` naming the source, the key, the value and what is allowed."""
    directory = directory or Path.cwd()
    environ = os.environ if environ is None else environ
    dotenv = _from_dotenv(directory / DOTENV_FILE)
    values: dict[str, Any] = dict(_from_toml(directory / TOML_FILE))
    sources = dict.fromkeys(values, TOML_FILE)
    for mapping, source in ((dotenv, DOTENV_FILE), (environ, "environment")):
        for field, value in _from_names(mapping, source).items():
            values[field], sources[field] = value, source
    try:
        return Loaded(Settings(**values), sources, _unknown_names({**dotenv, **environ}))
    except ValidationError as error:
        raise UserError("\n".join(_explain(problem, sources) for problem in error.errors()), code="bad_setting") from None


def _from_names(mapping: Mapping[str, str], source: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for field in Settings.model_fields:
        name = variable_name(field)
        value = mapping.get(name, "")
        if not value and may_come_from_file(field) and mapping.get(f"{name}_FILE"):
            value = _read_secret(Path(mapping[f"{name}_FILE"]), f"{name}_FILE", source)
        if value:
            found[field] = value
    return found


def _read_secret(path: Path, name: str, source: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise UserError(f"{source}: {name}: cannot read {path}: {error.strerror}", code="bad_setting") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{source}: {name}: {path} is not UTF-8", code="bad_setting") from error


def _from_dotenv(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path.name}: cannot be read: {error}", code="bad_setting") from error
    return {key: value for key, value in dotenv_values(stream=StringIO(text)).items() if value is not None}


def _from_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path.name}: {error}", code="bad_setting") from error


def _unknown_names(mapping: Mapping[str, str]) -> tuple[str, ...]:
    known = _known_names()
    ours = (name for name in mapping if name.startswith(PREFIX) and not name.startswith(_NOT_SETTINGS))
    return tuple(sorted(name for name in ours if name not in known))


def _known_names() -> set[str]:
    files = {f"{variable_name(field)}_FILE" for field in Settings.model_fields if may_come_from_file(field)}
    return files | {variable_name(field) for field in Settings.model_fields}


def _explain(problem: Any, sources: Mapping[str, str]) -> str:
    field = str(problem["loc"][0])
    source = sources.get(field, "default")
    key = field if source == TOML_FILE else variable_name(field)
    if problem["type"] == "extra_forbidden":
        close = difflib.get_close_matches(field, Settings.model_fields, n=1)
        return f"{source}: {key}: there is no such setting" + (f"; did you mean {close[0]}?" if close else "")
    value = problem.get("input")
    written = shown(field, value) if is_secret(field) or isinstance(value, str) else repr(value)
    return f"{source}: {key} = {written!s}: {problem['msg']}"

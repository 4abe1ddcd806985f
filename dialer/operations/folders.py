"""Find the campaign that a command names: a path to a folder, a folder under the campaigns directory, or a stored campaign."""

from dataclasses import dataclass
from pathlib import Path

from dialer.config import Settings
from dialer.errors import UserError
from dialer.intake.folder import read_campaign
from dialer.model.campaign import Campaign
from dialer.operations.parts import Parts
from dialer.store import campaigns
from dialer.store.campaigns import CampaignRow

SETTINGS_FILE = "campaign.toml"
SCRIPT_FILE = "script.md"
CONTACTS_FILE = "contacts.csv"


@dataclass(frozen=True, slots=True)
class CampaignFolder:
    """A campaign as it lies on disk."""

    path: Path
    campaign: Campaign

    @property
    def contacts_path(self) -> Path:
        """The folder's own contact file."""
        return self.path / CONTACTS_FILE


def folder_path(settings: Settings, name: str) -> Path | None:
    """Where the named campaign's folder is, or that of the ``campaign.toml`` that is named; None when there is none."""
    given = Path(name)
    for candidate in (given.parent if given.name == SETTINGS_FILE else given, settings.campaigns_dir / name):
        if (candidate / SETTINGS_FILE).is_file():
            return candidate
    return None


def read_folder(path: Path) -> CampaignFolder:
    """Read and check ``campaign.toml`` and ``script.md``. Raises ``UserError`` with every problem at once."""
    names = str(path / SETTINGS_FILE), str(path / SCRIPT_FILE)
    return CampaignFolder(path, read_campaign(*read_texts(path), *names))


def read_texts(path: Path) -> tuple[str, str]:
    """The texts of ``campaign.toml`` and ``script.md`` as they stand. Raises ``UserError`` when one cannot be read."""
    return _text(path / SETTINGS_FILE), _text(path / SCRIPT_FILE)


def required_folder(settings: Settings, name: str) -> CampaignFolder:
    """The folder that a command needs. Raises ``UserError`` when there is none."""
    path = folder_path(settings, name)
    if path is None:
        raise UserError(
            f"no campaign folder {name!r}: there is no {SETTINGS_FILE} in {name} nor in {settings.campaigns_dir / name}",
            code="no_campaign",
        )
    return read_folder(path)


def stored(parts: Parts, name: str) -> CampaignRow:
    """The stored campaign that a command names (by name, or by the path of its folder). Raises ``UserError``."""
    with parts.store.read() as tx:
        row = campaigns.find(tx, name)
    if row is not None:
        return row
    path = folder_path(parts.settings, name)
    if path is not None:
        known = read_folder(path).campaign.name
        with parts.store.read() as tx:
            row = campaigns.find(tx, known)
        if row is not None:
            require_original(row, path)
            return row
        hint = f"dialer import {name} CONTACTS.csv"
        raise UserError(f"campaign {known!r} has not been imported yet", code="not_imported", hint=hint)
    raise UserError(f"no campaign {name!r}", code="no_campaign", hint="dialer campaign list")


def to_import(parts: Parts, name: str, *, is_same: bool = False) -> tuple[Campaign, Path | None]:
    """The campaign that contacts are imported into, and its folder, if it is read from one. Raises ``UserError``.

    ``is_same``: the folder is the stored campaign of its name, although another one is too.
    """
    path = folder_path(parts.settings, name)
    if path is None:
        return stored(parts, name).campaign, None
    campaign = read_folder(path).campaign
    with parts.store.read() as tx:
        row = campaigns.find(tx, campaign.name)
    if row is not None and not is_same:
        require_original(row, path)
    return campaign, path


def remember(parts: Parts, name: str, path: Path) -> None:
    """This folder is where the stored campaign comes from."""
    row = stored(parts, name)
    with parts.store.write() as tx:
        campaigns.set_folder(tx, row.id, str(path.resolve()))


def require_original(row: CampaignRow, path: Path) -> None:
    """A folder that was copied, its name unchanged, must not pass for the campaign of the first one. Raises ``UserError``.

    One that was moved, or lies elsewhere on another machine, may: where it was, no campaign of that name is left.
    """
    before = Path(row.folder)
    if not row.folder or not (before / SETTINGS_FILE).is_file() or before.samefile(path):
        return
    try:
        is_other_now = read_folder(before).campaign.name != row.name
    except UserError:
        is_other_now = False
    if not is_other_now:
        raise UserError(
            f"{path} calls itself {row.name!r}, but that is the campaign in {before}, which is still there",
            code="copied_campaign",
            hint=f"give the copy a name of its own in its {SETTINGS_FILE}; "
            "if they are the same campaign: dialer import --same-campaign",
        )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise UserError(f"{path}: the file is missing", code="missing_file") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 (byte {error.start})", code="unreadable_encoding") from error
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}", code="unreadable_file") from error

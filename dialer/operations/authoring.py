"""What an author of campaigns asks for: a folder to start from, a look at what one contact will hear, what has changed."""

import re
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from dialer.compliance.number import read_number
from dialer.config import Settings
from dialer.conversation.declarations import Declaration
from dialer.conversation.instructions import personalise
from dialer.dialing import prices
from dialer.errors import UserError
from dialer.intake.columns import map_columns
from dialer.intake.reader import open_table
from dialer.intake.rows import read_contacts
from dialer.intake.starter import starter
from dialer.intake.versions import Change, changed_keys, changed_lines
from dialer.model.campaign import CampaignKind
from dialer.model.contact import Contact, RowProblem
from dialer.operations import folders
from dialer.operations.parts import Parts
from dialer.store import campaigns
from dialer.store.campaigns import VersionRow

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class Preview:
    """What one contact would hear, and what the model would be told and given."""

    campaign: str
    contact: Contact
    zone: str
    opening: str
    voicemail_message: str
    screening_answer: str
    instructions: str
    tools: tuple[Declaration, ...]
    tokens: int
    """An estimate: nobody but the provider counts as the provider does."""
    model: str
    expected_cost: str
    worst_cost: str

    def as_json(self) -> dict[str, Any]:
        """The document of ``campaign preview --json``."""
        plain = ("campaign", "zone", "opening", "voicemail_message", "screening_answer", "instructions", "model")
        body = {name: getattr(self, name) for name in plain}
        return body | {
            "row": self.contact.row,
            "notes": list(self.contact.notes),
            "tools": list(self.tools),
            "estimated_tokens": self.tokens,
            "expected_cost": self.expected_cost,
            "worst_cost": self.worst_cost,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two versions; ``before`` and ``after`` name them."""

    campaign: str
    before: str
    after: str
    keys: tuple[Change, ...]
    lines: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The document of ``campaign diff --json``."""
        keys = [{"key": it.key, "before": it.before, "after": it.after} for it in self.keys]
        return {"campaign": self.campaign, "before": self.before, "after": self.after, "keys": keys, "script": list(self.lines)}


def new(directory: Path, name: str, kind: CampaignKind) -> list[Path]:
    """Write the folder ``name`` into ``directory``. Raises ``UserError`` when the name has no good form or is taken."""
    if not _NAME.fullmatch(name):
        raise UserError(f"{name!r}: a campaign name has small letters, digits and hyphens (up to 63)", code="bad_name")
    folder = directory / name
    try:
        folder.mkdir(parents=True)
        paths = [folder / file for file in starter(name, kind)]
        for path, text in zip(paths, starter(name, kind).values(), strict=True):
            path.write_text(text, encoding="utf-8")
    except FileExistsError as error:
        raise UserError(f"{folder}: is there already", code="name_taken", hint="choose another name") from error
    except OSError as error:
        raise UserError(f"{error.filename or folder}: {error.strerror}", code="unwritable") from error
    return paths


def preview(settings: Settings, name: str, number: int, now: datetime, file: Path | None = None) -> Preview:
    """Render everything for the contact in row ``number`` of the contacts (1: the first below the header).

    ``file``: another contact file than the folder's own. Raises ``UserError`` when the campaign, the file or the row is not
    good.
    """
    folder = folders.required_folder(settings, name)
    campaign = folder.campaign
    contact = _contact(folder, number, file or folder.contacts_path)
    zone = contact.timezone or next(iter(read_number(contact.phone).zones), "Etc/UTC")
    said = personalise(campaign, contact, now, zone)
    model = campaign.voice.model or settings.voice_model
    return Preview(
        campaign=campaign.name,
        contact=contact,
        zone=zone,
        opening=said.opening,
        voicemail_message=said.voicemail_message,
        screening_answer=said.screening_answer,
        instructions=said.instructions,
        tools=said.tools,
        tokens=prices.estimated_tokens(said.instructions) + prices.estimated_tokens(str(said.tools)),
        model=model,
        expected_cost=str(prices.expected(campaign, model, settings.carrier)),
        worst_cost=str(prices.worst_case(campaign, model, settings.carrier)),
    )


def _contact(folder: folders.CampaignFolder, number: int, path: Path) -> Contact:
    campaign = folder.campaign
    try:
        with path.open("rb") as stream:
            table = open_table(stream, region=campaign.regions[0], language=campaign.language)
            rows = read_contacts(table, map_columns(table.header, campaign.variables), campaign)
            found = next(islice(rows, number - 1, None), None)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}", code="unreadable_file", hint="name one with --csv") from error
    except UserError as error:
        raise UserError(f"{path}: {error.code}: {error}", code=error.code, hint=error.hint) from error
    if found is None:
        raise UserError(f"{path}: there is no contact {number}", code="no_contact", hint="the first one is 1")
    if isinstance(found, RowProblem):
        said = f"{path}: row {found.row} would be refused: {found.code}: {found.message}"
        raise UserError(said, code=found.code, hint=found.fix)
    return found


def difference(parts: Parts, name: str, before: str = "", after: str = "") -> Difference:
    """What differs between two stored versions, named by the beginnings of their hashes.

    Without ``after`` it is the folder, where there is one, else the newest version; without ``before`` the one in force, or the
    one before it. Raises ``UserError`` when there is nothing to compare.
    """
    row = folders.stored(parts, name)
    with parts.store.read() as tx:
        versions = campaigns.versions(tx, row.id)
    path = folders.folder_path(parts.settings, name)
    if not after and path is not None and (before or folders.read_folder(path).campaign.version_hash() != row.version_hash):
        new_name, new_one = f"folder {path}", folders.read_folder(path).campaign
        old = _version(versions, before) if before else next(it for it in versions if it.hash == row.version_hash)
    else:
        newest = _version(versions, after) if after else next(it for it in versions if it.hash == row.version_hash)
        new_name, new_one = _named(newest), newest.campaign
        earlier = [it for it in versions if it.version_id < newest.version_id]
        if not before and not earlier:
            raise UserError(f"campaign {row.name!r} has no version before {newest.hash[:12]}", code="one_version")
        old = _version(versions, before) if before else earlier[-1]
    keys, lines = changed_keys(old.campaign, new_one), changed_lines(old.campaign, new_one)
    return Difference(row.name, _named(old), new_name, tuple(keys), tuple(lines))


def _named(version: VersionRow) -> str:
    return f"{version.hash[:12]} of {version.created_at:%Y-%m-%d %H:%M} UTC"


def _version(versions: list[VersionRow], begin: str) -> VersionRow:
    found = [it for it in versions if begin and it.hash.startswith(begin.lower())]
    if len(found) != 1:
        known = ", ".join(it.hash[:12] for it in versions)
        what = "several versions begin" if found else "no version begins"
        raise UserError(f"{what} with {begin!r}; there are {known}", code="no_version")
    return found[0]

"""Is a campaign fit to call? Reads a folder, collects every finding, and refuses what has errors."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from dialer.compliance.opening import flaws
from dialer.compliance.rulebook import shipped_rulebook
from dialer.config import Settings
from dialer.errors import UserError
from dialer.intake import reader
from dialer.intake.findings import SCRIPT, TOML, Finding
from dialer.intake.folder import examine, key_path, line_of
from dialer.intake.lint import lint
from dialer.model.campaign import Campaign
from dialer.operations import folders


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look at a campaign folder found."""

    campaign: str
    findings: tuple[Finding, ...]

    @property
    def is_fit(self) -> bool:
        """No finding is an error."""
        return all(finding.level != "error" for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """The document of ``campaign check --json``."""
        return {
            "campaign": self.campaign,
            "is_fit": self.is_fit,
            "findings": [
                {"level": it.level, "file": it.file, "line": it.line or None, "key": it.key, "message": it.message}
                for it in self.findings
            ],
        }


def check(settings: Settings, name: str, today: date | None = None) -> Checked:
    """Read and lint the folder, its contact file's header included. Raises ``UserError`` when there is no such folder.

    ``today`` is the day of the world, on which models may have been switched off already.
    """
    path = folders.folder_path(settings, name)
    if path is None:
        return Checked(folders.required_folder(settings, name).campaign.name, ())
    toml_text, script_text = folders.read_texts(path)
    table = _table(path / folders.CONTACTS_FILE, toml_text, script_text)
    header = None if table is None or isinstance(table, Finding) else table.header
    found = examine(toml_text, script_text, header, today)
    lawful = _lawful(found.campaign, toml_text, is_recorded=settings.is_recorded) if found.campaign else []
    findings = _joined(found.findings, lawful)
    if isinstance(table, Finding):
        findings.append(table)
    elif table is not None:
        row = table.header_row
        findings = [replace(it, line=row) if it.file == folders.CONTACTS_FILE else it for it in findings]
    findings.sort(key=lambda it: it.level != "error")
    return Checked(found.campaign.name if found.campaign else path.resolve().name, tuple(findings))


def required_fit(campaign: Campaign, today: date | None = None, *, is_recorded: bool = False) -> None:
    """Raise ``UserError`` with every error that a look at the campaign alone finds; ``today`` as for ``check``."""
    errors = faults(campaign, today, is_recorded=is_recorded)
    if errors:
        raise UserError(
            "\n".join(finding.said for finding in errors), code="invalid_campaign", hint=f"dialer campaign check {campaign.name}"
        )


def faults(campaign: Campaign, today: date | None = None, *, is_recorded: bool = False) -> list[Finding]:
    """The errors that a look at the campaign alone finds: what does not fit, and what its fixed words must say and do not.

    ``is_recorded``: the sound of its calls is kept.
    """
    found = _joined(lint(campaign, today=today), _lawful(campaign, is_recorded=is_recorded))
    return [finding for finding in found if finding.level == "error"]


def _joined(found: Iterable[Finding], lawful: list[Finding]) -> list[Finding]:
    """Both, and what both say once: with the rule."""
    said = {(it.key, it.message.rpartition(" (")[0]) for it in lawful}
    return [*(it for it in found if (it.key, it.message) not in said), *lawful]


def _lawful(campaign: Campaign, toml_text: str = "", *, is_recorded: bool) -> list[Finding]:
    """What the fixed words must say and do not; with the text of the file also in which line."""
    found = []
    for it in flaws(campaign, shipped_rulebook(), is_recorded=is_recorded):
        line = line_of(toml_text, key_path(it.key)) if toml_text and it.key else 0
        found.append(Finding("error", TOML if it.key else SCRIPT, it.key, f"{it.message} ({it.rule})", line))
    return found


def _table(path: Path, toml_text: str, script_text: str) -> reader.Table | Finding | None:
    """The head of the folder's own contact file, what is wrong with it, or None when there is no such file."""
    if not path.is_file():
        return None
    campaign = examine(toml_text, script_text).campaign
    region, language = (campaign.regions[0], campaign.language) if campaign else ("", "")
    try:
        with path.open("rb") as stream:
            return reader.open_table(stream, region=region, language=language)
    except UserError as error:
        return Finding("error", folders.CONTACTS_FILE, "", f"{error.code}: {error}")
    except OSError as error:
        return Finding("error", folders.CONTACTS_FILE, "", f"unreadable_file: {error.strerror}")

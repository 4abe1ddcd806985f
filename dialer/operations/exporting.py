"""Leads for other systems: one file, complete or not there at all."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dialer.errors import UserError
from dialer.model.ids import CampaignId
from dialer.operations import folders
from dialer.operations.parts import Parts
from dialer.operations.report import write_text, zones
from dialer.reports import crm
from dialer.reports.data import LeadRow
from dialer.store import results


@dataclass(frozen=True, slots=True)
class Exported:
    """Where the file lies, how many leads are in it, and how many required cells the list had nothing for."""

    path: Path
    leads: int
    placeholders: int


def export(parts: Parts, campaign: str, kind: crm.Crm, mapping: Iterable[str], path: Path | None = None) -> Exported:
    """Write the campaign's leads under the CRM's headers. Raises ``UserError`` for an unknown campaign, field or folder."""
    row = folders.stored(parts, campaign)
    answers = tuple(row.campaign.answers)
    target = path or parts.settings.reports_dir / row.name / f"{kind.value}.csv"
    columns = _mapping(mapping, crm.fields(answers))
    filled = crm.Filled()
    count = 0

    def counted() -> Iterator[LeadRow]:
        nonlocal count
        for lead in results.lead_rows(tx, CampaignId(row.id), zones(is_marketing=row.campaign.kind.is_marketing)):
            count += 1
            yield lead

    with parts.store.read() as tx:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_text(target, crm.crm_csv(kind, row.name, answers, columns, counted(), filled))
        except OSError as error:
            raise UserError(f"{error.filename or target}: {error.strerror}", code="unwritable_folder") from error
    return Exported(target, count, filled.placeholders)


def _mapping(given: Iterable[str], known: list[str]) -> Mapping[str, str]:
    found = {}
    for item in given:
        header, sign, field = item.rpartition("=")
        if not sign or not header.strip():
            raise UserError(f"--map {item!r}: write THEIRS=OURS", code="bad_map")
        if field and field not in known:
            raise UserError(f"--map {item!r}: there is no {field!r}", code="bad_map", hint=f"one of: {', '.join(known)}")
        found[header.strip()] = field
    return found

"""Leads under the headers that a CRM's own import maps by itself. Facts, checked 2026-11:

HubSpot contacts: a header row and one of First Name, Last Name, Email; lifecycle stage "Lead"
(knowledge.hubspot.com, import contacts). Salesforce leads: Last Name and Company are required, Rating is Hot, Warm or Cold
(help.salesforce.com, field mapping for importing leads). Pipedrive: a person needs a name, a lead a title
(support.pipedrive.com 360013870858). What a portal has renamed is mapped with ``--map``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dialer.model.disposition import Outcome
from dialer.reports.csvs import lead_cells, lead_header, table
from dialer.reports.data import LeadRow

PLACEHOLDER = "[not provided]"
"""For what the CRM requires and the list does not have."""


class Crm(StrEnum):
    """The CRMs whose headers we know."""

    HUBSPOT = "hubspot"
    SALESFORCE = "salesforce"
    PIPEDRIVE = "pipedrive"


@dataclass(frozen=True, slots=True)
class Form:
    """Header -> our field, in order; and headers that must not be empty."""

    columns: Mapping[str, str]
    required: frozenset[str] = frozenset()


FORMS: Mapping[Crm, Form] = {
    Crm.HUBSPOT: Form(
        {
            "First Name": "first_name",
            "Last Name": "last_name",
            "Email": "email",
            "Phone Number": "phone",
            "Mobile Phone Number": "",
            "Company Name": "company",
            "Lifecycle Stage": "lifecycle",
            "Lead Status": "",
            "Contact Owner": "",
            "Message": "note",
        }
    ),
    Crm.SALESFORCE: Form(
        {
            "First Name": "first_name",
            "Last Name": "last_name",
            "Company": "company",
            "Email": "email",
            "Phone": "phone",
            "Lead Source": "campaign",
            "Rating": "rating",
            "Description": "note",
        },
        frozenset({"Last Name", "Company"}),
    ),
    Crm.PIPEDRIVE: Form(
        {
            "Person - Name": "name",
            "Person - Phone": "phone",
            "Person - Email": "email",
            "Organization - Name": "company",
            "Lead - Title": "title",
            "Lead - Owner": "",
            "Note": "note",
        },
        frozenset({"Person - Name"}),
    ),
}


@dataclass(slots=True)
class Filled:
    """How many cells had to be filled with the placeholder."""

    placeholders: int = 0


def fields(answers: Sequence[str]) -> list[str]:
    """Our fields, by which ``--map`` names them."""
    return [*lead_header(answers), "first_name", "last_name", "campaign", "rating", "lifecycle", "title", "note"]


def crm_csv(
    crm: Crm, campaign: str, answers: Sequence[str], mapping: Mapping[str, str], rows: Iterable[LeadRow], filled: Filled
) -> Iterator[str]:
    """The file. ``mapping`` (header -> our field) changes the CRM's columns and adds to them; "" empties one."""
    form = FORMS[crm]
    columns = {**form.columns, **mapping}
    return table(tuple(columns), (_cells(form, columns, campaign, answers, row, filled) for row in rows))


def _cells(
    form: Form, columns: Mapping[str, str], campaign: str, answers: Sequence[str], row: LeadRow, filled: Filled
) -> list[object]:
    values = _values(campaign, answers, row)
    found = []
    for header, field in columns.items():
        value = values[field] if field else ""
        if header in form.required and not value:
            filled.placeholders += 1
            value = PLACEHOLDER
        found.append(value)
    return found


def _values(campaign: str, answers: Sequence[str], row: LeadRow) -> dict[str, object]:
    lead, name = row.lead, row.person.name.strip()
    first, _, last = name.rpartition(" ")
    quote = f'"{lead.quote.quote}"' if lead.quote else ""
    result = lead.outcome.value.replace("_", " ")
    told = [f"{item.name.replace('_', ' ')}: {item.value}" for item in lead.answers if item.value is not None]
    note = "; ".join(part for part in (result, quote, *told, lead.next_step) if part)
    return dict(zip(lead_header(answers), lead_cells(answers, row), strict=True)) | {
        "first_name": first.strip(),
        "last_name": last,
        "campaign": campaign,
        "rating": lead.grade.value.capitalize(),
        "lifecycle": "Opportunity" if lead.outcome is Outcome.SALE else "Lead",
        "title": f"{name or row.person.phone}: {result}",
        "note": note,
    }

"""Whatever stands in a cell: the model's instructions change inside the data block only, and nothing unspeakable is spoken."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.conversation.instructions import Personalised, personalise
from dialer.intake.columns import map_columns
from dialer.intake.reader import open_table
from dialer.intake.rows import ORDER_NOTE, read_contacts
from dialer.model.contact import Contact, RowProblem
from tests.support.builders import MONDAY, ZONE, a_campaign
from tests.support.injections import INJECTIONS

TEXT_COLUMNS = (
    "external_id",
    "first_name",
    "last_name",
    "name",
    "email",
    "company",
    "state",
    "postal_code",
    "plan",
    "note",
    "extra",
)
CAMPAIGN = a_campaign(
    variables={"plan": {}, "note": {"fallback": "nothing"}, "secret": {"private": True}},
    opening={"text": "Hello {first_name}, this is {agent_name}, an automated assistant of {company}. Say stop to opt out. Yes?"},
)
PLAIN = {"first_name": "Ann", "plan": "basic"}
BLOCK = re.compile(r"<contact_data>\n(.*)\n</contact_data>", re.DOTALL)


def read(cells: dict[str, str]) -> Contact | RowProblem:
    """One row as a file has it."""
    text = io.StringIO()
    row = {"phone": "+12125550123", **PLAIN, **cells}
    csv.writer(text).writerows([list(row), list(row.values())])
    table = open_table(io.BytesIO(text.getvalue().encode("utf-8", "surrogatepass")))
    (found,) = read_contacts(table, map_columns(table.header, CAMPAIGN.variables), CAMPAIGN)
    return found


def rendered(contact: Contact) -> Personalised:
    return personalise(CAMPAIGN, contact, MONDAY, ZONE)


def parts(said: Personalised) -> tuple[str, list[str], str]:
    """The instructions before the block, its lines, and what follows it."""
    found = list(BLOCK.finditer(said.instructions))
    assert len(found) == 1
    assert said.instructions.count("<contact_data>") == said.instructions.count("</contact_data>") == 1
    (match,) = found
    return said.instructions[: match.start()], match[1].split("\n"), said.instructions[match.end() :]


@pytest.mark.parametrize("column", TEXT_COLUMNS)
@pytest.mark.parametrize("text", INJECTIONS)
def test_an_injection_stays_in_its_block(column: str, text: str) -> None:
    harmless, hostile = read({}), read({column: text})
    assert isinstance(harmless, Contact)
    assert isinstance(hostile, Contact)
    plain, attacked = rendered(harmless), rendered(hostile)
    before, lines, after = parts(attacked)
    assert (before, after) == (parts(plain)[0], parts(plain)[2])
    assert (attacked.tools, attacked.voice, attacked.sentences) == (plain.tools, plain.voice, plain.sentences)
    keys = [line.split(":", 1)[0] for line in lines]
    assert set(keys) <= {"first_name", "last_name", "name", "plan", "note", "local_time_now"}
    assert len(set(keys)) == len(keys)
    assert any(column in note and ORDER_NOTE in note for note in hostile.notes)
    assert attacked.opening.removesuffix(plain.opening.removeprefix("Hello Ann")).startswith("Hello ")


@settings(max_examples=150)
@given(st.sampled_from(TEXT_COLUMNS), st.text(max_size=120))
def test_any_text_stays_in_its_block_and_is_spoken_without_braces(column: str, text: str) -> None:
    found = read({column: text})
    if isinstance(found, RowProblem):
        return
    said = rendered(found)
    before, _, after = parts(said)
    harmless = read({})
    assert isinstance(harmless, Contact)
    assert (before, after) == (parts(rendered(harmless))[0], parts(rendered(harmless))[2])
    for spoken in (said.opening, said.voicemail_message, said.screening_answer):
        assert not re.search(r"[{}\n\r\x00-\x1f]", spoken)


@pytest.mark.parametrize(
    "nothing", ["", " ", "nan", "NaN", "None", "null", "NULL", "#N/A", "#REF!", "(null)", "undefined", "\u200b"]
)
def test_a_word_for_nothing_is_never_spoken(nothing: str) -> None:
    found = read({"first_name": nothing})
    assert isinstance(found, RowProblem)
    assert found.code == "missing_variable"
    kept = read({"note": nothing})
    assert isinstance(kept, Contact)
    _, lines, _ = parts(rendered(kept))
    assert not [line for line in lines if line.startswith("note")]


@pytest.mark.parametrize("cell", ["{first_name}", "{{7*7}}", "{phone.__class__}", "%(name)s", "${PATH}", "{company}"])
def test_a_value_is_no_template(cell: str) -> None:
    found = read({"first_name": cell})
    assert isinstance(found, Contact)
    said = rendered(found)
    assert "{" not in said.opening
    assert "Bright" not in said.opening.split(",")[0]
    assert "/usr" not in said.opening


def test_values_are_capped() -> None:
    long: dict[str, Any] = {"plan": "x" * 301}
    assert isinstance(read(long), RowProblem)
    said = read({"plan": "x" * 300})
    assert isinstance(said, Contact)
    assert f"plan: {'x' * 300}" in parts(rendered(said))[1]

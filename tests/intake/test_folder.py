"""A campaign folder is read whole, or every error in it is said at once."""

import json
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from dialer.errors import UserError
from dialer.intake.folder import examine, key_path, line_of, read_campaign, schema
from dialer.model.template import BUILT_IN

EXAMPLES = Path(__file__).parents[2] / "campaigns"
NUMBER = "write the number as +, country code, number, without spaces: +12125550123"
GOOD = """\
name = "test"
kind = "reminder"
company = "Acme"
agent_name = "Anna"
callback_number = "+12125550180"
caller_ids = ["+12125550180"]

[opening]
text = "Hello"

[outcomes.do_not_call]
when = "asked"

[redial.busy]
attempts = 2
delays = ["30m"]
"""


def refused(toml_text: str, script: str = "Be kind.") -> list[str]:
    with pytest.raises(UserError) as caught:
        read_campaign(toml_text, script, "x/campaign.toml", "x/script.md")
    assert caught.value.code == "invalid_campaign"
    return str(caught.value).splitlines()


def test_a_good_folder() -> None:
    campaign = read_campaign("\ufeff" + GOOD, "\ufeffBe kind.\n")
    assert (campaign.name, campaign.script) == ("test", "Be kind.")


def test_every_error_is_listed_with_its_place() -> None:
    text = GOOD.replace('"reminder"', '"party"').replace("attempts = 2", "attempts = 0\nspeed = 3").replace('"30m"', '"soon"')
    text = text.replace('caller_ids = ["+12125550180"]', 'caller_ids = ["212-555-0180"]').replace('company = "Acme"\n', "")
    assert refused(text) == [
        "x/campaign.toml has 6 errors",
        "x/campaign.toml:2: kind: 'party': input should be 'reminder', 'promotion' or 'sales'",
        "x/campaign.toml:1: company: is missing",
        f"x/campaign.toml:5: caller_ids[1]: '212-555-0180': {NUMBER}",
        "x/campaign.toml:14: redial.busy.attempts: 0: input should be greater than or equal to 1",
        'x/campaign.toml:16: redial.busy.delays[1]: \'soon\': write a time as "30m", "4h", "1d" or "90s"',
        "x/campaign.toml:15: redial.busy.speed: unknown key",
    ]


def test_a_missing_section_is_called_one() -> None:
    assert refused(GOOD.replace('[opening]\ntext = "Hello"\n', ""))[1] == (
        "x/campaign.toml:1: opening: is missing (a section [opening])"
    )


def test_names_of_keys_are_checked() -> None:
    lines = refused(GOOD + "\n[variables.First-Name]\nrequired = true\n")
    assert lines[1].startswith("x/campaign.toml:18: variables.First-Name: 'First-Name': a name has small letters")


def test_a_long_value_is_cut() -> None:
    assert "..." in refused(GOOD.replace('"Hello"', '"' + "x" * 700 + '"'))[1]


@pytest.mark.parametrize(("script", "what"), [(" \n", "the script is empty"), ("x" * 20_001, "the script is too long")])
def test_the_script_is_checked_too(script: str, what: str) -> None:
    assert refused(GOOD, script) == ["x/campaign.toml has 1 error", f"x/script.md:1: {what}"]


def test_the_script_has_a_file_of_its_own() -> None:
    assert refused('script = "x"\n' + GOOD)[1] == "x/campaign.toml:1: script: belongs into the file of its own"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'name = "a"\nkind = reminder\n',
            ["x/campaign.toml:2: column 8: this is not TOML: invalid value", "    kind = reminder"],
        ),
        ('name = "a\n', ["x/campaign.toml:1: column 10: this is not TOML: illegal character '\\n'", '    name = "a']),
        ("name = ", ["x/campaign.toml:1: this is not TOML: invalid value", "    name ="]),
        ("a = 1\n[b", ["x/campaign.toml:2: this is not TOML: expected ']' at the end of a table declaration", "    [b"]),
        ("a = [\n", ["x/campaign.toml:2: this is not TOML: invalid value"]),
    ],
)
def test_broken_toml_is_one_message(text: str, expected: list[str]) -> None:
    assert refused(text) == expected


def test_lines_are_found() -> None:
    text = 'a = 1\n# b = 2\n[x.y]\n"k" = 1\nz.w = 2\n[[lead.weights]]\npoints = 1\n'
    assert line_of(text, ("a",)) == 1
    assert line_of(text, ("x", "y", "k")) == 4
    assert line_of(text, ("x", "y", "z", "w")) == 5
    assert line_of(text, ("x", "y", "missing")) == 3
    assert line_of(text, ("lead", "weights", 0, "points")) == 7
    assert line_of(text, ("nowhere",)) == 1


def test_the_schema_is_for_editors() -> None:
    body = schema()
    assert json.loads(json.dumps(body)) == body
    assert "script" not in body["properties"]
    assert "script" not in body["required"]
    assert {"name", "kind", "opening", "outcomes"} <= set(body["required"])
    assert body["$schema"].startswith("https://json-schema.org/")


@pytest.mark.parametrize("name", ["clinic-reminder", "market-promotion", "solar-sales"])
def test_the_examples_read(name: str) -> None:
    folder = EXAMPLES / name
    toml_text, script = ((folder / file).read_text(encoding="utf-8") for file in ("campaign.toml", "script.md"))
    assert read_campaign(toml_text, script).name == name


def test_lines_of_lists_of_tables_and_long_texts() -> None:
    text = '[[lead.weights]]\npoints = 1\n[[lead.weights]]\nreason = """\npoints = 9\n"""\npoints = 2\n'
    assert line_of(text, ("lead", "weights", 1, "points")) == 7
    assert line_of(text, ("lead", "weights", 0, "points")) == 2
    assert line_of(text, ("lead", "weights", 2)) == 1
    assert key_path("lead.weights[2].points") == ["lead", "weights", 1, "points"]
    assert key_path("") == []


def examined(toml_text: str, script: str = "Be kind.", header: list[str] | None = None) -> list[str]:
    return [finding.said for finding in examine(toml_text, script, header).findings if finding.level == "error"]


HOURS = '\n[hours]\nmon = ["09:00-12:00"]\n'
FIT = (
    GOOD.replace('"Hello"', '"An automated call from {company}. Say stop to opt out. Yes?"').replace(
        'when = "asked"', 'when = "asked"\nfinal_for_number = true'
    )
    + HOURS
)


def test_a_fit_folder_has_a_campaign_and_no_errors() -> None:
    found = examine(FIT, "Be kind.")
    assert (found.campaign is not None, found.findings) == (True, ())


def test_mistakes_of_every_kind_are_told_together_with_their_lines() -> None:
    text = FIT.replace('"reminder"', '"party"').replace("{company}", "{compny}").replace("09:00-12:00", "9-12")
    assert examined(text, "\n\nBe kind.\nSay {nothing} and {first_name") == [
        "campaign.toml:2: kind: 'party': input should be 'reminder', 'promotion' or 'sales'",
        f"campaign.toml:9: opening.text: unknown placeholder {{compny}}; known are {', '.join(BUILT_IN)}",
        "script.md:4: a { without } near ' {nothing} and {first_name'; placeholders look like {first_name}",
        "campaign.toml:9: opening.text: does not say who is calling: name the company, as {company}",
        "campaign.toml:20: hours.mon: '9-12' is no time of day; write \"09:00-20:00\"",
    ]


def test_a_placeholder_of_the_script_is_found_in_its_line() -> None:
    assert examined(FIT, "\nBe kind.\n\nSay {nothing}.")[0].startswith("script.md:4: unknown placeholder {nothing}")


@pytest.mark.parametrize(
    "broken",
    [
        FIT.replace('[outcomes.do_not_call]\nwhen = "asked"\nfinal_for_number = true\n', ""),
        FIT.replace('name = "test"\n', ""),
        FIT.replace("[opening]", "[voice]"),
        FIT.replace('["+12125550180"]', '["1", "+12125550180", "2"]'),
        FIT.replace('["+12125550180"]', '["1"]'),
        FIT + '\n[variables.Bad-Name]\ntype = "text"\n',
        FIT + "\n[variables.Bad-Name]\nZed = 1\n",
        FIT + '\n[[lead.weights]]\nreason = "x"\n',
        FIT + "\n[redial]\nbusy = 3\n".replace("[redial]", "[transfer]"),
        "regions = 3\n" + FIT,
        "variables = 3\n" + FIT,
        'script = "x"\n' + FIT,
    ],
)
def test_one_mistake_hides_no_other(broken: str) -> None:
    told = examined(broken, "Say {nothing}.")
    assert any("unknown placeholder {nothing}" in line for line in told)
    assert len(told) >= 2


def test_what_is_refused_is_told_once() -> None:
    assert examined(FIT, " ") == ["script.md:1: the script is empty"]
    assert examined(FIT.replace('["09:00-12:00"]', "3")) == [
        "campaign.toml:20: hours.mon: 3: input should be a valid tuple",
    ]


def test_broken_toml_is_told_with_its_line() -> None:
    assert examined("name = [") == ["campaign.toml:1: this is not TOML: invalid value\n    name = ["]


def test_what_makes_no_campaign_at_all_is_told_by_its_keys_alone() -> None:
    deep = FIT + "".join(f"\n[answers.a{number}]\nquestion = 3\n" for number in range(3))
    assert len(examined(deep)) == 3


def test_findings_about_the_contact_file_have_no_line_of_the_toml() -> None:
    (finding,) = examine(FIT, "Be kind.", ["name"]).findings
    assert (finding.where, finding.line) == ("contacts.csv", 0)


def test_everything_that_must_be_there_has_a_stand_in() -> None:
    """The rest is judged when a key is missing, whichever it is."""
    body = tomllib.loads(
        FIT + '[identity]\nvariable = "born"\nquestion = "When?"\n[transfer.desk]\nnumber = "+12125550180"\nwhen = "asked"\n'
        '[answers.need]\nquestion = "What?"\n[[lead.weights]]\npoints = 1\nreason = "x"\n'
    )
    required = {key for part in (schema(), *schema()["$defs"].values()) for key in part.get("required", ())}
    paths = [*_required_paths(body, required)]
    assert {path[-1] for path in paths} == required
    for path in paths:
        less = deepcopy(body)
        table = less
        for part in path[:-1]:
            table = table[part]
        del table[path[-1]]
        found = examine(json_as_toml(less), "Say {nothing}.").findings
        assert any("unknown placeholder {nothing}" in finding.message for finding in found), path


def _required_paths(body: Any, required: set[str], above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, value in body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ():
        if key in required and above != ("variables",):
            yield (*above, key)
        yield from _required_paths(value, required, (*above, key))


def json_as_toml(body: dict[str, Any]) -> str:
    """Inline tables all the way: enough to write what the tests hold."""

    def said(value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{json.dumps(key)} = {said(inner)}" for key, inner in value.items()) + "}"
        return "[" + ", ".join(map(said, value)) + "]" if isinstance(value, list) else json.dumps(value)

    return "\n".join(f"{json.dumps(key)} = {said(value)}" for key, value in body.items())

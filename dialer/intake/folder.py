"""``campaign.toml`` and ``script.md`` into a ``Campaign``, or one error that lists everything that is wrong, with its line."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from dialer.errors import UserError
from dialer.intake.findings import SCRIPT, TOML, Finding
from dialer.intake.lint import lint
from dialer.model.campaign import Campaign

__all__ = ["Examined", "Finding", "examine", "key_path", "line_of", "lint", "read_campaign", "schema"]

_TABLE = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?")
_LONG_QUOTE = re.compile("\"{3}|'{3}")
_KEY = re.compile(r"""\s*("[^"]*"|'[^']*'|[A-Za-z0-9_.-]+)\s*=""")
_SECTIONS = ("opening", "voice", "variables", "answers", "outcomes", "hours", "pacing", "redial", "voicemail", "transfer",
             "budget", "limits", "lead", "identity")  # fmt: skip

Detail = Mapping[str, Any]
"""One error as pydantic tells it: loc, type, msg, input, ctx."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A folder's two texts as they were read. ``campaign`` is None when they do not make one; the findings say why."""

    campaign: Campaign | None
    findings: tuple[Finding, ...]


def read_campaign(toml_text: str, script_text: str, toml_name: str = TOML, script_name: str = SCRIPT) -> Campaign:
    """Check a campaign folder's two texts. ``toml_name`` and ``script_name`` are how the files are called in messages.

    Raises one ``UserError`` (code ``invalid_campaign``) whose message has a line for every error: file, line (found by
    a search for the key, so nearly always right), key, value, what is allowed.
    """
    body, problems, campaign = _validated(toml_text, script_text)
    if campaign is not None and not problems:
        return campaign
    names = {TOML: toml_name, SCRIPT: script_name}
    lines = [replace(problem, file=names[problem.file]).said for problem in problems]
    if body is None:
        raise UserError("\n".join(lines), code="invalid_campaign")
    count = f"{len(lines)} errors" if len(lines) > 1 else "1 error"
    raise UserError("\n".join([f"{toml_name} has {count}", *lines]), code="invalid_campaign")


def examine(toml_text: str, script_text: str, header: Sequence[str] | None = None, today: date | None = None) -> Examined:
    """Find everything that is wrong with the two texts at once, each with its line; ``header`` and ``today`` as for ``lint``.

    Where a key is refused the rest is judged as if it were not there, so that one mistake does not hide the others.
    """
    body, problems, campaign = _validated(toml_text, script_text)
    if body is None:
        return Examined(None, tuple(problems))
    found = lint(campaign or _without_errors(body), header, None, today)
    refused = [(problem.file, problem.key) for problem in problems]
    found = [finding for finding in found if not any(_concerns(finding, file, key) for file, key in refused)]
    script_begins = len(script_text.removeprefix("\ufeff")) - len(script_text.removeprefix("\ufeff").lstrip())
    offset = script_text.removeprefix("\ufeff")[:script_begins].count("\n")
    placed = [_placed(finding, toml_text, offset) for finding in found]
    return Examined(None if problems else campaign, (*problems, *placed))


def _placed(finding: Finding, toml_text: str, script_offset: int) -> Finding:
    if finding.file == TOML:
        return replace(finding, line=line_of(toml_text, key_path(finding.key)))
    if finding.file == SCRIPT and finding.line:
        return replace(finding, line=finding.line + script_offset)
    return finding


def _concerns(finding: Finding, file: str, key: str) -> bool:
    """The finding is about what was refused anyway."""
    if finding.file != file:
        return False
    return not key or finding.key == key or finding.key.startswith((f"{key}.", f"{key}[")) or key.startswith(f"{finding.key}.")


def _validated(toml_text: str, script_text: str) -> tuple[dict[str, Any] | None, list[Finding], Campaign | None]:
    """The tables as read (None: this is not TOML), what is wrong with them, and the campaign when nothing is."""
    try:
        body = tomllib.loads(toml_text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        return None, [_toml_problem(str(error), toml_text)], None
    problems = []
    if "script" in body:
        where = line_of(toml_text, ("script",))
        problems.append(Finding("error", TOML, "script", "belongs into the file of its own", where))
    body["script"] = script_text.removeprefix("\ufeff").strip()
    try:
        return body, problems, Campaign.model_validate(body)
    except ValidationError as error:
        problems += [_described(detail, toml_text) for detail in _causes(error.errors())]
        return body, problems, None


# What stands in for a key that is missing, so that the rest can be judged.
_STAND_INS: Mapping[str, Any] = {
    "name": "unnamed", "kind": "reminder", "company": "?", "agent_name": "?", "callback_number": "+12125550100",
    "caller_ids": ["+12125550100"], "outcomes": {"do_not_call": {"when": "?", "final_for_number": True}}, "script": "?",
    "text": "?", "opening": {"text": "?"}, "variable": "unknown", "question": "?", "when": "?", "number": "+12125550100",
    "points": 0, "reason": "?",
}  # fmt: skip
_ROUNDS = 5


def _without_errors(body: dict[str, Any]) -> Campaign:
    """The campaign without the keys that are refused.

    Each round may show new errors: a list that lost its last item, a key that a new section lacks.
    """
    rest = deepcopy(body)
    for _ in range(_ROUNDS):
        # From the end: taking an item out of a list moves those behind it.
        for detail in sorted(_errors(rest), key=lambda it: [str(part).zfill(6) for part in it["loc"]], reverse=True):
            _mend(rest, [part for part in detail["loc"] if part != "[key]"], is_missing=detail["type"] == "missing")
    return Campaign.model_validate(rest)


def _errors(body: dict[str, Any]) -> Sequence[Detail]:
    try:
        Campaign.model_validate(body)
    except ValidationError as error:
        return error.errors()
    return ()


def _mend(body: Any, path: Sequence[str | int], *, is_missing: bool) -> None:
    """Take out the value at ``path``, or put a stand-in there."""
    *above, last = path
    for part in above:
        if isinstance(body, dict) and part not in body:
            return  # gone with the table around it
        body = body[part]
    if is_missing:
        body[last] = deepcopy(_STAND_INS[str(last)])
    elif isinstance(body, dict):
        body.pop(last, None)
    else:
        del body[last]


def schema() -> dict[str, Any]:
    """Return the JSON schema of ``campaign.toml`` for editors; the script is a file of its own and not in it."""
    body = Campaign.model_json_schema(mode="validation")
    body["properties"].pop("script")
    body["required"].remove("script")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **body, "title": "campaign.toml"}


def line_of(toml_text: str, path: Sequence[str | int]) -> int:
    """Return the line (from 1) of the key at ``path``, else of the nearest table or key above it, else 1."""
    best, best_depth, table, counts = 1, 0, list[str | int](), Counter[tuple[str | int, ...]]()
    for number, line in _outside_texts(toml_text):
        if match := _TABLE.fullmatch(line):
            table = _parts(match[2])
            if match[1] == "[[":
                counts[tuple(table)] += 1
                table.append(counts[tuple(table)] - 1)
            here = table
        elif match := _KEY.match(line):
            here = [*table, *_parts(match[1])]
        else:
            continue
        if len(here) > best_depth and here == list(path[: len(here)]):
            best, best_depth = number, len(here)
    return best


def key_path(key: str) -> list[str | int]:
    """``lead.weights[2].outcome`` as the path of its parts, items of lists counted from 0."""
    return [int(part[1:-1]) - 1 if part[0] == "[" else part for part in re.findall(r"[^.\[\]]+|\[\d+\]", key)]


def _outside_texts(toml_text: str) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, without those inside a text of several lines."""
    quote = ""
    for number, line in enumerate(toml_text.splitlines(), 1):
        was_inside = bool(quote)
        for mark in _LONG_QUOTE.findall(line):
            quote = "" if quote == mark else quote or mark
        if not was_inside:
            yield number, line


def _parts(dotted: str) -> list[str | int]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]


def _toml_problem(text: str, toml_text: str) -> Finding:
    match = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", text, re.DOTALL)
    reason = match[1] if match else text
    number = int(match[2]) if match and match[2] else toml_text.count("\n") + 1
    column = f"column {match[3]}: " if match and match[3] else ""
    lines = toml_text.splitlines()
    shown = f"\n    {lines[number - 1].strip()[:100]}" if 0 < number <= len(lines) else ""
    return Finding("error", TOML, "", f"{column}this is not TOML: {reason[:1].lower()}{reason[1:]}{shown}", number)


def _causes(details: Sequence[Detail]) -> list[Detail]:
    """Leave out lists that are only too short because an entry in them was refused."""
    inner = {detail["loc"][:-1] for detail in details}
    return [detail for detail in details if detail["type"] != "too_short" or detail["loc"] not in inner]


def _described(detail: Detail, toml_text: str) -> Finding:
    """Say one error: where, which key, what stands there, what is allowed."""
    path = tuple(part for part in detail["loc"] if part != "[key]")
    if path[:1] == ("script",):
        what = "the script is empty" if detail["type"] == "string_too_short" else "the script is too long"
        return Finding("error", SCRIPT, "", what, 1)
    key, line = _dotted(path), line_of(toml_text, path)
    if detail["type"] == "missing":
        section = f" (a section [{key}])" if key in _SECTIONS else ""
        return Finding("error", TOML, key, f"is missing{section}", line)
    if detail["type"] == "extra_forbidden":
        return Finding("error", TOML, key, "unknown key", line)
    value = repr(detail["input"])
    shown = value if len(value) <= 60 else f"{value[:57]}..."
    return Finding("error", TOML, key, f"{shown}: {_allowed(detail)}", line)


def _allowed(detail: Detail) -> str:
    pattern = detail.get("ctx", {}).get("pattern", "")
    message = _PATTERNS.get(str(pattern)) or detail["msg"]
    if detail["type"] in ("time_delta_parsing", "time_delta_type"):
        message = 'write a time as "30m", "4h", "1d" or "90s"'
    return message[:1].lower() + message[1:]


def _dotted(path: Sequence[str | int]) -> str:
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


_PATTERNS = {
    r"^\+[1-9][0-9]{6,14}$": "write the number as +, country code, number, without spaces: +12125550123",
    r"^[a-z][a-z0-9_]{0,39}$": "a name has small letters, digits and underscores and begins with a letter (up to 40)",
    r"^[a-z0-9][a-z0-9-]{0,62}$": "a campaign name has small letters, digits and hyphens (up to 63)",
    r"^[a-z]{2}(-[A-Z]{2})?$": "write the language as en, zh or en-GB",
    r"^[A-Z]{2}$": "write a country as US, CN, GB",
}

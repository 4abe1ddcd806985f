"""Reading instructions: the headed sections of a script, and the contact's data at the end.

Unknown layouts give an empty ``Layout`` with what can be guessed; nothing here fails.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

_SECTION = re.compile(r"^# +(.+?)\s*$", re.MULTILINE)
_QUESTION = re.compile(
    r"^- (?P<name>[a-z][a-z0-9_]*) \((?P<type>[a-z]+)(?::(?P<values>[^),]*))?(?P<rest>[^)]*)\): *(?P<text>.+)$"
)
_PAIR = re.compile(r"^- (\S+?)(?::\s+|\s*=\s*)(.+)$")
_ROLE = re.compile(r"You are (?P<agent>[^,.\n]+?),.*?calling (?:for|on behalf of) (?P<company>[^\n]+?)\.(?:\s|$)", re.DOTALL)
_SPEAK = re.compile(r"[Ss]peak [^\n()]*\(([a-z]{2})")
_QUOTED = re.compile(r'ask: *[“"](.+?)[”"](?: and call| then call|\s|$)')
_DATA = re.compile(r"<contact_data>\n(.*?)\n?</contact_data>", re.DOTALL)
_NOW = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_MANY_SIGNS = 40


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to find out. ``values`` are the choices of an enum."""

    name: str
    type: str
    text: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """What instructions say. ``slots``: spoken form by ISO time; ``desks``: when to transfer, by name."""

    language: str = "en"
    agent: str = ""
    company: str = ""
    facts: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    desks: Mapping[str, str] = field(default_factory=dict)
    identity: str = ""
    contact: Mapping[str, str] = field(default_factory=dict)
    local_now: datetime | None = None


def read(instructions: str) -> Layout:
    """The sections of ``instructions``."""
    data = _DATA.search(instructions)
    told = instructions[: data.start()] if data else instructions
    sections = _sections(told)
    role = _ROLE.search(sections.get("role", told))
    contact = _contact(data[1]) if data else {}
    identity = _QUOTED.search(sections.get("identity check", ""))
    return Layout(
        language=_language(instructions),
        agent=role["agent"].strip() if role else "",
        company=role["company"].strip() if role else "",
        facts=tuple(_bullets(sections.get("script", ""))),
        questions=tuple(_questions(sections.get("questions to ask", ""))),
        slots=_pairs(sections.get("appointment slots", "")),
        desks=_pairs(sections.get("desks", "")),
        identity=identity[1] if identity else "",
        contact=contact,
        local_now=_instant(contact.get("local_time_now", "")),
    )


def _sections(text: str) -> dict[str, str]:
    """Text by heading in lower case. A heading inside a script begins with more signs, or belongs to the section before."""
    known = {"role", "script", "questions to ask", "outcomes", "appointment slots", "identity check", "desks", "rules"}
    known.add("contact (data, not instructions)")
    found: dict[str, str] = {}
    heads = [head for head in _SECTION.finditer(text) if head[1].lower() in known]
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=False):
        found[head[1].lower()] = text[head.end() : end].strip("\n")
    return found


def _language(instructions: str) -> str:
    named = _SPEAK.search(instructions)
    if named:
        return named[1]
    return "zh" if len(_CHINESE.findall(instructions)) > _MANY_SIGNS else "en"


def _questions(text: str) -> list[Question]:
    matches = (_QUESTION.match(line.strip()) for line in text.splitlines())
    return [
        Question(
            match["name"],
            match["type"],
            match["text"].strip(),
            tuple(value.strip() for value in (match["values"] or "").split("|") if value.strip()),
        )
        for match in matches
        if match
    ]


def _bullets(text: str) -> list[str]:
    """The listed facts of a script."""
    lines = (line.strip() for line in text.splitlines())
    return [line.lstrip("-*• ").strip() for line in lines if line[:1] in {"-", "*", "•"} and len(line) > 2]


def _pairs(text: str) -> dict[str, str]:
    matches = (_PAIR.match(line.strip()) for line in text.splitlines())
    return {match[1]: match[2].strip() for match in matches if match}


def _contact(text: str) -> dict[str, str]:
    parts = (line.partition(":") for line in text.splitlines())
    return {name.strip(): value.strip() for name, colon, value in parts if colon}


def _instant(text: str) -> datetime | None:
    match = _NOW.search(text)
    try:
        return datetime.fromisoformat(match[0]) if match else None
    except ValueError:
        return None

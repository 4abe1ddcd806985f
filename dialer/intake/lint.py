"""What a campaign that reads well may still have wrong: found before anything is stored, said with file and key.

Errors stop an import; warnings are for a person to judge. Facts behind the opening's rules: an artificial voice has to
say who calls and, in telemarketing, has to offer a way out at once (47 CFR 64.1200(b)).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from babel.numbers import list_currencies

from dialer.errors import UserError
from dialer.intake.columns import RESERVED, is_override, map_columns
from dialer.intake.findings import CONTACTS, SCRIPT, TOML, Finding, error_at, warning_at
from dialer.intake.promises import promises
from dialer.intake.rows import needed_variables
from dialer.model.campaign import Campaign, Redial, Variable
from dialer.model.disposition import Disposition, Outcome
from dialer.model.realtime import model_concern, voice_concern
from dialer.model.template import BUILT_IN, Placeholder, TemplateError, is_spoken, placeholders, say

MAX_OPENING = 260
MAX_MESSAGE = 350
MAX_QUESTION = 160
MAX_SCRIPT = 8000

_RANGE = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)")
_SLOT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_SAMPLE = {
    "date": "2026-12-01", "time": "15:30", "datetime": "2026-12-01T15:30",
    "money": "1200", "integer": "12", "number": "12.5", "boolean": "yes", "text": "text", "enum": "text",
}  # fmt: skip
_SAME_FOR_ALL = frozenset({"company", "agent_name", "callback_number"})
# Ends that no further dial could change.
_NO_REDIAL = frozenset({Disposition.INVALID_NUMBER, Disposition.CANCELLED, Disposition.UNKNOWN, Disposition.EXPIRED})


def lint(
    campaign: Campaign,
    header: Sequence[str] | None = None,
    mapping: Mapping[str, str] | None = None,
    today: date | None = None,
) -> list[Finding]:
    """Find what is wrong with ``campaign``; with the ``header`` of its contact file also what does not fit together.

    ``mapping`` is what a person maps by hand (``phone=Mobile``). ``today`` makes a model that has been switched off an
    error; without it that is a warning. Errors come first, else in the order of the file.
    """
    checks = (
        _language,
        _texts,
        _opening,
        _voicemail,
        _variables,
        _answers,
        _outcomes,
        _hours,
        _redials,
        _slots,
        _weights,
        _guards,
        _clip,
        _lengths,
    )
    found = [finding for check in checks for finding in check(campaign)]
    found += promises(campaign.script, [(key, text) for file, key, text in spoken_texts(campaign) if file == TOML])
    found += _voice(campaign, today)
    if header is not None:
        found += _columns(campaign, header, mapping or {})
    return sorted(found, key=lambda finding: finding.level != "error")


def spoken_texts(campaign: Campaign) -> Iterator[tuple[str, str, str]]:
    """Every text with placeholders: file, key, text."""
    yield TOML, "opening.text", campaign.opening.text
    yield TOML, "voicemail.message", campaign.voicemail.message
    for name, answer in campaign.answers.items():
        yield TOML, f"answers.{name}.question", answer.question
    for name, desk in campaign.transfer.items():
        yield TOML, f"transfer.{name}.announce", desk.announce
    yield SCRIPT, "", campaign.script


def _language(campaign: Campaign) -> Iterator[Finding]:
    if not is_spoken(campaign.language):
        yield error_at("language", f"{campaign.language!r} is unknown")


def _texts(campaign: Campaign) -> Iterator[Finding]:
    for file, key, text in spoken_texts(campaign):
        try:
            found = placeholders(text)
        except TemplateError as error:
            yield error_at(key, str(error), file, _line(text, error.position, file))
            continue
        for it in found:
            line = _line(text, it.position, file)
            yield from (replace(finding, line=line) for finding in _placeholder(campaign, it, file, key))


def _line(text: str, position: int, file: str) -> int:
    """The line of the script, from its first word; a key of ``campaign.toml`` is looked up by its name later."""
    return text.count("\n", 0, position) + 1 if file == SCRIPT else 0


def _placeholder(campaign: Campaign, it: Placeholder, file: str, key: str) -> Iterator[Finding]:
    variable = campaign.variables.get(it.name)
    if variable is None and it.name not in BUILT_IN:
        known = ", ".join(dict.fromkeys((*campaign.variables, *BUILT_IN)))
        yield error_at(key, f"unknown placeholder {{{it.name}}}; known are {known}", file)
        return
    kind = variable.type if variable else "text"
    try:
        say(_SAMPLE[kind], kind, "en", it.style)  # which styles fit does not depend on the language
    except ValueError as error:
        yield error_at(key, f"{{{it.name}:{it.style}}}: {error}", file)
    if variable and variable.private:
        yield error_at(key, f"{{{it.name}}} is private: it may only be told after the identity check, not in a fixed text", file)
    elif it.name in needed_variables(campaign) and not (variable and variable.required):
        yield warning_at(key, f"rows without {it.name} will be refused: the text says it and it has no fallback", file)


def _opening(campaign: Campaign) -> Iterator[Finding]:
    text = campaign.opening.text
    if campaign.company not in text and "{company}" not in text:
        yield error_at("opening.text", "does not say who is calling: name the company, as {company}")
    if len(text) > MAX_OPENING:
        yield warning_at("opening.text", f"has {len(text)} letters; people listen to about {MAX_OPENING}")
    if not text.rstrip().endswith(("?", "？")):
        yield warning_at("opening.text", "does not end in a question, so that nobody knows when to speak")


def _voice(campaign: Campaign, today: date | None) -> Iterator[Finding]:
    if (concern := model_concern(campaign.voice.model, today)) is not None:
        yield (error_at if concern.is_over else warning_at)("voice.model", concern.text)
    if (concern := voice_concern(campaign.voice.name)) is not None:
        yield warning_at("voice.name", concern.text)


def _voicemail(campaign: Campaign) -> Iterator[Finding]:
    voicemail = campaign.voicemail
    if voicemail.action == "hang_up":
        return
    if not voicemail.message:
        yield error_at("voicemail.message", f"is missing for the action {voicemail.action}")
        return
    if campaign.company not in voicemail.message and "{company}" not in voicemail.message:
        yield error_at("voicemail.message", "does not say who is calling: name the company, as {company}")
    if "{callback_number}" not in voicemail.message and campaign.callback_number not in voicemail.message:
        yield warning_at("voicemail.message", "gives no number to call back: {callback_number}")


def _variables(campaign: Campaign) -> Iterator[Finding]:
    for name, variable in campaign.variables.items():
        key = f"variables.{name}"
        if is_override(name):
            yield error_at(key, "the name could override the agent")
        elif name in ("company", "phone") or (name in RESERVED and (name not in BUILT_IN or variable.type != "text")):
            yield error_at(key, "the name is a reserved column and no variable")
        if variable.currency and (variable.type != "money" or variable.currency not in list_currencies()):
            yield error_at(f"{key}.currency", f"{variable.currency!r} is no currency of a money variable")
        yield from _listed(key, variable.type, variable.values)
    identity = campaign.identity
    if identity and identity.variable not in campaign.variables:
        yield error_at("identity.variable", f"{identity.variable} is not in [variables]")
    elif identity and not campaign.variables[identity.variable].private:
        yield error_at("identity.variable", f"{identity.variable} must be private: the model may not know the answer")
    elif identity is None and (private := [name for name, variable in campaign.variables.items() if variable.private]):
        yield warning_at("identity", f"without an identity check nobody is ever told {', '.join(private)}")


def _listed(key: str, kind: str, values: tuple[str, ...]) -> Iterator[Finding]:
    if (kind == "enum") != bool(values):
        wrong = "an enum needs values" if kind == "enum" else f"values are for an enum, not for {kind}"
        yield error_at(f"{key}.values", wrong)
    elif len({value.casefold() for value in values}) < len(values):
        yield error_at(f"{key}.values", "has a value twice")


def _answers(campaign: Campaign) -> Iterator[Finding]:
    for name, answer in campaign.answers.items():
        yield from _listed(f"answers.{name}", answer.type, answer.values)


def _outcomes(campaign: Campaign) -> Iterator[Finding]:
    outcomes = campaign.outcomes
    stop = outcomes.get(Outcome.DO_NOT_CALL)
    if stop is None:
        yield error_at("outcomes.do_not_call", "is missing: every script must be able to end in an opt-out")
    elif not (stop.final_for_number and stop.final_for_contact) or stop.lead:
        yield error_at("outcomes.do_not_call", "must be final_for_contact and final_for_number, and no lead")
    if Outcome.TRANSFERRED in outcomes and not campaign.transfer:
        yield error_at("outcomes.transferred", "there is no [transfer.<desk>] to hand over to")
    for outcome in (Outcome.APPOINTMENT_MOVED, Outcome.APPOINTMENT_BOOKED):
        if outcome in outcomes and not campaign.slots:
            yield error_at(f"outcomes.{outcome}", "there are no slots to offer")
    if campaign.kind.is_marketing and not any(rule.lead for rule in outcomes.values()):
        yield warning_at("outcomes", "no outcome has lead = true: the report will have no leads")


def _hours(campaign: Campaign) -> Iterator[Finding]:
    days: dict[str, tuple[str, ...]] = campaign.hours.model_dump()
    if not any(days.values()):
        yield error_at("hours", "is empty: nobody could ever be called")
    for day, ranges in days.items():
        last_end = ""
        for text in ranges:
            begin, _, end = text.partition("-")
            if not _RANGE.fullmatch(text) or begin >= end:
                yield error_at(f"hours.{day}", f'{text!r} is no time of day; write "09:00-20:00"')
            elif begin < last_end:
                yield error_at(f"hours.{day}", f"{text!r} begins before the time in front of it has ended")
            else:
                last_end = end


def _redials(campaign: Campaign) -> Iterator[Finding]:
    for disposition, redial in campaign.redial.items():
        yield from _redial(disposition, redial)


def _redial(disposition: Disposition, redial: Redial) -> Iterator[Finding]:
    key, further = f"redial.{disposition}", redial.attempts - 1
    if further and (disposition in _NO_REDIAL or disposition.is_blocked):
        yield error_at(key, f"{disposition} is never dialled again")
    elif further and not redial.delays:
        yield error_at(f"{key}.delays", f"{redial.attempts} attempts need a delay before the next one")
    elif 0 < len(redial.delays) < further:
        yield warning_at(f"{key}.delays", f"{len(redial.delays)} for {further} further attempts: the last one repeats")
    elif len(redial.delays) > further:
        yield warning_at(f"{key}.delays", f"{len(redial.delays)} for {further} further attempts: the rest is never used")
    if any(delay.total_seconds() < 60 for delay in redial.delays):
        yield error_at(f"{key}.delays", "under a minute is harassment")


def _slots(campaign: Campaign) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, slot in enumerate(campaign.slots, 1):
        if not _SLOT.fullmatch(slot) or not _is_moment(slot):
            yield error_at(f"slots[{index}]", f'{slot!r} is no local time; write "2026-12-03T14:30"')
        elif slot in seen:
            yield error_at(f"slots[{index}]", f"{slot!r} is there twice")
        seen.add(slot)


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _weights(campaign: Campaign) -> Iterator[Finding]:
    if campaign.lead.warm >= campaign.lead.hot:
        yield error_at("lead.warm", f"{campaign.lead.warm} must be below hot = {campaign.lead.hot}")
    for index, weight in enumerate(campaign.lead.weights, 1):
        key = f"lead.weights[{index}]"
        answer = campaign.answers.get(weight.answer or "")
        if weight.outcome is None and weight.answer is None:
            yield error_at(key, "needs an outcome or an answer")
        if weight.outcome is not None and weight.outcome not in campaign.outcomes:
            yield error_at(f"{key}.outcome", f"{weight.outcome} is not in [outcomes]")
        if weight.answer is not None and answer is None:
            yield error_at(f"{key}.answer", f"{weight.answer} is not in [answers]")
        elif answer:
            yield from _weighed(key, answer.type, answer.values, weight.equals, weight.at_least is not None)


def _weighed(key: str, kind: str, values: tuple[str, ...], equals: str | None, is_threshold: bool) -> Iterator[Finding]:
    if is_threshold and kind not in ("integer", "number", "money"):
        yield error_at(f"{key}.at_least", f"is for numbers, and the answer is {kind}")
    if equals is not None and kind == "enum" and equals not in values:
        yield error_at(f"{key}.equals", f"{equals!r} is none of {', '.join(values)}")
    if equals is not None and kind == "boolean" and equals not in ("true", "false"):
        yield error_at(f"{key}.equals", 'a boolean equals "true" or "false"')


def _guards(campaign: Campaign) -> Iterator[Finding]:
    """What is forbidden must not stand in our own fixed texts: the call would end with a correction of itself."""
    forbidden = campaign.guards.forbidden
    if len({phrase.casefold() for phrase in forbidden}) < len(forbidden):
        yield error_at("guards.forbidden", "has a phrase twice")
    for phrase in forbidden:
        if not phrase.strip(" .,!?。，！？"):
            yield error_at("guards.forbidden", f"{phrase!r} has no words")
            continue
        for _, key, text in spoken_texts(campaign):
            if key and phrase.casefold() in text.casefold():
                yield error_at("guards.forbidden", f"{phrase!r} is said in {key}")


def _clip(campaign: Campaign) -> Iterator[Finding]:
    """A clip is one sound for everybody."""
    if campaign.voice.prewarm != "clip":
        return
    try:
        found = placeholders(campaign.opening.text)
    except TemplateError:
        return  # said by the check of all texts
    own = [it.name for it in found if it.name not in _SAME_FOR_ALL]
    if own:
        names = ", ".join(f"{{{name}}}" for name in own)
        yield error_at("voice.prewarm", f"clip: the opening says {names}, and one clip cannot be personal; use ring or answer")


def _lengths(campaign: Campaign) -> Iterator[Finding]:
    """What is long costs patience when it is said, and money when it is sent with every reply."""
    if len(campaign.script) > MAX_SCRIPT:
        said = f"the script has {len(campaign.script):,} letters, and the model is sent all of them for every reply"
        yield warning_at("", said, SCRIPT, 1)
    if len(campaign.voicemail.message) > MAX_MESSAGE:
        yield warning_at("voicemail.message", f"has {len(campaign.voicemail.message)} letters; few listen to over {MAX_MESSAGE}")
    for name, answer in campaign.answers.items():
        if len(answer.question) > MAX_QUESTION:
            yield warning_at(f"answers.{name}.question", f"has {len(answer.question)} letters: ask in under {MAX_QUESTION}")


def _columns(campaign: Campaign, header: Sequence[str], mapping: Mapping[str, str]) -> Iterator[Finding]:
    try:
        columns = map_columns(header, campaign.variables, mapping)
    except UserError as error:
        yield error_at("", f"{error.code}: {error}", CONTACTS)
        return
    there = {*columns.variables, *columns.reserved}
    if {"first_name", "last_name"} & there:
        there.add("name")
    needed = needed_variables(campaign)
    for name in sorted(needed - there):
        yield error_at(_column_of(campaign.variables, name), f"there is no such column, and the script needs {name}", CONTACTS)
    for name, variable in campaign.variables.items():
        if name not in there and name not in needed:
            yield warning_at(
                _column_of(campaign.variables, name), f"there is no such column: {name} is {_instead(variable)}", CONTACTS
            )
    for name in columns.unused:
        yield warning_at(name, "the column is not used: it is in no [variables]", CONTACTS)
    if campaign.kind.is_marketing and "consent" not in there:
        yield warning_at("consent", "without a consent column every row will be held", CONTACTS)


def _instead(variable: Variable) -> str:
    return f"{variable.fallback!r} for everybody" if variable.fallback else "never known"


def _column_of(variables: Mapping[str, Variable], name: str) -> str:
    variable = variables.get(name)
    return (variable.column if variable else "") or name

"""The first draft of a campaign folder, commented line by line. It passes the check as it stands; numbers in it are fictional."""

from typing import Any

from dialer.intake.findings import CONTACTS, SCRIPT, TOML
from dialer.model.campaign import CampaignKind

_HEAD = """\
# {title}. Look at it with `dialer campaign check {name}` and `dialer campaign preview {name}`.
# An editor that knows JSON schemas helps with the keys: `dialer campaign schema > campaign.schema.json`.
name = "{name}"
kind = "{kind}"                  # reminder | promotion | sales: the legal gates depend on it
language = "en"                  # the language that is spoken: en, zh, en-GB, ...
company = "Your Company"         # CHANGE: said in the first sentence
agent_name = "Anna"              # the voice's name
callback_number = "+12125550100" # CHANGE: where people reach you
caller_ids = ["+12125550100"]    # CHANGE: the numbers that are shown, all your own
regions = ["US"]                 # countries that may be called; the first reads numbers without +
{slots}
# The fixed first words. They have to say who calls, that the voice is automated, and how to get no more calls; they should
# end in a question. Words in braces are filled in: see [variables]; company, agent_name and callback_number always work.
[opening]
text = "{opening}"

[voice]
name = "marin"
prewarm = "ring"                 # the opening is produced while the phone rings | answer | clip

# Columns of {contacts} that the script uses. Types: text, integer, number, money, date, time, datetime, enum, boolean.
# required: a row without it is refused. fallback: said instead. private: told only after an identity check ([identity]).
# column: the name in the file, where it is another one.
[variables]
first_name = {{ required = true }}
{variables}
"""

_TAIL = """\
# How a talk may end. `when` is told to the model; the flags decide what happens to the contact, and what becomes a lead.
{outcomes}
[outcomes.callback]
when = "The person asks to be called at another time."
final_for_contact = false{callback_lead}

[outcomes.not_interested]
when = "The person does not want it."
category = "negative"

[outcomes.wrong_person]
when = "Somebody else answered and the person is not there."
final_for_contact = false
right_party = false

[outcomes.wrong_number]
when = "Nobody of that name can be reached at this number."
category = "negative"
final_for_number = true
right_party = false

[outcomes.do_not_call]           # every campaign needs this one
when = "The person asks not to be called again, in any words, or presses 9."
category = "negative"
final_for_number = true

[outcomes.cannot_tell]
when = "It did not become clear."
right_party = false

# When people may be rung, in their own local time. The law of the place narrows it further; days left out are closed.
[hours]
mon = ["09:00-19:00"]
tue = ["09:00-19:00"]
wed = ["09:00-19:00"]
thu = ["09:00-19:00"]
fri = ["09:00-19:00"]

[pacing]
concurrency = 5                  # calls at once
cps = 1                          # call starts a second

# After which ends to dial again: how often in all, and how long to wait in between.
[redial.no_answer]
attempts = 3
delays = ["2h", "1d"]

[redial.busy]
attempts = 3
delays = ["30m", "1d"]

[redial.voicemail]
attempts = 2
delays = ["1d"]

[voicemail]
action = "hang_up"               # leave_message | message_on_last_attempt need a message

[budget]                         # in US dollars: the campaign stops at it
total = 20
per_call = 1.5

[limits]
ring_s = 25
call_s = 240
"""

_LEAD = """
# Points from 0 to 100 that make a contact a lead, each with its reason in words.
[lead]
hot = 70
warm = 40

[[lead.weights]]
points = 60
reason = "wants to hear more"
outcome = "interested"

[[lead.weights]]
points = 20
reason = "wants it soon"
answer = "timeline"
equals = "now"
"""

_INTERESTED = """\
[outcomes.interested]
when = "The person wants to hear more."
category = "positive"
lead = true
"""
_TIMELINE = """\
[answers.timeline]
question = "When would you like to start: now, this year, or later?"
type = "enum"
values = ["now", "this year", "later"]

"""
_ANSWERS = """\
# What to find out, in this order. Each answer is kept with the words that it was given in.
"""

_SCRIPT = """\
You call for the company named above. You are friendly and brief; you never push.

## Steps

{steps}

## Facts

- Write here what is true and may be said: prices, places, opening hours. What is not here, the voice may not promise.

## When they say

- "Are you a robot?" Say yes, you are an automated assistant; offer that a person calls back.
- "I am busy": ask when to call again.
- "How did you get my number?": say where it comes from.

## Limits

Never promise what is not among the facts. Never ask for a card number or an account.
"""

_KINDS: dict[CampaignKind, dict[str, Any]] = {
    CampaignKind.REMINDER: {
        "title": "A reminder of an appointment",
        "slots": """
# Other times that may be offered, local time of the person who is called. CHANGE them.
slots = ["2027-01-12T14:30", "2027-01-13T09:15"]
""",
        "opening": "Hello, this is {agent_name}, an automated assistant from {company}, calling about your appointment."
        " To get no more calls, say stop or press 9. Am I speaking with {first_name}?",
        "variables": 'appointment_at = { type = "datetime", required = true, description = "local time of the appointment" }',
        "outcomes": """\
[outcomes.appointment_confirmed]
when = "The person says that they will come."
category = "positive"

[outcomes.appointment_moved]
when = "The person chose another of the offered times."
category = "positive"

[outcomes.appointment_cancelled]
when = "The person will not come and wants no other time."
category = "negative"
""",
        "answers": "",
        "steps": """\
1. Find out whether you are speaking with the person. If not, say only that you will call again.
2. Say the day and the time of the appointment and ask whether the person can come.
3. If not, offer the other times.
4. Repeat what was agreed in one sentence, thank the person and say goodbye.""",
        "columns": ("appointment_at", "2027-01-11T10:00"),
    },
    CampaignKind.PROMOTION: {
        "title": "An offer to people who agreed in writing to be called",
        "slots": "",
        "opening": "Hello {first_name}, this is {agent_name}, an automated assistant from {company}, with an offer for you."
        " To get no more calls, say stop or press 9. May I tell you in one sentence?",
        "variables": 'offer_ends = { type = "date", description = "the last day of the offer" }',
        "outcomes": _INTERESTED,
        "answers": _ANSWERS + _TIMELINE,
        "steps": """\
1. Say the offer in one sentence, and until when it holds.
2. If the person is interested, ask the questions.
3. Say what happens next, thank the person and say goodbye.""",
        "columns": ("offer_ends", "2027-01-31"),
    },
    CampaignKind.SALES: {
        "title": "A sales qualification of people who agreed in writing to be called",
        "slots": "",
        "opening": "Hi {first_name}, this is {agent_name}, an automated assistant from {company}. You asked us for information."
        " Say stop or press 9 and we will not call again. Do you have two minutes?",
        "variables": 'asked_on = { type = "date", description = "when the person asked for information" }',
        "outcomes": _INTERESTED,
        "answers": _ANSWERS
        + """\
[answers.need]
question = "What are you looking for?"
required = true

"""
        + _TIMELINE,
        "steps": """\
1. If they have no time, ask when to call again.
2. Ask the questions in their order, one at a time.
3. Say that somebody will call them back, thank them and say goodbye.""",
        "columns": ("asked_on", "2026-11-02"),
    },
}


def starter(name: str, kind: CampaignKind) -> dict[str, str]:
    """The three files of a new campaign, by their names. ``name`` has the form of a campaign name."""
    parts = _KINDS[kind]
    spoken = {key: parts[key] for key in ("title", "slots", "opening", "variables")}
    head = _HEAD.format(name=name, kind=kind.value, contacts=CONTACTS, **spoken)
    lead = "\nlead = true" if kind.is_marketing else ""
    tail = _TAIL.format(outcomes=parts["outcomes"], callback_lead=lead)
    column, value = parts["columns"]
    consent, source = ("written", "web form") if kind.is_marketing else ("express", "booking form")
    contacts = (
        f"external_id,first_name,last_name,phone,timezone,{column},consent,consent_at,consent_source\n"
        f"1,Maria,Lopez,+12125550123,America/New_York,{value},{consent},2026-10-01,{source}\n"
    )
    return {
        TOML: head + parts["answers"] + tail + (_LEAD if kind.is_marketing else ""),
        SCRIPT: _SCRIPT.format(steps=parts["steps"]),
        CONTACTS: contacts,
    }

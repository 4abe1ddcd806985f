"""The words and deeds of one attempt for people and programs: plain text, Markdown, WebVTT, and the list behind them.

Everything stands in the order in which it happened: turns as they were heard, tool calls with their results after the turn that
they follow, and events (who answered, a message, a hand-over, an opt-out, the end). Offsets count from the answer.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dialer.model.attempt import EndCause
from dialer.model.disposition import AnsweredBy, Disposition
from dialer.model.transcript import Speaker, ToolCall, Transcript, Turn

_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
)
_ENDS = {
    EndCause.FAR_HANG_UP: "the callee hung up",
    EndCause.NEAR_HANG_UP: "we hung up",
    EndCause.TIME_LIMIT: "the time limit ended the call",
}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~])")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the attempt beside its words. ``language`` is the campaign's."""

    language: str = "en"
    disposition: Disposition | None = None
    answered_by: AnsweredBy | None = None
    end_cause: EndCause | None = None
    talk_s: float = 0.0
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. ``who``: agent, callee, tool or event. ``note``: interrupted, and how long the callee waited for it."""

    at_ms: int
    end_ms: int
    who: str
    text: str
    note: str = ""


def language_of(text: str, default: str) -> str:
    """The language of a turn as far as its script tells: ``default`` for letters that many languages share."""
    return next((name for name, script in _SCRIPTS if script.search(text)), default.partition("-")[0])


def entries(transcript: Transcript, facts: Facts) -> tuple[Entry, ...]:
    """All lines in order."""
    found = _beginning(facts)
    done = [call for call in transcript.tool_calls if call.after_seq < 1]
    found += [line for call in done for line in _deed(call)]
    for turn in sorted(transcript.turns, key=lambda turn: turn.seq):
        found.append(_said(turn))
        found += [line for call in transcript.tool_calls if call.after_seq == turn.seq for line in _deed(call)]
    last = max((turn.seq for turn in transcript.turns), default=0)
    found += [line for call in transcript.tool_calls if call.after_seq > max(last, 0) for line in _deed(call)]
    return tuple(found + _end(facts))


def events(transcript: Transcript, facts: Facts) -> list[dict[str, Any]]:
    """The events alone, for programs."""
    return [{"at_ms": entry.at_ms, "event": entry.text} for entry in entries(transcript, facts) if entry.who == "event"]


def text(lines: Sequence[Entry]) -> str:
    """One line each, with minutes and seconds from the answer."""
    return "\n".join(f"{clock(it.at_ms)} {it.who:<6}  {it.text}" + (f" ({it.note})" if it.note else "") for it in lines)


def markdown(title: str, lines: Sequence[Entry]) -> str:
    """A heading and a list; nothing in the words is a mark of its own."""
    found = [f"# {_plain(title)}", ""]
    for it in lines:
        words = _plain(it.text) if it.who in ("agent", "callee") else f"_{_plain(it.text)}_"
        note = f" _({_plain(it.note)})_" if it.note else ""
        found.append(f"- `{clock(it.at_ms)}` **{it.who}**: {words}{note}")
    return "\n".join(found) + "\n"


def vtt(lines: Sequence[Entry]) -> str:
    """WebVTT captions with speakers (www.w3.org/TR/webvtt1): the turns alone."""
    found = ["WEBVTT", ""]
    for it in lines:
        if it.who in ("agent", "callee"):
            words = " ".join(it.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").split())
            ends = max(it.end_ms, it.at_ms + 1)
            found += [f"{_stamp(it.at_ms)} --> {_stamp(ends)}", f"<v {it.who}>{words}", ""]
    return "\n".join(found)


def clock(ms: int) -> str:
    """Minutes and seconds."""
    return f"{ms // 60000:02d}:{ms // 1000 % 60:02d}"


def _stamp(ms: int) -> str:
    return f"{ms // 3_600_000:02d}:{ms // 60000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"


def _said(turn: Turn) -> Entry:
    notes = ["interrupted"] if turn.is_interrupted else []
    if turn.speaker is Speaker.AGENT and turn.latency_ms is not None:
        notes.append(f"after {turn.latency_ms} ms")
    return Entry(turn.start_ms, turn.end_ms, turn.speaker.value, turn.text, ", ".join(notes))


def _deed(call: ToolCall) -> list[Entry]:
    """A tool call, and the event that it is."""
    shown = f"{call.name}({_shown(call.arguments)}) -> {_shown(call.result)}"
    found = [Entry(call.at_ms, call.at_ms, "tool", shown)]
    if call.result.get("ok") is not True:
        return found
    named = {
        "opt_out": "opted out: no more calls to this number",
        "transfer": f"handed over to {call.arguments.get('desk', '')}",
        "report_answer_type": f"answered by {call.arguments.get('kind', '')}",
    }.get(call.name)
    return [*found, Entry(call.at_ms, call.at_ms, "event", named)] if named else found


def _beginning(facts: Facts) -> list[Entry]:
    if not facts.is_answered:
        return []
    who = facts.answered_by.value if facts.answered_by else "unknown"
    return [Entry(0, 0, "event", f"answered by {who}")]


def _end(facts: Facts) -> list[Entry]:
    if not facts.is_answered or facts.disposition is None:
        return []
    at = round(facts.talk_s * 1000)
    found = [Entry(at, at, "event", "message left")] if facts.disposition is Disposition.VOICEMAIL_LEFT else []
    ended = _ENDS.get(facts.end_cause) if facts.end_cause else None
    return [*found, Entry(at, at, "event", ended or f"ended: {facts.disposition.value}")]


def _plain(words: str) -> str:
    return _MARKDOWN.sub(r"\\\1", " ".join(words.split()))


def _shown(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value!r}" if isinstance(value, str) else f"{key}={value}" for key, value in values.items())

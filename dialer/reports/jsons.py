"""``report.json`` and ``transcripts.jsonl``. Keys are stable: they are added to, never renamed.

``report.json``
    campaign, kind, language, company, status, generated_at, period {first_dial_at, last_dial_at}; imports [{file,
    rows, ...}]; rows, buckets {every bucket: count}, adds_up (the buckets add up to the rows); funnel [{step, count,
    of, lost {}}]; dispositions {word: attempts}, outcomes {word: persons}, not_called {reason: persons}; attempts
    (recorded), dialled, refused, redials, conversations; leads {total, hot, warm, cold}, opt_outs, callbacks,
    needs_review; spend {currency, total, per_dial, per_conversation, per_lead, budget} (amounts as text); latency
    {answer_to_audio_ms, turn_ms: {n, p50, p95, p99, max}, is_simulated}; by_hour, by_weekday
    [{hour | weekday (0 = Monday), dials, talked}], dials_without_zone; by_attempt, by_version [{attempt |
    version, dials, talked, talked_interval (Wilson, 95 %), positive}]; by_weekday_and_hour; spend_by_day; objections,
    observations {kind: talks}; sources {source of the outcome: talks}; corrections {source: {agreed, changed}}; analysis
    [{model, schema, prompt, talks {state: count}, cost}]; chain_heads
    [{name, seq, digest}] (``dialer audit verify --heads`` takes the file). Unknown is null, never zero.
``transcripts.jsonl``
    One line per attempt with words or tool calls: attempt_id, phone, name, row, number, dialed_at, disposition,
    outcome, turns [{seq, speaker, text, start_ms, end_ms, generated, is_interrupted, latency_ms}], tool_calls [{name,
    arguments, result, at_ms, after_seq}].
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from dialer.reports.aggregate import Percentiles, Step, Summary
from dialer.reports.data import CampaignHead, ImportRow, MethodRow, TranscriptRow
from dialer.reports.heard import Heard
from dialer.reports.worked import Tried, Worked


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of what the page lists."""

    opt_outs: int
    callbacks: int
    needs_review: int


@dataclass(frozen=True, slots=True)
class Details:
    """What worked, what was heard, and how the results were made."""

    worked: Worked
    objections: Sequence[Heard]
    observations: Sequence[Heard]
    method: MethodRow


def report_values(
    head: CampaignHead, summary: Summary, totals: Totals, generated_at: datetime, details: Details | None = None
) -> dict[str, Any]:
    """The contents of ``report.json`` as values."""
    counts = summary.attempts
    return {
        "campaign": head.campaign.name,
        "kind": head.campaign.kind.value,
        "language": head.campaign.language,
        "company": head.campaign.company,
        "status": head.status.value,
        "generated_at": _instant(generated_at),
        "period": {"first_dial_at": _instant(counts.first_at), "last_dial_at": _instant(counts.last_at)},
        "imports": [_import(item) for item in head.imports],
        "rows": summary.rows,
        "buckets": _words(summary.buckets),
        "adds_up": summary.adds_up,
        "funnel": [_step(step) for step in summary.funnel],
        "dispositions": _words(summary.dispositions),
        "outcomes": _words(summary.outcomes),
        "not_called": dict(summary.not_called),
        "attempts": counts.recorded,
        "dialled": counts.dialled,
        "refused": counts.refused,
        "redials": counts.redials,
        "conversations": counts.talked,
        "leads": {"total": sum(summary.leads.values()), **_words(summary.leads)},
        "opt_outs": totals.opt_outs,
        "callbacks": totals.callbacks,
        "needs_review": totals.needs_review,
        "spend": _spend(summary),
        "latency": {
            "answer_to_audio_ms": _latency(summary.answer_to_audio_ms),
            "turn_ms": _latency(summary.turn_ms),
            "is_simulated": summary.is_simulated,
        },
        "by_hour": [{"hour": slot.key, "dials": slot.dials, "talked": slot.talked} for slot in summary.hours],
        "by_weekday": [{"weekday": slot.key, "dials": slot.dials, "talked": slot.talked} for slot in summary.weekdays],
        "dials_without_zone": summary.no_zone,
        "chain_heads": [{"name": it.name, "seq": it.seq, "digest": it.digest} for it in head.chains],
        **(_details(details) if details else {}),
    }


def _details(details: Details) -> dict[str, Any]:
    worked, method = details.worked, details.method
    return {
        "by_attempt": [{"attempt": int(row.key), **_tried(row)} for row in worked.attempts],
        "by_version": [{"version": row.key, **_tried(row)} for row in worked.versions],
        "by_weekday_and_hour": [
            {"weekday": cell.weekday, "hour": cell.hour, "dials": cell.dials, "talked": cell.talked} for cell in worked.cells
        ],
        "spend_by_day": {day: _amount(cost) for day, cost in worked.days},
        "objections": {item.key.partition(".")[2]: item.count for item in details.objections},
        "observations": {item.key.partition(".")[2]: item.count for item in details.observations},
        "sources": {source or "none": count for source, count in method.sources.items()},
        "corrections": {
            source or "none": {"agreed": agreed, "changed": changed} for source, agreed, changed in method.agreements
        },
        "analysis": [
            {"model": model, "schema": schema, "prompt": prompt, "talks": dict(counts), "cost": _amount(cost)}
            for model, schema, prompt, counts, cost in method.readings
        ],
    }


def _tried(row: Tried) -> dict[str, Any]:
    interval = [None if end is None else round(end, 4) for end in (row.talked.low, row.talked.high)]
    return {"dials": row.talked.of, "talked": row.talked.count, "talked_interval": interval, "positive": row.positive.count}


def report_json(values: Mapping[str, Any]) -> str:
    """The file's text."""
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def transcript_line(row: TranscriptRow) -> str:
    """One line of ``transcripts.jsonl``."""
    attempt, person = row.attempt, row.attempt.person
    values = {
        "attempt_id": attempt.id,
        "phone": person.phone,
        "name": person.name,
        "row": person.row,
        "number": attempt.number,
        "dialed_at": _instant(attempt.dialed_at),
        "disposition": attempt.disposition,
        "outcome": attempt.outcome,
        "turns": [
            {
                "seq": turn.seq,
                "speaker": turn.speaker.value,
                "text": turn.text,
                "start_ms": turn.start_ms,
                "end_ms": turn.end_ms,
                "generated": turn.generated,
                "is_interrupted": turn.is_interrupted,
                "latency_ms": turn.latency_ms,
            }
            for turn in row.transcript.turns
        ],
        "tool_calls": [
            {
                "name": call.name,
                "arguments": dict(call.arguments),
                "result": dict(call.result),
                "at_ms": call.at_ms,
                "after_seq": call.after_seq,
            }
            for call in row.transcript.tool_calls
        ],
    }
    # Line separators of Unicode are escaped too: some readers of JSON Lines split at them.
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\x85", "\\u0085") + "\n"


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def _words(counts: Mapping[Any, int]) -> dict[str, int]:
    return {str(word): count for word, count in counts.items()}


def _step(step: Step) -> dict[str, Any]:
    lost = {name.partition(".")[2]: count for name, count in step.lost.items()}
    return {"step": step.name, "count": step.count, "of": step.of, "lost": lost}


def _import(item: ImportRow) -> dict[str, Any]:
    return {
        "file": item.file_name,
        "rows": item.rows,
        "accepted": item.accepted,
        "updated": item.updated,
        "duplicates": item.duplicates,
        "rejected": item.rejected,
        "imported_at": _instant(item.imported_at),
    }


def _spend(summary: Summary) -> dict[str, str | None]:
    spend = summary.spend
    return {
        "currency": spend.currency,
        "total": _amount(spend.total),
        "per_dial": _amount(spend.per_dial),
        "per_conversation": _amount(spend.per_conversation),
        "per_lead": _amount(spend.per_lead),
        "budget": _amount(spend.budget),
    }


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.4f}"


def _latency(values: Percentiles) -> dict[str, int | None]:
    return {"n": values.n, "p50": values.p50, "p95": values.p95, "p99": values.p99, "max": values.highest}

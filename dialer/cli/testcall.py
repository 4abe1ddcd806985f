"""``dialer test-call``: one marked call to one's own phone."""

import sys

import typer

from dialer.cli import live, screen
from dialer.cli.border import command
from dialer.cli.context import ask_before_ringing, opened
from dialer.cli.running import require_current
from dialer.errors import UserError
from dialer.model.disposition import Disposition
from dialer.operations.parts import Parts

_ENDING = "saying goodbye; once more to stop at once"
_OUTSIDE = 4
_FAILED = (Disposition.CARRIER_FAILED, Disposition.VOICE_FAILED, Disposition.UNKNOWN)
_WORDS = {"agent": "we:   ", "callee": "they: ", "tool": "tool: "}


def add_to(app: typer.Typer) -> None:
    """Join this command to the command line."""
    command(app, "test-call", "dialer test-call clinic-reminder --to +12125550199 --row 2")(call_myself)


def call_myself(
    campaign: str = typer.Argument(help="Name of a stored campaign, or its folder."),
    to: str = typer.Option("", "--to", metavar="NUMBER", help="Your own phone."),
    row: int = typer.Option(0, "--row", min=0, help="Row of the contact file whose words are said; dialer plan shows them."),
    region: str = typer.Option("US", "--region", help="Country that reads a number without +."),
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask before the phone rings."),
    is_list: bool = typer.Option(False, "--list", help="Call nobody: print the test calls made, with what they cost."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON document."),
) -> None:
    """Call your own phone once, with the words that a contact of the campaign would hear, and print the transcript.

    It is no part of the campaign: of no count, bucket, cap, budget, lead or report. What it costs is on record: --list.
    """
    from dialer.operations import testcall

    with opened() as parts:
        require_current(parts)
        if is_list:
            _print_made(parts, campaign, as_json=as_json)
            return
        if not (to and row):
            raise UserError("whom to call, with which row?", code="usage", hint="--to +12125550199 --row 2")
        wanted = testcall.prepare(parts, campaign, to, row, region.upper())
        question = f"{wanted.phone} will ring, from {wanted.from_number}, for at most {screen.money(wanted.at_most)}. Go on?"
        ask_before_ringing(parts.settings, question, is_yes=yes, has_terminal=sys.stdin.isatty())
        with live.Stopper(_ENDING) as stop:
            done = testcall.make(parts, wanted, _tell, lambda: stop.is_asked)
        _print_done(parts, done.id, as_json=as_json)
    if done.disposition in _FAILED:
        raise typer.Exit(_OUTSIDE)


def _tell(what: str, text: str) -> None:
    """How it goes, while it goes."""
    screen.note(f"{_WORDS[what]}{text}" if what in _WORDS else f"{what} {text}".rstrip())


def _print_done(parts: Parts, call_id: str, *, as_json: bool) -> None:
    from dialer.operations import lookup

    words = lookup.words(parts, call_id)
    row = words.attempt
    if as_json:
        screen.print_json(words.as_json() | {"cost": str(row.cost), "hangup_cause": row.hangup_cause})
        return
    screen.say(words.as_text().rstrip("\n") or "nothing was said")
    ended = row.disposition.value if row.disposition else "in progress"
    why = f" ({row.hangup_cause})" if row.hangup_cause else ""
    heard = "" if row.answer_to_audio_ms is None else f", heard us after {row.answer_to_audio_ms} ms"
    screen.say("", f"{ended}{why}, {row.talk_s:.0f} s{heard}, {screen.money(row.cost)}")
    screen.note(f"It lies in {parts.store.url}; to see it again: dialer transcript {row.id[:12]}")


def _print_made(parts: Parts, campaign: str, *, as_json: bool) -> None:
    from dialer.operations import testcall

    made = testcall.made(parts, campaign)
    if as_json:
        screen.print_json(
            [
                {
                    "id": it.id,
                    "phone": it.phone,
                    "from": it.from_number,
                    "row": it.row,
                    "dialed_at": it.dialed_at.isoformat(),
                    "disposition": None if it.disposition is None else it.disposition.value,
                    "talk_s": it.talk_s,
                    "cost": str(it.cost),
                }
                for it in made
            ]
        )
        return
    lines = [
        (
            f"{it.dialed_at:%Y-%m-%d %H:%M}",
            it.phone,
            it.row,
            "not ended, or broken off" if it.disposition is None else it.disposition.value,
            f"{it.talk_s:.0f}",
            screen.money(it.cost),
            it.id[:12],
        )
        for it in made
    ]
    screen.show(("dialled (UTC)", "number", "#row", "disposition", "#talk s", "#cost", "id"), lines)

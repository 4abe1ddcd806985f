"""``dialer lead set | analyse``."""

import typer

from dialer.cli import screen
from dialer.cli.border import command
from dialer.cli.context import opened
from dialer.errors import UserError

lead = typer.Typer(no_args_is_help=True, help="What talks came to: correct it, or let a model read them.")
REGION = typer.Option("US", "--region", help="Country that reads a number without +.")
JSON = typer.Option(False, "--json", help="Print one JSON document.")


def add_to(app: typer.Typer) -> None:
    """Join these commands to the command line."""
    command(lead, "set", "dialer lead set +12125550123 outcome=not_interested --note 'she was joking'")(lead_set)
    command(lead, "analyse", "dialer lead analyse solar-sales")(lead_analyse)
    app.add_typer(lead, name="lead")


def lead_set(
    key: str = typer.Argument(metavar="ATTEMPT|PHONE", help="Id of an attempt or its beginning, or a number (its last talk)."),
    values: list[str] = typer.Argument(
        metavar="FIELD=VALUE...", help="outcome=WORD, or an answer by its name; empty: not known."
    ),
    by: str = typer.Option("", "--by", help="Who says so."),
    note: str = typer.Option("", "--note", help="Why."),
    region: str = REGION,
    as_json: bool = JSON,
) -> None:
    """Say what a talk really came to. A person's word wins over everything else, and is counted in the report."""
    from dialer.operations import correcting

    pairs = dict(_pair(item) for item in values)
    with opened() as parts:
        changed = correcting.correct(parts, key, pairs, by=by, note=note, region=region.upper())
    found = changed.assessment
    if as_json:
        fields = {name: {"was": was, "is": value} for name, was, value in changed.fields}
        grade = found.lead.grade.value if found.lead else None
        body = {"attempt_id": changed.attempt_id, "fields": fields, "outcome": found.outcome.value, "grade": grade}
        screen.print_json(body | {"score": found.lead.score if found.lead else None})
        return
    for name, was, value in changed.fields:
        screen.say(f"{name}: {value or 'not known'}" + (" (as it was)" if was == value else f", was {was or 'not known'}"))
    score = f", {found.lead.grade.value} {found.lead.score}" if found.lead else ", no lead"
    screen.say(f"{changed.attempt_id[:12]}: {found.outcome.value}{score}")


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise UserError(f"{text!r}: write FIELD=VALUE", code="bad_value")
    return name.strip(), value.strip()


def lead_analyse(campaign: str = typer.Argument(help="Name of a stored campaign."), as_json: bool = JSON) -> None:
    """Let the configured model read all talks that it has not read; each is paid once. Workers do it by themselves."""
    from dialer import wiring
    from dialer.operations import analysis

    with opened() as parts:
        analyst = wiring.analyst_of(parts.settings)
        if analyst is None:
            raise UserError("no model is set to read talks", code="no_model", hint="set DIALER_ANALYSIS_MODEL and OPENAI_API_KEY")
        done = analysis.analyse_all(parts, analyst, campaign)
    if as_json:
        screen.print_json({"done": done.done, "refused": done.refused, "put_off": done.put_off})
        return
    screen.say(f"read: {done.done}, refused or unusable: {done.refused}, to be tried again later: {done.put_off}")

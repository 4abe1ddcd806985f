"""Recorded whole calls: ``python -m tests.scenarios.record`` writes them anew, after a change that is meant to change commands.

Each is what ``dialer replay ATTEMPT --save-scenario FILE`` writes; the people, numbers and words in it are made up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dialer.session.log import with_campaign
from tests.scenarios.calls import play
from tests.support.builders import a_campaign

FOLDER = Path(__file__).parent / "recorded"
LONG = "Hello, this is {agent_name}, an automated assistant of {company}. " + "We have an offer for your home this week. " * 6
MESSAGE = {"action": "leave_message", "message": "Hello {first_name}, please call {company}."}


@dataclass(frozen=True)
class Recorded:
    """A call to record: who answers, for which campaign, and what one of its commands must show."""

    persona: str
    shows: str
    changes: dict[str, Any] = field(default_factory=dict)


CALLS = {
    "agreed": Recorded("agrees", '"outcome":"interested"'),
    "barge_in": Recorded("interrupts", '["TruncateHeard",', {"opening": {"text": LONG.strip()}}),
    "voicemail": Recorded("voicemail", '"disposition":"voicemail_left"', {"voicemail": MESSAGE}),
    "opted_out": Recorded("stop", '["RecordOptOut",'),
}


def main() -> None:
    """Play every call and write its document, if it shows what it is for."""
    for name, wanted in CALLS.items():
        campaign = a_campaign(**wanted.changes)
        text = with_campaign(play(wanted.persona, campaign).log.text(), campaign)
        if wanted.shows not in text:
            raise SystemExit(f"{name} does not show {wanted.shows}: nothing is written")
        (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

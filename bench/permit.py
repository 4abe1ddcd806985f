"""How many contacts a second the gates judge, and whether memory stays flat: ``python bench/permit.py [contacts]``.

Each contact is a number of its own (area codes of all states, fictional lines) with zone, state and consent in all mixtures, and
is judged as at the dial: every gate, the document of evidence included. Resident memory is read after a tenth of the contacts,
when every cache is full, and at the end.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dialer.compliance.facts import Facts
from dialer.compliance.permit import permit
from dialer.compliance.places import _states
from dialer.model.call import CampaignStatus
from dialer.model.contact import Consent
from dialer.model.decision import Stage
from dialer.model.phone import PhoneNumber
from tests.support.builders import a_campaign

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


def resident_mib() -> float:
    """Memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main(count: int) -> None:
    """Judge ``count`` contacts and print one table."""
    campaign = a_campaign(kind="promotion", dnc={"national": "waived_with_consent"}, registrations={"US-TX": "2026-1"})
    states = [state for state in _states() if state.country == "US" and state.areas]
    areas = [(area, state) for state in states for area in sorted(state.areas)]
    print(f"{platform.machine()}, Python {platform.python_version()}, {count} contacts")
    print(f"{'stage':10} {'contacts/s':>10} {'allowed':>9} {'MiB at 10 %':>12} {'MiB at end':>11}")
    for stage in (Stage.IMPORT, Stage.DIAL):
        allowed, early, began = 0, 0.0, time.perf_counter()
        for number in range(count):
            area, state = areas[number % len(areas)]
            facts = Facts(
                campaign=campaign,
                phone=PhoneNumber(f"+1{area}5550{100 + number // len(areas) % 100}"),
                is_suppressed=number % 97 == 0,
                status=CampaignStatus.ARMED,
                timezone=state.zones[0] if number % 2 else "",
                state=state.code if number % 3 else "",
                consent=Consent("written", "form", NOW - timedelta(days=number % 900)),
                attempts_at=(NOW - timedelta(hours=number % 200),) if number % 5 == 0 else (),
                spent=Decimal(number % 50),
                caller_id=campaign.caller_ids[0],
            )
            allowed += permit(facts, NOW, stage).is_allowed
            if number == count // 10:
                early = resident_mib()
        took = time.perf_counter() - began
        print(f"{stage.value:10} {count / took:10.0f} {allowed:9d} {early:12.1f} {resident_mib():11.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)

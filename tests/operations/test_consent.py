from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.errors import UserError
from dialer.model.call import Bucket
from dialer.model.contact import Consent
from dialer.operations import consent, status
from dialer.operations.parts import Parts
from dialer.operations.plan import plan
from tests.operations.stage import armed

HELD = "+17205550126"
"""A row of the example without consent."""


def test_a_revoked_consent_bites_at_the_next_look(parts: Parts) -> None:
    armed(parts)
    phone = "+13035550145"
    assert consent.revoke(parts, phone, "A. Person", "by letter") == 1
    (never,) = [never for never in plan(parts, "solar-sales").never if never.number.endswith("0145")]
    assert (never.code, "consent was taken back" in never.reason) == ("blocked_consent", True)
    (row,) = consent.show(parts, phone).rows
    assert (row.revoked_by, row.revoked_reason) == ("A. Person", "by letter")
    with pytest.raises(UserError, match="no consent"):
        consent.revoke(parts, phone, "A. Person", "again")


def test_a_revoked_consent_stays_so_when_the_old_file_is_imported_again(parts: Parts) -> None:
    armed(parts)
    consent.revoke(parts, "+13035550145", "A. Person", "by letter")
    armed(parts)
    assert "blocked_consent" in {never.code for never in plan(parts, "solar-sales").never if never.number.endswith("0145")}


def test_an_added_consent_frees_the_call(parts: Parts) -> None:
    armed(parts)
    before = status.standing(parts, "solar-sales").buckets
    given = Consent("written", "a signed form", parts.clock.now() - timedelta(hours=1))
    assert consent.add(parts, HELD, given, "You may call me about solar power.", "A. Person") == 1
    after = status.standing(parts, "solar-sales").buckets
    assert sum(after.values()) == sum(before.values())
    assert (after[Bucket.WAITING], after.get(Bucket.HELD, 0)) == (before[Bucket.WAITING] + 1, before[Bucket.HELD] - 1)
    assert not [never for never in plan(parts, "solar-sales").never if never.number.endswith("0126")]
    body = consent.show(parts, HELD).as_json()["consents"][-1]
    assert (body["class"], body["text"]) == ("written", "You may call me about solar power.")
    assert set(consent.campaigns_of(parts, consent.show(parts, HELD).phone).values()) == {"solar-sales"}


@pytest.mark.parametrize(
    ("kind", "source", "hours", "phone", "part"),
    [
        ("oral", "desk", 0, HELD, "--class"),
        ("written", " ", 0, HELD, "needs its source"),
        ("written", "desk", 1, HELD, "in the future"),
        ("written", "desk", 0, "+12125550199", "no campaign has"),
    ],
)
def test_what_is_no_consent(parts: Parts, kind: str, source: str, hours: int, phone: str, part: str) -> None:
    armed(parts)
    given = Consent(kind, source, parts.clock.now() + timedelta(hours=hours))
    with pytest.raises(UserError, match=part):
        consent.add(parts, phone, given, "", "A. Person")

from __future__ import annotations

import pytest

from dialer.compliance.facts import Facts
from tests.compliance.cases import a_campaign, facts


def test_what_matters_most_has_no_default() -> None:
    with pytest.raises(TypeError, match=r"is_suppressed.*status"):
        Facts(campaign=a_campaign(), phone=facts().phone)  # type: ignore[call-arg]  # that is the test


def test_defaults_know_nothing() -> None:
    bare = Facts(campaign=a_campaign(), phone=facts().phone, is_suppressed=False, status=facts().status)
    assert (bare.consent, bare.caller_id, bare.attempts_at, bare.is_callback) == (None, "", (), False)

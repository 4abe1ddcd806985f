"""The broker is asked for real."""

from __future__ import annotations

import pytest

from dialer.errors import BrokerError
from dialer.worker.ping import ping_broker


def test_memory_always_answers() -> None:
    assert ping_broker("memory://") == "memory:// (memory)"


def test_redis_answers(redis_url: str) -> None:
    assert ping_broker(redis_url).endswith("(redis)")


@pytest.mark.parametrize("url", ["redis://:secret@127.0.0.1:1/0", "pigeon://roof"])
def test_what_does_not_answer_is_said_without_its_password(url: str) -> None:
    with pytest.raises(BrokerError, match="does not answer") as raised:
        ping_broker(url)
    assert "secret" not in str(raised.value)

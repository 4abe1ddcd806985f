import inspect
import re

import pytest

from dialer import errors
from dialer.errors import (
    BrokerError,
    CarrierError,
    DialerError,
    OutsideError,
    PlaceLost,
    PolicyRefusal,
    ProtocolViolation,
    StoreError,
    UserError,
    VoiceError,
)


def test_the_drawing_names_every_error_below_its_parent() -> None:
    tree = {name: kind for name, kind in vars(errors).items() if inspect.isclass(kind)}
    drawn: dict[int, str] = {}
    seen = set()
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^ {4}([│ ├└─]*)(\w+)", line)
        if found and found[2] in tree:
            depth = len(found[1]) // 4
            drawn[depth] = found[2]
            seen.add(found[2])
            if depth:
                assert tree[found[2]].__bases__ == (tree[drawn[depth - 1]],)
    assert seen == set(tree)


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (DialerError("x"), 1, False),
        (ProtocolViolation("x"), 1, False),
        (UserError("x"), 2, False),
        (PolicyRefusal("x"), 3, False),
        (OutsideError("x"), 4, True),
        (CarrierError("x", retryable=False), 4, False),
        (PlaceLost("x"), 4, True),
        (VoiceError("x"), 4, True),
        (StoreError("x"), 4, True),
        (BrokerError("x"), 4, True),
    ],
)
def test_exit_codes_and_whether_to_try_again(error: DialerError, code: int, retryable: bool) -> None:
    assert (error.exit_code, error.retryable) == (code, retryable)


def test_what_the_errors_carry() -> None:
    user = UserError("bad", code="no_header", hint="do this")
    assert (str(user), user.code, user.hint) == ("bad", "no_header", "do this")
    voice = VoiceError("refused", code="invalid_api_key", retryable=False, fatal_for_campaign=True)
    assert (voice.code, voice.retryable, voice.fatal_for_campaign) == ("invalid_api_key", False, True)

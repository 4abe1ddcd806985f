"""A masked number may be shown: it cannot be dialled."""

import pytest

from dialer.model.phone import mask


@pytest.mark.parametrize(
    ("phone", "masked"),
    [("+12125550123", "+1212•••0123"), ("+442079460958", "+4420•••0958"), ("+1234567", "••••••••"), ("", "")],
)
def test_mask(phone: str, masked: str) -> None:
    assert mask(phone) == masked

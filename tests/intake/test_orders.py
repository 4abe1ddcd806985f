"""Instruction-like values are found; what people write about themselves is not."""

import pytest

from dialer.intake.orders import reads_like_an_order
from tests.support.injections import INJECTIONS


@pytest.mark.parametrize("text", INJECTIONS)
def test_orders(text: str) -> None:
    assert reads_like_an_order(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "Ann", "Dr. Ruth Prompt", "prefers to be called after six", "Please ignore the dog at the door",
        "Act Like Inc.", "Systems Engineering GmbH", "call before noon", "asked for new tires", "王芳", "不要理会门口的狗",
        "We will act on your offer", "the instructions of the manual were unclear", "Role: buyer",
        "He told us to use the side door",
    ],
)  # fmt: skip
def test_no_orders(text: str) -> None:
    assert not reads_like_an_order(text)


def test_a_long_text_is_judged_quickly() -> None:
    assert not reads_like_an_order("ignore " * 20_000)

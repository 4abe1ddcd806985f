"""Tokens by the service's arithmetic."""

from __future__ import annotations

from dialer.simulation.model.conversation import Item
from dialer.simulation.model.meter import Meter, spoken_ms, spoken_tokens, text_tokens

PROMPT = "p" * 4000


def heard(id_: str, ms: int) -> Item:
    return Item({"id": id_, "type": "message", "role": "user"}, "How are you?", mulaw=b"\xff" * 8 * ms)


def spoken(id_: str, ms: int, heard_ms: int | None = None) -> Item:
    return Item({"id": id_, "type": "message", "role": "assistant"}, "Well.", mulaw=b"\xff" * 8 * ms, heard_ms=heard_ms)


def written(id_: str, letters: int) -> Item:
    return Item({"id": id_, "type": "message", "role": "system"}, "z" * letters)


HEARD = heard("1", 5850)
SPOKEN = spoken("2", 7300)
CALL = Item({"id": "3", "type": "function_call", "arguments": "x" * 40})
OUTPUT = Item({"id": "4", "type": "function_call_output", "output": "y" * 20})
NOTE = written("5", 12)


def cached(meter: Meter, *items: Item, prompt: str = PROMPT) -> int:
    """The cached tokens of one more response."""
    usage = meter.usage(meter.read(prompt, items), 1, 1)
    found: int = usage["input_token_details"]["cached_tokens"]
    return found


def test_the_rates_are_those_of_the_service() -> None:
    assert spoken_tokens(7300) == 146
    assert spoken_ms(20) == 1000
    assert text_tokens("x" * 9) == 3


def test_each_response_reads_everything_and_finds_the_old_part_cached() -> None:
    meter = Meter(40_000)
    first = meter.usage(meter.read(PROMPT, [HEARD]), 5, 20)
    second = meter.usage(meter.read(PROMPT, [HEARD, SPOKEN, CALL, OUTPUT, NOTE]), 5, 20)
    assert first["input_token_details"]["cached_tokens"] == 0
    assert (first["input_token_details"]["text_tokens"], first["input_token_details"]["audio_tokens"]) == (1000, 59)
    details = second["input_token_details"]
    assert (details["text_tokens"], details["audio_tokens"]) == (1018, 205)
    assert details["cached_tokens_details"] == {"text_tokens": 1000, "audio_tokens": 59, "image_tokens": 0}
    assert details["cached_tokens"] == 1059
    assert second["total_tokens"] == second["input_tokens"] + second["output_tokens"] == 1018 + 205 + 25


def test_a_short_beginning_is_not_cached_and_another_prompt_neither() -> None:
    meter = Meter(40_000)
    assert cached(meter, NOTE, prompt="p" * 400) == 0
    assert cached(meter, NOTE, prompt="p" * 400) == 0
    assert cached(meter, NOTE) == 0
    assert cached(meter, HEARD) == 0
    assert cached(meter, HEARD) == 1059


def test_a_deleted_or_cut_item_breaks_the_cache_from_its_place() -> None:
    meter = Meter(40_000)
    cached(meter, HEARD, SPOKEN, NOTE)
    assert cached(meter, HEARD, spoken("2", 7300, heard_ms=1000), NOTE) == 1059
    assert cached(meter, HEARD, NOTE) == 1059
    assert cached(meter, HEARD, NOTE) == 1062


def test_what_was_cut_off_is_not_read_again() -> None:
    meter = Meter(1000)
    assert meter.read("", [spoken("2", 7300, heard_ms=1000)])[1] == ("2", 0, 20)


def test_the_oldest_items_are_dropped_for_good_when_it_becomes_too_much() -> None:
    meter = Meter(40_000)
    keep = {"type": "retention_ratio", "retention_ratio": 0.5, "token_limits": {"post_instructions": 100}}
    items = [written(str(number), 120) for number in range(4)]
    assert len(meter.read("p", items[:3], keep)) == 4
    assert [name for name, _, _ in meter.read("p", items, keep)] == ["p", "3"]
    assert [name for name, _, _ in meter.read("p", items, keep)] == ["p", "3"]
    assert len(meter.read("p", items, {"type": "retention_ratio", "retention_ratio": 0.5})) == 2
    small = {"type": "retention_ratio", "retention_ratio": 0.0, "token_limits": {"post_instructions": 1}}
    assert meter.read("p", items, small) == [("p", 1, 0)]


def test_the_limit_goes_down_with_use_and_not_below_zero() -> None:
    meter = Meter(100)
    meter.usage(meter.read("x" * 40, []), 0, 20)
    assert meter.limits() == [{"name": "tokens", "limit": 100, "remaining": 70, "reset_seconds": 18.0}]
    meter.usage(meter.read("x" * 4000, []), 0, 0)
    assert meter.limits()[0]["remaining"] == 0

"""What differs between two versions of a campaign: keys with both values, and the script line by line."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dialer.model.campaign import Campaign


@dataclass(frozen=True, slots=True)
class Change:
    """One key of ``campaign.toml``. None: it was not, or is no longer, there."""

    key: str
    before: Any | None
    after: Any | None


def changed_keys(before: Campaign, after: Campaign) -> list[Change]:
    """The keys that differ, in the order of the file; the script is left to ``changed_lines``."""
    old, new = (dict(_flat(campaign.model_dump(mode="json", exclude={"script"}))) for campaign in (before, after))
    names = dict.fromkeys((*old, *new))
    return [Change(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]


def changed_lines(before: Campaign, after: Campaign) -> list[str]:
    """The script's differences in unified form, without a head; empty when it is the same."""
    lines = difflib.unified_diff(before.script.splitlines(), after.script.splitlines(), "before", "after", lineterm="", n=1)
    return list(lines)[2:]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf with its dotted key. Lists of plain values are leaves; their order counts."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for number, inner in enumerate(value, 1):
            yield from _flat(inner, f"{path}[{number}]")
    else:
        yield path, value

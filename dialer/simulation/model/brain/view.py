"""What the brain sees, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Said:
    """The model's own words, as far as they were heard; ``is_cut`` when that was not all."""

    text: str
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What the model made out of the other side's audio; ``is_damaged`` when parts were lost."""

    text: str
    is_damaged: bool = False


@dataclass(frozen=True, slots=True)
class Called:
    """A tool call of the model; ``result`` is ``None`` until it comes back."""

    name: str
    arguments: Mapping[str, Any]
    result: Mapping[str, Any] | None = None

    @property
    def is_ok(self) -> bool:
        """The tool did it: a result that does not say otherwise."""
        return self.result is not None and self.result.get("ok", True) is True


@dataclass(frozen=True, slots=True)
class Noted:
    """A written line that the client put into the conversation."""

    text: str


Line = Said | Heard | Called | Noted


@dataclass(frozen=True, slots=True)
class View:
    """Everything that the protocol has given: instructions, function declarations, and the conversation in order."""

    instructions: str
    tools: tuple[Mapping[str, Any], ...] = ()
    lines: tuple[Line, ...] = ()

    def declares(self, name: str) -> bool:
        """A tool of this name may be called."""
        return any(tool.get("name") == name for tool in self.tools)

    def choices(self, tool: str, argument: str) -> tuple[str, ...]:
        """The values that a tool's argument may have; empty when it is free or undeclared."""
        for declared in self.tools:
            if declared.get("name") == tool:
                allowed = declared.get("parameters", {}).get("properties", {}).get(argument, {}).get("enum", ())
                return tuple(str(value) for value in allowed)
        return ()


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call to make."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """Words to say (may be empty), then tools to call."""

    text: str = ""
    calls: tuple[Call, ...] = ()

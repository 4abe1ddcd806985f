"""Deeds that are due at a time, by name: setting one again replaces it."""

from collections.abc import Callable


class Timers:
    """The timers of one session."""

    def __init__(self) -> None:
        self._timers: dict[str, tuple[float, Callable[[float], None]]] = {}

    def set(self, name: str, at: float, deed: Callable[[float], None]) -> None:
        """Let ``deed`` be done at ``at``; it gets the time."""
        self._timers[name] = (at, deed)

    def drop(self, name: str) -> None:
        """Forget a timer; harmless when there is none."""
        self._timers.pop(name, None)

    def deadline(self) -> float | None:
        """When the next deed is due."""
        return min((at for at, _ in self._timers.values()), default=None)

    def run(self, now: float) -> None:
        """Do what is due, the earliest first."""
        for name, (at, deed) in sorted(self._timers.items(), key=lambda timer: timer[1][0]):
            if at <= now and self._timers.get(name) == (at, deed):
                del self._timers[name]
                deed(now)

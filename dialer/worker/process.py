"""What one worker process holds: the objects made from its settings, and the flag that asks it to drain.

Celery tells only the parent of a prefork worker that it is shutting down. The flag is one byte of shared memory made before the
fork, so that every child sees it; the children's own SIGTERM handler is the second way (a whole process group may be signalled).
"""

import mmap
import threading

from dialer import wiring
from dialer.config import load_settings
from dialer.errors import DialerError
from dialer.operations import delivery
from dialer.operations.parts import Parts
from dialer.voice.base import Analyst

_DRAIN, _URGENT = 1, 2


class DrainFlag:
    """One byte that survives a fork: 1 means take no more calls, 2 means go at once."""

    def __init__(self) -> None:
        self._byte = mmap.mmap(-1, 1)

    def set(self) -> None:
        """Ask every lane of this process and of its children to drain; asked again, to hang up and go."""
        self._byte[0] = min(self._byte[0] + _DRAIN, _URGENT)

    def hurry(self) -> None:
        """Ask every lane to hang up and go at once."""
        self._byte[0] = _URGENT

    def clear(self) -> None:
        """Allow work again (a new embedded run in the same process)."""
        self._byte[0] = 0

    def is_set(self) -> bool:
        """Whether draining was asked for."""
        return self._byte[0] >= _DRAIN

    def is_urgent(self) -> bool:
        """Whether it was asked for twice, or as an emergency."""
        return self._byte[0] == _URGENT


DRAIN = DrainFlag()
_given: list[Parts] = []
_own: list[Parts] = []
_failures: list[DialerError] = []


def use(parts: Parts) -> None:
    """Let the tasks of this process work with these objects instead of making their own (embedded runs share one clock)."""
    _given[:] = [parts]
    _failures.clear()


def forget() -> None:
    """Let go of what was given or made: the next task asks anew."""
    _given.clear()
    _own.clear()


def is_given() -> bool:
    """Whether this process was handed its objects."""
    return bool(_given)


def failed(error: DialerError) -> None:
    """A lane has ended by an error. Whoever handed us the objects wants to know, if the next lane would fare no better."""
    if is_given() and not getattr(error, "retryable", False):
        _failures.append(error)


def raise_failure() -> None:
    """Raise what ``failed`` was told first."""
    if _failures:
        raise _failures[0]


def parts() -> Parts:
    """The objects of this process, made at first use, after the fork."""
    return _given[0] if _given else _made()


def hooks() -> delivery.Hooks:
    """The receivers of results of this process."""
    ready = parts()
    return wiring.hooks_of(ready.settings, ready.clock)


def analyst() -> Analyst | None:
    """The model that reads talks, if one is configured."""
    return wiring.analyst_of(parts().settings)


_making = threading.Lock()


def _made() -> Parts:
    with _making:  # a pool of threads may ask more than once at the same moment
        if not _own:
            _own.append(wiring.build(load_settings().settings))
        return _own[0]


def require_ready() -> None:
    """Raise ``DialerError`` when a worker with these settings could not work: before it takes its first message."""
    settings = load_settings().settings
    ready = wiring.build(settings)
    try:
        wiring.require_tables(ready.store)
    finally:
        ready.store.close()

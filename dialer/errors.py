"""Every error that leaves a part of dialer, as one tree.

::

    DialerError
    ├── UserError           a bad file, setting or argument: printed without a traceback, exit code 2
    ├── PolicyRefusal       a gate said no to what the user asked for: exit code 3
    ├── OutsideError        something that is not ours did not answer or refused: exit code 4
    │   ├── CarrierError    the phone network: place, find, hang up
    │   │   └── PlaceLost   the carrier may or may not have placed the call: never dial again on a guess
    │   ├── VoiceError      the voice model: connect, session, generation
    │   ├── StoreError      the database
    │   ├── BrokerError     the Celery broker
    │   └── HookError       a receiver of results
    └── ProtocolViolation   our own bug: a machine was asked for a move that its table does not have

A call that nobody answers is not an error: it is a ``Disposition``.
Foreign exceptions are translated once, in the shell that met them, with the cause kept (``raise ... from error``).
"""


class DialerError(Exception):
    """The root of the tree. ``retryable`` says whether the same request may succeed later without any change."""

    exit_code = 1
    retryable = False


class UserError(DialerError):
    """Bad input. The message stands alone: what is wrong, where, and what is allowed."""

    exit_code = 2

    def __init__(self, message: str, *, code: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


class PolicyRefusal(DialerError):
    """A gate refused; the message names the rule."""

    exit_code = 3


class OutsideError(DialerError):
    """Something outside this process failed. ``code`` is the foreign code, verbatim, where there is one."""

    exit_code = 4

    def __init__(self, message: str, *, code: str = "", retryable: bool = True) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable


class CarrierError(OutsideError):
    """The carrier definitely did not place or find or end the call."""


class PlaceLost(CarrierError):
    """The answer to a place request was lost or ambiguous: the phone may be ringing. Only reconciliation settles it."""


class VoiceError(OutsideError):
    """The voice model refused or was lost. ``fatal_for_campaign`` marks bad keys, empty accounts and the like."""

    def __init__(self, message: str, *, code: str = "", retryable: bool = True, fatal_for_campaign: bool = False) -> None:
        super().__init__(message, code=code, retryable=retryable)
        self.fatal_for_campaign = fatal_for_campaign


class StoreError(OutsideError):
    """The database did not answer or refused."""


class BrokerError(OutsideError):
    """The Celery broker did not answer."""


class HookError(OutsideError):
    """A receiver of results did not answer or refused."""


class ProtocolViolation(DialerError):
    """Our own bug: an impossible move was asked of a machine."""

"""How the stand-in behaves where the service would have its own mind."""

from dataclasses import dataclass

from dialer.model.realtime import shipped_realtime
from dialer.simulation.model.faults import fault


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """Pace, access and faults. Seconds are seconds of the event loop, so a simulated clock makes them free.

    ``api_key``: when set, another key gets HTTP 401. ``burst_factor``: how much faster than it plays audio is sent.
    ``session_s``: the longest session. ``faults``: names as in ``faults.FAULTS`` (``NAME``, ``NAME@N``, ``NAME@SESSION.N``);
    ``ValueError`` for an unknown one.
    """

    api_key: str = ""
    think_s: float = 0.3
    transcription_s: float = 0.15
    chunk_ms: int = 400
    burst_factor: float = 10.0
    tokens_per_minute: int = shipped_realtime().tiers[0].tokens_per_minute
    session_s: float = float(shipped_realtime().limits.session_s)
    faults: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for text in self.faults:
            fault(text)

"""The audio formats of a session, to and from the one that the words travel in (mu-law, 8 kHz)."""

import numpy as np
import numpy.typing as npt

from dialer.audio import g711

_RATIO = 3
"""24 kHz samples for one of 8 kHz."""
_PCM_STEP = 2 * _RATIO


def _alaw_table() -> npt.NDArray[np.int16]:
    """The linear sample of every A-law code (ITU-T G.711)."""
    code = np.arange(256) ^ 0x55
    exponent, mantissa = (code >> 4) & 7, code & 0xF
    size = np.where(exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, size, -size).astype(np.int16)


_ALAW = _alaw_table()
_ALAW_TO_MULAW = g711.encode(_ALAW)
_DISTANCES = np.abs(g711.decode(bytes(range(256))).astype(np.int32)[:, None] - _ALAW[None, :])
_MULAW_TO_ALAW = _DISTANCES.argmin(axis=1).astype(np.uint8).tobytes()


class Converter:
    """Turns a stream of client audio into mu-law; what is less than a sample waits for the next piece."""

    def __init__(self, kind: str) -> None:
        """``kind``: ``audio/pcmu``, ``audio/pcma`` or ``audio/pcm``."""
        self._kind = kind
        self._rest = b""

    def to_mulaw(self, audio: bytes) -> bytes:
        """The same sound as mu-law."""
        if self._kind == "audio/pcmu":
            return audio
        if self._kind == "audio/pcma":
            return audio.translate(_ALAW_TO_MULAW)
        audio = self._rest + audio
        whole = len(audio) - len(audio) % _PCM_STEP
        self._rest = audio[whole:]
        samples = np.frombuffer(audio[:whole], dtype="<i2").reshape(-1, _RATIO)
        return g711.encode(samples.mean(axis=1).astype(np.int16))


def from_mulaw(mulaw: bytes, kind: str) -> bytes:
    """Mu-law as the format ``kind``."""
    if kind == "audio/pcmu":
        return mulaw
    if kind == "audio/pcma":
        return mulaw.translate(_MULAW_TO_ALAW)
    return np.repeat(g711.decode(mulaw), _RATIO).astype("<i2").tobytes()

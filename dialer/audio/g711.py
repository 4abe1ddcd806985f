"""G.711 mu-law to 16-bit linear samples and back, by table (ITU-T G.711, as in the ITU-T G.191 software tools).

The tables are computed once at import; a test compares the encoder's with the hash of the ITU reference vectors.
"""

import numpy as np
import numpy.typing as npt

Pcm = npt.NDArray[np.int16]

_BIAS = 33
_CLIP = 0x1FFF


def _encoding_table() -> npt.NDArray[np.uint8]:
    """The code of every 16-bit sample, indexed by the sample's bits read as an unsigned number."""
    samples = np.arange(0x10000, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum((np.where(samples < 0, ~samples, samples) >> 2) + _BIAS, _CLIP)
    segment = np.ones_like(magnitude)
    for bit in range(6, 13):
        segment += magnitude >= 1 << bit
    code = ((8 - segment) << 4) | (0xF - ((magnitude >> segment) & 0xF))
    codes: npt.NDArray[np.uint8] = (code | np.where(samples < 0, 0, 0x80)).astype(np.uint8)
    return codes


def _decoding_table() -> Pcm:
    """The sample of every code."""
    codes = np.arange(256, dtype=np.int32)
    inverted = ~codes & 0x7F
    exponent, mantissa = inverted >> 4, inverted & 0xF
    step = 4 << (exponent + 1)
    magnitude = (0x80 << exponent) + step * mantissa + step // 2 - 4 * _BIAS
    return np.where(codes & 0x80, magnitude, -magnitude).astype(np.int16)


_ENCODE = _encoding_table()
_DECODE = _decoding_table()


def encode(pcm: Pcm) -> bytes:
    """Compress 16-bit samples: one byte each."""
    return _ENCODE[np.ascontiguousarray(pcm, dtype=np.int16).view(np.uint16)].tobytes()


def decode(mulaw: bytes) -> Pcm:
    """Expand mu-law bytes: one 16-bit sample each."""
    return _DECODE[np.frombuffer(mulaw, dtype=np.uint8)]

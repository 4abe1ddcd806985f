import hashlib

import numpy as np

from dialer.audio import g711

ALL_SAMPLES = np.arange(-32768, 32768).astype(np.int16)
# SHA-256 of the codes of every 16-bit value in order, little-endian words: from the reference vectors of ITU-T G.191.
REFERENCE = "0523921b8957bccf95d0e0f2e43930359403d5ad4e31926b2272aa74a1f22c43"


def test_every_sample_has_the_code_of_the_reference_vectors() -> None:
    words = np.frombuffer(g711.encode(ALL_SAMPLES), dtype=np.uint8).astype("<u2")
    assert hashlib.sha256(words.tobytes()).hexdigest() == REFERENCE


def test_every_code_decodes_to_a_sample_that_has_this_code() -> None:
    codes = bytes(range(256))
    again = g711.encode(g711.decode(codes))
    assert again[:127] + again[128:] == codes[:127] + codes[128:]
    assert (codes[127], again[127]) == (0x7F, 0xFF), "the two zeros are one sample"


def test_the_extremes_and_zero_are_those_of_the_recommendation() -> None:
    assert g711.decode(b"\x00\x80\x7f\xff").tolist() == [-32124, 32124, 0, 0]
    assert g711.encode(np.array([0, -1, 32767, -32768], dtype=np.int16)) == b"\xff\x7f\x80\x00"


def test_the_error_of_a_round_trip_is_half_a_step_at_most() -> None:
    wide = ALL_SAMPLES.astype(np.int32)
    error = np.abs(g711.decode(g711.encode(ALL_SAMPLES)).astype(np.int32) - np.clip(wide, -32124, 32124))
    assert (error <= np.maximum(np.abs(wide) / 16, 8)).all()


def test_louder_samples_never_decode_quieter() -> None:
    assert (np.diff(g711.decode(g711.encode(ALL_SAMPLES)).astype(np.int32)) >= 0).all()

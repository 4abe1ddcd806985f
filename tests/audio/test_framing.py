from dialer.audio import framing


def test_silence_is_as_long_as_asked() -> None:
    assert framing.silence(20) == framing.SILENCE
    assert framing.duration_ms(framing.silence(35)) == 35


def test_frames_are_160_bytes_and_the_last_one_is_filled_up() -> None:
    assert list(framing.frames(b"a" * 160 + b"b" * 10)) == [b"a" * 160, b"b" * 10 + b"\xff" * 150]
    assert list(framing.frames(b"")) == []

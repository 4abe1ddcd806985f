"""The encoding of a file is proven from its bytes, or the file is refused."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.errors import UserError
from dialer.intake.encoding import CHUNK, Encoding, decoded, detect

SAMPLES = Path(__file__).parents[1] / "samples" / "csv"


def sample(name: str) -> io.BytesIO:
    return io.BytesIO((SAMPLES / name).read_bytes())


def refused(source: io.BytesIO, **options: object) -> UserError:
    with pytest.raises(UserError) as caught:
        detect(source, **options)  # type: ignore[arg-type]  # options of any kind are passed on
    return caught.value


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("utf8.csv", Encoding("utf-8", "strict")),
        ("utf8_mark.csv", Encoding("utf-8", "mark", 3)),
        ("utf16_le_mark.csv", Encoding("utf-16-le", "mark", 2)),
        ("utf16_be_mark.csv", Encoding("utf-16-be", "mark", 2)),
        ("utf16_le_bare.csv", Encoding("utf-16-le", "plausible")),
        ("utf16_be_bare.csv", Encoding("utf-16-be", "plausible")),
        ("windows_1252_semicolon.csv", Encoding("windows-1252", "plausible")),
    ],
)
def test_detected(name: str, expected: Encoding) -> None:
    assert detect(sample(name)) == expected


@pytest.mark.parametrize("where", [{"region": "CN"}, {"language": "zh"}, {"language": "zh-TW"}])
def test_gb18030_where_the_list_is_chinese(where: dict[str, str]) -> None:
    assert detect(sample("gb18030.csv"), **where).name == "gb18030"
    assert "王芳" in "".join(decoded(sample("gb18030.csv"), Encoding("gb18030", "plausible")))


def test_chinese_bytes_elsewhere_are_an_error_and_not_mojibake() -> None:
    error = refused(sample("gb18030.csv"), region="US", language="en")
    assert error.code == "unreadable_encoding"
    assert "byte 0 " in str(error)


def test_who_has_a_chinese_file_is_told_how_to_say_so() -> None:
    assert "--encoding gb18030" in refused(sample("gb18030.csv"), region="US").hint
    assert "gb18030" not in refused(io.BytesIO(b"phone\n\x81\x8d,\xff\xfe\xff")).hint


def test_utf_8_with_a_few_broken_bytes_is_not_read_as_mojibake() -> None:
    glued = "name,phone\nJosé,1\nZoë,2\n".encode() + "Jürgen,3\n".encode("cp1252")
    assert "most of the file is UTF-8, but byte 27 does not fit" in str(refused(io.BytesIO(glued)))
    assert detect(io.BytesIO(glued), given="windows-1252").name == "windows-1252"
    # Capital letters before a closing quote look like one letter of UTF-8; the others of the file say what it is.
    menu = "name,note\nJürgen,„das MENÜ“\nZoë,für Gäste\n".encode("cp1252")
    assert b"\xdc\x93".decode() == "ܓ"
    assert detect(io.BytesIO(menu)).name == "windows-1252"


def test_a_short_chinese_list_that_fits_utf_8_by_chance_is_asked_about() -> None:
    by_chance = "name,phone\n伟,13912345678\n".encode("gb18030")
    assert by_chance.decode() == "name,phone\nΰ,13912345678\n"
    assert "--encoding gb18030" in refused(io.BytesIO(by_chance), region="CN").hint
    assert detect(io.BytesIO(by_chance), region="CN", given="gb18030").name == "gb18030"
    assert detect(io.BytesIO(by_chance), region="GR").name == "utf-8"
    for sure in ("José,13912345678", "伟,王芳", "Άννα,+302101234567 李"):
        assert detect(io.BytesIO(f"name,phone\n{sure}\n".encode()), region="CN").name == "utf-8"


def test_western_bytes_in_a_chinese_campaign_are_still_western() -> None:
    assert detect(sample("windows_1252_semicolon.csv"), language="zh").name == "windows-1252"


def test_bytes_that_nobody_can_name_are_refused() -> None:
    assert refused(io.BytesIO(b"phone\n\x81\x8d,\xff\xfe\xff")).code == "unreadable_encoding"
    assert refused(io.BytesIO("phone,имя\n1,Мария".encode("cp1251"))).code == "unreadable_encoding"
    assert refused(sample("shift_jis.csv"), region="CN").code == "unreadable_encoding"


def test_the_offset_is_that_of_the_first_misfit_also_behind_the_first_chunk() -> None:
    text = b"phone,name\n" + b"x" * CHUNK + "é".encode() + b"\xff\xff\xff"
    assert f"byte {len(text) - 3} " in str(refused(io.BytesIO(text)))
    cut = b"x" * (CHUNK - 1) + b"\xe5 \xff\xff\xff"
    assert f"byte {CHUNK - 1} " in str(refused(io.BytesIO(cut)))


def test_a_character_cut_by_the_chunks_is_no_misfit() -> None:
    text = b"p," + b"x" * (CHUNK - 3) + "é".encode() + "名".encode() * CHUNK
    assert detect(io.BytesIO(text)).name == "utf-8"
    assert "".join(decoded(io.BytesIO(text), Encoding("utf-8", "strict"))) == text.decode()


def test_a_high_run_across_chunks_is_seen() -> None:
    cut = b"p" * (CHUNK - 1) + b"\xe9\xe9\xe9"
    assert refused(io.BytesIO(cut)).code == "unreadable_encoding"


def test_a_marked_file_must_keep_its_promise() -> None:
    assert "byte 4 does not fit" in str(refused(io.BytesIO(b"\xef\xbb\xbfa\xff")))


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("utf8.csv", "UTF8", "utf-8"),
        ("utf8_mark.csv", "utf-8-sig", "utf-8"),
        ("utf16_be_mark.csv", "UTF_16", "utf-16-be"),
        ("gb18030.csv", "GBK", "gb18030"),
        ("shift_jis.csv", "shift_jis", "shift_jis"),
        ("utf8.csv", "latin-1", "iso-8859-1"),
    ],
)
def test_given(name: str, given: str, expected: str) -> None:
    found = detect(sample(name), given=given)
    assert (found.name, found.known_by) == (expected, "given")


def test_given_is_not_believed_blindly() -> None:
    assert "not utf-8 (given): byte 0" in str(refused(sample("gb18030.csv"), given="utf-8"))
    assert "unknown encoding 'klingon'" in str(refused(sample("utf8.csv"), given="klingon"))


@pytest.mark.parametrize("nothing", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b" \r\n\t\n"])
def test_an_empty_file(nothing: bytes) -> None:
    assert refused(io.BytesIO(nothing)).code == "empty_file"


def test_too_large() -> None:
    assert refused(io.BytesIO(b"phone\n" * 10), max_bytes=59).code == "too_large"
    assert detect(io.BytesIO(b"phone\n" * 10), max_bytes=60).name == "utf-8"


def test_zeros_that_are_no_utf_16_are_left_to_others() -> None:
    # An odd unit (a lone half of a pair) among plain UTF-16: the zeros are plausible, the decoding is not.
    broken = "phone,name\n123456,Ann".encode("utf-16-le") + b"\x00\xd8" + "x".encode("utf-16-le")
    assert refused(io.BytesIO(broken)).code == "unreadable_encoding"


@given(st.binary(max_size=300), st.sampled_from(["", "CN", "US"]))
def test_any_bytes_are_named_or_refused_and_then_decode(content: bytes, region: str) -> None:
    source = io.BytesIO(content)
    try:
        "".join(decoded(source, detect(source, region=region)))
    except UserError as error:
        code = error.code
    else:
        code = ""
    assert code in ("", "empty_file", "unreadable_encoding")

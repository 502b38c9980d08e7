from __future__ import annotations

from pathlib import Path

import pytest

from textdrift.errors import TokenizerError
from textdrift.tokens.stop_words import rereadable, stop_words_from


def test_a_list_is_taken_as_it_is() -> None:
    assert stop_words_from(["The", "# not a comment", ""]) == ("The", "# not a comment", "")
    assert stop_words_from(()) == ()


@pytest.mark.parametrize("as_given", [str, Path])
def test_a_file_holds_one_word_per_line_and_comments(tmp_path: Path, as_given: type) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes("\ufeffund\r\n\r\n  oder \n# Kommentar\nfür\n".encode())
    assert stop_words_from(as_given(path)) == ("und", "oder", "für")


def test_a_path_object_without_a_suffix_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("english").write_text("only")
    assert stop_words_from(Path("english")) == ("only",)
    assert stop_words_from("./english") == ("only",)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read .*one word per line"),
        (b"\xff\xfe\x00", "no UTF-8 .*save the file"),
        (b"# only\n", "holds no stop word"),
        (b"the\nzzz, the, a\n", r"hold the line 'zzz, the, a'; one word per line"),
        (b"the,a\n", r"hold the line 'the,a'; one word per line"),
        (b"the a\n", r"hold the line 'the a'; one word per line"),
        ("the\u3000a\n".encode(), "one word per line"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, content: bytes | None, told: str) -> None:
    path = tmp_path / "words.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TokenizerError, match=told):
        stop_words_from(path)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["a", 3], r"holds 3 \(int\)"),
        (5, r"stop_words is 5 \(int\)"),
        (["bad\ud800"], r"holds 'bad.ud800', which is no valid Unicode; leave it out"),
    ],
)
def test_what_is_no_list_of_words_is_told(given: object, told: str) -> None:
    with pytest.raises(TokenizerError, match=told):
        stop_words_from(given)


def test_signs_and_numbers_with_commas_may_stand_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text(",\n,,\n1,000\n")
    assert stop_words_from(path) == (",", ",,", "1,000")


def test_what_is_read_only_once_is_kept() -> None:
    assert rereadable(iter(["a", "b"])) == rereadable({"b", "a"}) == ("a", "b")
    assert rereadable(Path("words.txt")) == Path("words.txt")
    assert rereadable(None) is None
    assert rereadable(5) == 5

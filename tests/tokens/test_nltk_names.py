from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import nltk
import pyarrow as pa
import pytest
from nltk.stem import SnowballStemmer

from textdrift.errors import TokenizerError
from textdrift.tokens.nltk_names import stemmer_named, stemmer_names, stop_list
from textdrift.tokens.tokenizing import tokenizer_named


@pytest.fixture
def data_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """NLTK looks in one empty folder, whatever is installed here."""
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path)])
    nltk.data.clear_cache()
    yield tmp_path
    nltk.data.clear_cache()


@pytest.fixture
def lists(data_path: Path) -> Path:
    folder = data_path / "corpora" / "stopwords"
    folder.mkdir(parents=True)
    (folder / "README").write_text("Stop words")
    (folder / "german").write_text("und\noder\nfür\n", encoding="utf-8")
    (folder / "hinglish").write_text("hai\n", encoding="utf-8")
    return folder


def test_every_snowball_language_has_its_name() -> None:
    assert set(SnowballStemmer.languages) <= set(stemmer_names())
    assert len(set(stemmer_names())) == len(stemmer_names())


@pytest.mark.parametrize(
    ("name", "word", "stem"),
    [
        ("english", "generously", "generous"),
        ("porter", "generously", "gener"),
        ("lancaster", "maximum", "maxim"),
        ("german", "häuser", "haus"),
        ("cistem", "speicherbehältern", "speicherbehal"),
        ("french", "continuellement", "continuel"),
        ("russian", "важную", "важн"),
        ("arabic", "والكتاب", "كتاب"),
        ("isri", "والكتاب", "كتب"),
        ("arlstem", "والكتاب", "كتاب"),
        ("arlstem2", "والكتاب", "كتاب"),
    ],
)
def test_stemmers_know_their_languages(name: str, word: str, stem: str) -> None:
    assert stemmer_named(name)(word) == stem


@pytest.mark.parametrize("name", [name for name in stemmer_names() if name != "rslp"])
def test_every_stemmer_works_without_data_and_takes_any_token(name: str) -> None:
    stem = stemmer_named(name)
    assert all(
        isinstance(stem(word), str) for word in ["", "-", "!!", "👍🏽", "हिन्दी", "我喜", "ال", "x" * 1000, "\x00"]
    )


def test_the_stem_of_an_arabic_word_does_not_depend_on_the_word_before() -> None:
    stem = stemmer_named("arabic")
    word, before = "تدوو", "كتبتموها"
    alone = stem(word)
    nltk_own = SnowballStemmer("arabic")
    stems = {nltk_own.stem(word)}
    for other in (before, "ذهبوا", "يكتبون", "استخدموا", word):
        stem(other)
        assert stem(word) == alone
        nltk_own.stem(other)
        stems.add(nltk_own.stem(word))
    # NLTK's own keeps notes; when this fails, it no longer needs to be made anew for each word.
    assert len(stems) > 1


def test_an_unknown_stemmer_names_its_nearest_neighbour_and_the_list() -> None:
    with pytest.raises(
        TokenizerError, match=r"no stemmer 'englsh'; did you mean 'english'\? Known are arabic, danish.*function"
    ):
        stemmer_named("englsh")


def test_a_stemmer_without_its_data_says_what_to_install(data_path: Path) -> None:
    with pytest.raises(TokenizerError, match=r"'rslp' needs NLTK's data stemmers/rslp.*nltk.downloader rslp"):
        stemmer_named("rslp")


def test_the_data_of_a_stemmer_is_found(data_path: Path) -> None:
    folder = data_path / "stemmers" / "rslp"
    folder.mkdir(parents=True)
    for step in range(7):
        (folder / f"step{step}.pt").write_text("# suffix, shortest stem, replacement, exceptions\n")
    (folder / "step0.pt").write_text('"s"\t3\t""\t{"lápis"}\n')
    assert stemmer_named("rslp")("casas") == "casa"


def test_a_stop_list_is_read_by_its_name(lists: Path) -> None:
    assert stop_list("german") == ("und", "oder", "für")
    assert stop_list("hinglish") == ("hai",)


def test_a_stop_list_is_read_from_the_archive_that_the_downloader_leaves(data_path: Path) -> None:
    (data_path / "corpora").mkdir()
    with zipfile.ZipFile(data_path / "corpora" / "stopwords.zip", "w") as archive:
        archive.writestr("stopwords/", "")
        archive.writestr("stopwords/german", "und\noder\n")
    assert stop_list("german") == ("und", "oder")


def test_an_unknown_stop_list_names_its_nearest_neighbour_and_the_list(lists: Path) -> None:
    with pytest.raises(
        TokenizerError, match=r"no stop list 'germn'; did you mean 'german'\? Known are german, hinglish"
    ):
        stop_list("germn")


def test_missing_stop_lists_say_what_to_install_and_what_else_can_be_given(data_path: Path) -> None:
    with pytest.raises(TokenizerError) as caught:
        stop_list("english")
    message = str(caught.value)
    for part in (
        "the stop list 'english'",
        "corpora/stopwords",
        f"NLTK looked in {data_path}",
        "`python -m nltk.downloader stopwords`",
        "a list of words, or the path to a text file with one word per line",
    ):
        assert part in message
    assert len(message) < 400 + len(str(data_path))


def test_many_folders_are_told_in_short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path / name) for name in "abcdef"])
    with pytest.raises(TokenizerError, match=r"a, .*b and 4 more\)"):
        stop_list("english")


def test_the_tokenizer_of_white_space_keeps_punctuation_and_folds_case() -> None:
    assert tokenizer_named("whitespace").tokens(pa.array(["A nice, DAY!\n"])).to_pylist() == [["a", "nice,", "day!"]]

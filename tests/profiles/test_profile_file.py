"""A profile in a file: it comes back as it was, any damage is told, and no text is in it."""

import itertools
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from textdrift.errors import MissingProfileError, ProfileError, SettingsError, UnreadableProfileError
from textdrift.profiles import Profile, Span, load, profile_file, profile_texts, save
from textdrift.tokens.token_counts import BinnedCounts
from textdrift.tokens.unnamed import is_unnamed

SECRETS = ["Zoe Quimby owes 4711 euros", "please call 555 0199 about the film", "the film the film"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "window.profile"


def contents(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(path, changes):
    """Write the file anew with some members changed, their hashes left as they were."""
    files = contents(path) | changes
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            if content is not None:
                archive.writestr(name, content)


def page_of(path):
    return json.loads(contents(path)["profile.json"])


def same(first, second):
    """Profiles are equal when they are written alike."""
    for name in ("occurrences", "holders"):
        a, b = getattr(first.counts, name), getattr(second.counts, name)
        assert a.shape == b.shape
        assert all(np.array_equal(getattr(a, part), getattr(b, part)) for part in ("data", "indices", "indptr"))
        assert b.has_canonical_format
        assert b.dtype == np.int64
    assert first.counts.terms == second.counts.terms
    assert first.counts.sizes.tolist() == second.counts.sizes.tolist()
    for name in ("name", "n_rows", "encoder", "span", "tokenization"):
        assert getattr(first, name) == getattr(second, name)
    assert first.units.by == second.units.by
    np.testing.assert_array_equal(first.units.hashes, second.units.hashes)


def test_a_profile_comes_back_as_it_was(path, shards):
    for profile, *_ in shards[:3]:
        save(profile, path)
        back = load(path)
        same(profile, back)
        for name in ("linear", "quadratic", "counts", "squared_distance", "squared_quadratic"):
            assert np.array_equal(getattr(back.sums, name), getattr(profile.sums, name))
        assert back.sums.basis.agrees_with(profile.sums.basis)
        merged = back + shards[3][0]
        assert merged.n_documents == profile.n_documents + shards[3][0].n_documents
        back.sums.add(np.zeros((1, 6)), np.array([0]))  # what came from a file can go on


@settings(max_examples=60, deadline=None)
@given(
    terms=st.lists(st.text(st.characters(exclude_categories=["Cs"])), unique=True, max_size=8),
    name=st.text(), n_bins=st.sampled_from([1, 2, 300]), seed=st.integers(0, 99),
)  # fmt: skip
def test_any_unicode_comes_back(tmp_path_factory, terms, name, n_bins, seed):
    rng = np.random.default_rng(seed)
    holders = rng.poisson(0.5, (n_bins, len(terms)))
    sizes = holders.max(axis=1, initial=0) + rng.integers(0, 3, n_bins)
    matrices = [sparse.csr_matrix(m, dtype=np.int64) for m in (holders * rng.integers(1, 2**40), holders)]
    counts = BinnedCounts(*matrices, sizes, tuple(sorted(terms)))
    span = Span("2024-01-01", "2024-02-01") if seed % 2 else None
    profile = Profile(
        name=name, n_rows=int(sizes.sum()) + seed, counts=counts, tokenization={"unit": "words", "n": [1]}, span=span
    )
    path = tmp_path_factory.mktemp("profiles") / "window.profile"
    save(profile, path)
    same(profile, load(path))


@pytest.mark.parametrize("texts", [[], [[None]], [["film"]]])
def test_profiles_of_no_row_and_of_one_come_back(path, texts):
    profile = profile_texts(texts)
    save(profile, path)
    same(profile, load(path))


def test_vectors_alone_come_back(path, shards):
    profile = Profile(name="vectors", n_rows=30, sums=shards[0][0].sums, encoder="mini")
    save(profile, path)
    assert load(path).counts is None
    assert np.array_equal(load(path).sums.linear, profile.sums.linear)


def test_the_same_profile_gives_the_same_bytes(tmp_path, shards):
    profile = shards[0][0]
    for name in ("first", "second"):
        save(profile, tmp_path / name)
    save(load(tmp_path / "first"), tmp_path / "third")
    first = (tmp_path / "first").read_bytes()
    assert first == (tmp_path / "second").read_bytes() == (tmp_path / "third").read_bytes()


def test_no_text_is_in_the_file_and_no_rare_word_where_they_are_withheld(path):
    profile = profile_texts([SECRETS], name="secrets")
    save(profile, path)
    written = b"\n".join(contents(path).values()).decode("utf-8", "replace").lower()
    terms = load(path).counts.terms
    for text in SECRETS:
        words = text.lower().split()
        assert text.lower() not in written
        assert not any(f"{a} {b}" in written for a, b in itertools.pairwise(words))
    assert not any(" " in term for term in terms)

    save(profile, path, named_from=2)
    written = b"\n".join(contents(path).values()).decode("utf-8", "replace").lower()
    assert [term for term in load(path).counts.terms if not is_unnamed(term)] == ["film", "the"]
    for rare in ("zoe", "quimby", "4711", "0199", "euros"):
        assert rare not in written


def test_what_was_withheld_adds_up_when_files_merge(tmp_path):
    parts = [["film zoe", "film"], ["zoe film"], ["zoe zoe", "bob"]]
    whole = profile_texts(parts)
    save(profile_texts([parts[0]]), tmp_path / "0", named_from=1)
    for i in (1, 2):
        save(profile_texts([parts[i]]), tmp_path / str(i), named_from=2)
    first, second, third = (load(tmp_path / str(i)) for i in range(3))
    for together in (first + second + third, third + (second + first)):
        assert together.counts.occurrences.sum() == whole.counts.occurrences.sum()
        named = [term for term in together.counts.terms if not is_unnamed(term)]
        assert named == ["film", "zoe"]
        place = together.counts.terms.index("zoe")
        assert int(together.counts.holders[:, place].sum()) == 3
        assert int(together.counts.occurrences[:, place].sum()) == 4


def test_saving_leaves_the_profile_with_its_names(path):
    profile = profile_texts([SECRETS])
    terms = profile.counts.terms
    save(profile, path, named_from=99)
    assert profile.counts.terms is terms
    assert all(map(is_unnamed, load(path).counts.terms))
    with pytest.raises(SettingsError, match="named_from"):
        save(profile, path, named_from=0)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(path, monkeypatch):
    save(profile_texts([["old"]]), path)
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(profile_file, "_write_zip", full)
    with pytest.raises(ProfileError, match="No space left"):
        save(profile_texts([["new"]]), path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
    with pytest.raises(ProfileError, match="could not be written"):
        save(profile_texts([["new"]]), path.parent / "no folder" / "window.profile")


def test_a_written_file_replaces_the_old_one(path):
    for word in ("old", "new"):
        save(profile_texts([[word]]), path)
    assert load(path).counts.terms == ("new",)
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_is_not_there_or_no_file_is_told(path):
    with pytest.raises(MissingProfileError, match="there is no profile"):
        load(path)
    with pytest.raises(FileNotFoundError):
        load(path)
    with pytest.raises(UnreadableProfileError, match="cannot be read"):
        load(path.parent)


@pytest.mark.parametrize("content", [b"", b"text,label\n", b"PAR1....", b"\x80\x04\x95pickle", b"PK"])
def test_a_file_of_another_kind_is_no_profile(path, content):
    path.write_bytes(content)
    with pytest.raises(UnreadableProfileError, match=r"is no textdrift profile: it (begins with|is empty)"):
        load(path)


def test_a_zip_of_another_kind_is_no_profile(path):
    for files, message in [
        ({"word/document.xml": b"<w/>"}, "it holds no profile.json"),
        ({"profile.json": b"not json"}, "names no schema"),
        ({"profile.json": b"[]"}, "names no schema"),
        ({"profile.json": b'{"schema": "another.tool/1"}'}, "its schema is 'another.tool/1'"),
    ]:
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        with pytest.raises(UnreadableProfileError, match=message):
            load(path)


def test_a_file_that_is_cut_off_is_told(path, shards):
    save(shards[0][0], path)
    whole = path.read_bytes()
    for n_bytes in (5, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:n_bytes])
        with pytest.raises(UnreadableProfileError, match="cut off or damaged"):
            load(path)


def test_any_changed_byte_is_told_or_changes_nothing(path):
    profile = profile_texts([SECRETS], name="secrets")
    save(profile, path)
    whole = path.read_bytes()
    told = 0
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        try:
            same(profile, load(path))
        except UnreadableProfileError:
            told += 1
    # Dates and attributes of a zip say nothing about its content, and so nothing is said of them.
    path.write_bytes(whole)
    with zipfile.ZipFile(path) as archive:
        assert told >= sum(info.compress_size + len(info.filename) for info in archive.infolist())


def test_any_changed_bit_of_the_directory_is_told_with_the_name_of_the_file_or_changes_nothing(path):
    profile = profile_texts([["a"]], n_bins=1)
    save(profile, path)
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        begins = archive.start_dir
    # A bit of the method of compression hands a member to another decompressor, which has errors of its own.
    told = []
    for place, bit in itertools.product(range(begins, len(whole)), range(8)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
        try:
            back = load(path)
        except UnreadableProfileError as error:
            told.append(str(error))
        else:
            same(profile, back)
    assert len(told) > 100
    assert all(str(path) in message for message in told)


@pytest.mark.parametrize("given", ["", ".", "a\0b", "\ud800", 3, None, b"a.profile"])
def test_what_is_no_path_is_told(given):
    for read_or_write in (load, lambda path: save(profile_texts([["a"]]), path)):
        with pytest.raises(ProfileError, match="path"):
            read_or_write(given)


def test_only_profiles_are_saved(path):
    with pytest.raises(ProfileError, match=r"only a profile can be saved; got 3 \(int\); make one with"):
        save(3, path)
    assert not path.exists()


def test_a_newer_file_asks_for_a_newer_textdrift(path):
    save(profile_texts([["film"]]), path)
    page = page_of(path) | {"schema": "textdrift.profile/2", "what is new": True}
    rewritten(path, {"profile.json": json.dumps(page).encode()})
    with pytest.raises(UnreadableProfileError, match=r"newer textdrift: its schema is textdrift.profile/2.*update"):
        load(path)


def test_a_missing_a_foreign_and_a_changed_member_are_told(path):
    save(profile_texts([["film"]]), path)
    whole = path.read_bytes()
    for changes, message in [
        ({"counts.bins.npy": None}, "it lacks counts.bins.npy"),
        ({"notes.txt": b"hello"}, "notes.txt is foreign"),
        ({"counts.bins.npy": contents(path)["counts.holders.npy"]}, "counts.bins.npy has another hash"),
    ]:
        path.write_bytes(whole)
        rewritten(path, changes)
        with pytest.raises(UnreadableProfileError, match=message):
            load(path)


def forged(path, changes):
    """Write arrays in place of others, with the hashes that they need."""
    files = {f"{name}.npy": profile_file._as_npy(np.asarray(array)) for name, array in changes.items()}
    hashes = {name: profile_file.hashlib.sha256(content).hexdigest() for name, content in files.items()}
    page = page_of(path)
    page["members"] |= hashes
    rewritten(path, files | {"profile.json": json.dumps(page).encode()})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"terms.utf8": np.uint8([255, 254, 253, 252, 251, 250, 249])}, "UTF8|UTF-8"),
        ({"terms.utf8": np.frombuffer(b"goodbad", np.uint8)}, "do not ascend"),
        ({"terms.utf8": np.frombuffer(b"badgo", np.uint8)}, "longer or shorter"),
        ({"counts.bins": np.uint8([0, 9])}, "bin does not exist"),
        ({"counts.bins": np.uint8([0])}, "one count for each bin"),
        ({"counts.bins": np.float64([0, 0])}, "no row of whole numbers"),
        ({"counts.n_bins_of_term": np.uint8([2, 0])}, "do not ascend"),
        ({"counts.n_bins_of_term": np.uint8([2])}, "one number of bins for each term"),
        ({"counts.holders": np.uint8([1, 7])}, "more documents"),
        ({"counts.holders": np.uint8([0, 1])}, "more documents"),
        ({"counts.sizes": np.uint8([99])}, "99 documents cannot come from 1 rows"),
    ],
)
def test_numbers_that_make_no_profile_are_told(path, changes, message):
    save(profile_texts([["good bad"]], n_bins=1), path)
    forged(path, changes)
    with pytest.raises(UnreadableProfileError, match=message):
        load(path)


def test_sums_that_do_not_go_with_their_basis_are_told(path, shards):
    save(shards[0][0], path)
    whole = path.read_bytes()
    for changes, message in [
        ({"basis.directions": np.eye(5)}, "directions of the basis"),
        ({"sums.linear": np.zeros((16, 5))}, "linear sums"),
        ({"sums.quadratic": np.zeros((15, 7))}, "quadratic sums"),
        ({"basis.mean": np.zeros(6, dtype=np.float32)}, "not float64"),
        ({"sums.counts": np.zeros(16, dtype=np.uint8)}, "same documents"),
    ]:
        path.write_bytes(whole)
        forged(path, changes)
        with pytest.raises(UnreadableProfileError, match=message):
            load(path)


def test_an_array_of_objects_is_never_loaded(path):
    save(profile_texts([["film"]]), path)
    header = contents(path)["counts.bins.npy"]
    pickled = header.replace(b"'|u1'", b"'|O' ")
    page = page_of(path)
    page["members"]["counts.bins.npy"] = profile_file.hashlib.sha256(pickled).hexdigest()
    rewritten(path, {"counts.bins.npy": pickled, "profile.json": json.dumps(page).encode()})
    with pytest.raises(UnreadableProfileError, match="plain numbers were needed"):
        load(path)


def test_counts_that_contradict_themselves_are_not_written(path):
    more, fewer = sparse.csr_matrix([[2]]), sparse.csr_matrix([[1]])
    counts = BinnedCounts(fewer, more, np.array([3]), ("a",))
    with pytest.raises(ProfileError, match="cannot occur less often"):
        save(Profile(name="", n_rows=3, counts=counts, tokenization={"unit": "words"}), path)

"""Encoded texts to binned counts: what a window holds of each term, in memory that grows like its vocabulary."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

from textdrift.errors import SettingsError, TokenizerError
from textdrift.tokens.aligning import moved
from textdrift.tokens.encoding import EncodedBatch
from textdrift.tokens.growing_vocabulary import GrowingVocabulary, strings_hashed
from textdrift.tokens.token_counts import BinnedCounts
from textdrift.tokens.unnamed import names_replaced, which_unnamed
from textdrift.windows.binning import bins_of_hashes, ids_hashed

__all__ = ["CountsInBins", "bins_of_texts", "hashes_of_texts"]

_NO_LETTERS = r"[^\p{L}\p{M}]+"
_DIGIT = r"\p{N}"

Integers = NDArray[np.int64]


@dataclass(slots=True, eq=False)
class CountsInBins:
    """Sums of the counts of many texts in bins.

    The one thing here that changes: ``add`` takes texts in, ``include`` a shard that was counted elsewhere. Sums are
    whole numbers, so neither the order of texts nor that of shards leaves a trace.

    Cost: linear in the tokens; a million short texts take about a second. Memory: the terms, and two numbers for each
    bin in which a term occurs.

    Attributes
    ----------
    n_bins:
        As many as the bins of the texts, a power of two where bins come from ``bins_of`` or ``bins_of_texts``.
    sizes:
        Texts of each bin, shape (n_bins,).

    Examples
    --------
    >>> from textdrift.tokens.encoding import encoded_batches
    >>> from textdrift.tokens.tokenization import Tokenization
    >>> batch = next(encoded_batches([pa.array(["good good film", "film"])], Tokenization()))
    >>> sums = CountsInBins(n_bins=2)
    >>> sums.add(batch, np.array([0, 1]))
    >>> counts = (sums + sums).counts()
    >>> counts.terms, counts.occurrences.toarray().tolist(), counts.holders.toarray().tolist()
    (('film', 'good'), [[2, 4], [2, 0]], [[2, 2], [2, 0]])
    """

    n_bins: int = 256
    sizes: Integers = field(init=False, repr=False)
    _vocabulary: GrowingVocabulary = field(init=False, repr=False, default_factory=GrowingVocabulary)
    # Of ever fewer texts, each (n_bins, n_terms), canonical: occurrences + i holders, so that one addition adds both;
    # whole numbers stay exact up to 2^53.
    _parts: list[sparse.csr_matrix] = field(init=False, repr=False, default_factory=list)

    def __post_init__(self) -> None:
        """Start from nothing."""
        if isinstance(self.n_bins, bool) or not isinstance(self.n_bins, (int, np.integer)):
            raise SettingsError(
                f"n_bins is {self.n_bins!r} ({type(self.n_bins).__name__}); a whole number was needed, such as 256"
            )
        if self.n_bins < 1:
            raise SettingsError(f"sums need at least one bin; got {self.n_bins}")
        self.n_bins = int(self.n_bins)
        self.sizes = np.zeros(self.n_bins, dtype=np.int64)

    @property
    def n_documents(self) -> int:
        """Texts taken in."""
        return int(self.sizes.sum())

    def add(self, batch: EncodedBatch, bins: NDArray[Any]) -> None:
        """Take in texts.

        Parameters
        ----------
        batch:
            The terms of some tens of thousands of texts.
        bins:
            Shape (n_texts,), integers from 0 to ``n_bins`` - 1: all rows of a group in one, see ``bins_of``, or all
            copies of a text, see ``bins_of_texts``.

        Raises
        ------
        TokenizerError
            When there is not one bin for each text, or a bin does not exist; then none is taken in.
        """
        n_texts = len(batch.lengths)
        if bins.shape != (n_texts,) or not np.issubdtype(bins.dtype, np.integer):
            raise TokenizerError(
                f"one whole number, its bin, was needed for each of {n_texts} texts; got {bins.dtype} of {bins.shape}"
            )
        if n_texts and not 0 <= bins.min() <= bins.max() < self.n_bins:
            raise TokenizerError(f"bins must be 0 to {self.n_bins - 1}; got {bins.min()} to {bins.max()}")
        columns = self._vocabulary.columns_of(_not_taken_for_hashes(batch.terms))
        order = np.argsort(columns)
        rank = np.empty(len(columns), dtype=np.int32)
        rank[order] = np.arange(len(columns), dtype=np.int32)
        counts = batch.counts
        counts = sparse.csr_matrix((counts.data, rank[counts.indices], counts.indptr), shape=counts.shape)
        summed = _summed(counts, bins, self.n_bins)
        summed.indices = columns[order].astype(summed.indices.dtype)[summed.indices]
        self._take(summed)
        self.sizes += np.bincount(bins, minlength=self.n_bins)

    def include(self, counts: BinnedCounts) -> None:
        """Take in the counts of a shard, which are left as they are.

        Raises
        ------
        TokenizerError
            When it has another number of bins.
        """
        if len(counts) != self.n_bins:
            raise TokenizerError(
                f"only counts in the same bins can be added; got {len(counts)} bins where {self.n_bins} were needed"
            )
        columns = self._vocabulary.columns_of(pa.array(counts.terms, pa.large_string()))
        self._take(moved(counts.occurrences + 1j * counts.holders, columns, len(self._vocabulary)))
        self.sizes += counts.sizes

    def counts(self) -> BinnedCounts:
        """Return the sums over the sorted vocabulary; the accumulator can go on."""
        while len(self._parts) > 1:
            self._merge()
        terms, place = self._vocabulary.sorted_terms()
        nothing = sparse.csr_matrix((self.n_bins, len(terms)), dtype=np.complex128)
        both = moved(self._parts[0] if self._parts else nothing, place, len(terms))
        occurrences, holders = (
            sparse.csr_matrix((part.astype(np.int64), both.indices, both.indptr), shape=both.shape)
            for part in (both.data.real, both.data.imag)
        )
        return BinnedCounts(occurrences, holders, self.sizes.copy(), terms)

    def __add__(self, other: CountsInBins) -> CountsInBins:
        """Return the sums over the texts of both, which are left as they are."""
        both = CountsInBins(self.n_bins)
        both.include(self.counts())
        both.include(other.counts())
        return both

    def _take(self, part: sparse.csr_matrix) -> None:
        # Each part is at least twice as large as the next, so a count is merged a logarithmic number of times.
        self._parts.append(part)
        while len(self._parts) > 1 and self._parts[-2].nnz < 2 * self._parts[-1].nnz:
            self._merge()

    def _merge(self) -> None:
        last, before = self._parts.pop(), self._parts.pop()
        n_terms = len(self._vocabulary)
        self._parts.append(_widened(before, n_terms) + _widened(last, n_terms))


def _not_taken_for_hashes(terms: pa.Array) -> pa.Array:
    """Return the terms; a token that has the form of a hash would be taken for another word's and goes by its own."""
    hidden = which_unnamed(terms)
    return names_replaced(terms, hidden) if hidden.any() else terms


def _widened(matrix: sparse.csr_matrix, n_terms: int) -> sparse.csr_matrix:
    """Return the matrix with columns for terms that were met later."""
    wide = sparse.csr_matrix((matrix.data, matrix.indices, matrix.indptr), shape=(matrix.shape[0], n_terms))
    wide.has_canonical_format = True
    return wide


def _summed(counts: sparse.csr_matrix, bins: NDArray[Any], n_bins: int) -> sparse.csr_matrix:
    """Return occurrences + i holders in bins of texts x terms (whose columns may be unsorted), canonical.

    Every sort is a counting sort: texts by bin, their terms by column, and what is left by bin again.
    """
    small = bins.astype(np.min_scalar_type(n_bins - 1))
    order = np.argsort(small, kind="stable")
    by_term = counts[order].tocsc()
    bin_of_entry = small[order][by_term.indices]
    # The texts of one bin that hold a term are a run of entries.
    starts = np.ones(len(bin_of_entry), dtype=bool)
    starts[1:] = bin_of_entry[1:] != bin_of_entry[:-1]
    starts[by_term.indptr[:-1][np.diff(by_term.indptr) > 0]] = True
    first = np.flatnonzero(starts)
    occurrences = np.add.reduceat(by_term.data, first, dtype=np.int64) if len(first) else first
    sums = occurrences + 1j * np.diff(first, append=len(starts))
    term = np.repeat(np.arange(counts.shape[1]), np.diff(np.searchsorted(first, by_term.indptr)))
    bin_of_run = bin_of_entry[first]
    by_bin = np.argsort(bin_of_run, kind="stable")
    pointers = np.concatenate([[0], np.cumsum(np.bincount(bin_of_run, minlength=n_bins))])
    return sparse.csr_matrix((sums[by_bin], term[by_bin], pointers), shape=(n_bins, counts.shape[1]))


def bins_of_texts(batch: EncodedBatch, n_bins: int = 256) -> Integers:
    """Return the bin of each text, the leading bits of ``hashes_of_texts``: copies share one wherever they appear.

    Raises
    ------
    SettingsError
        When ``n_bins`` is no power of two.
    """
    return bins_of_hashes(hashes_of_texts(batch), n_bins)


def hashes_of_texts(batch: EncodedBatch) -> NDArray[np.uint64]:
    """Return a hash of each text, shape (n_texts,), that copies and near-copies share wherever they appear.

    A text is hashed as the set of its words: case, order, spacing, punctuation, repeats and numbers do not count. A
    term without a letter or with a digit counts only in a text that has no other. So copies need not be found to stay
    together, in one shard or in many. Texts that differ in a word or in a link do not share it. All texts without a
    term share one.

    The hash of a text is that of the sum of the 64-bit xxHashes of its terms (an additive multiset hash: Clarke et al.
    2003). Cost: each distinct term is hashed once a batch.

    Parameters
    ----------
    batch:
        The words of some texts. Runs of words know their order; bin such texts by their words.

    Examples
    --------
    >>> from textdrift.tokens.encoding import encoded_batches
    >>> from textdrift.tokens.tokenization import Tokenization
    >>> texts = pa.array(["Order 7 is LATE!", "late is order 12", "order 7 is lost"])
    >>> bins = bins_of_texts(next(encoded_batches([texts], Tokenization())), 1024)
    >>> bool(bins[0] == bins[1]), bool(bins[0] == bins[2])
    (True, False)
    """
    hashes, is_word = _term_hashes(batch.terms)
    sums = _sums_of_rows(batch.counts, np.where(is_word, hashes, np.uint64(0)))
    wordless = np.flatnonzero(sums == 0)
    sums[wordless] = _sums_of_rows(batch.counts[wordless], hashes)
    return ids_hashed(sums)


def _sums_of_rows(counts: sparse.csr_matrix, hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the sum of the hashes of the terms of each row, modulo 2^64; an empty row sums to 0."""
    sums = np.add.reduceat(np.append(hashes[counts.indices], np.uint64(0)), counts.indptr[:-1])
    # reduceat gives an empty run the value that follows it.
    sums[np.diff(counts.indptr) == 0] = 0
    return np.asarray(sums, dtype=np.uint64)


def _term_hashes(terms: pa.Array) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """Return the hash of the letters of each term, or of all of it where it is no word, and whether it is one."""
    folded = pc.utf8_lower(terms)
    if not pc.all(pc.string_is_ascii(folded)).as_py():
        folded = pc.utf8_lower(pc.utf8_normalize(folded, "NFKC"))
    is_word = np.array(pc.utf8_is_alpha(folded).to_numpy(zero_copy_only=False), dtype=bool)
    mixed = np.flatnonzero(~is_word)
    letters = pc.replace_substring_regex(folded.take(pa.array(mixed)), _NO_LETTERS, "")
    has_letter = pc.greater(pc.binary_length(letters), 0).to_numpy(zero_copy_only=False)
    has_digit = pc.match_substring_regex(folded.take(pa.array(mixed)), _DIGIT).to_numpy(zero_copy_only=False)
    spelled = np.zeros(len(terms), dtype=bool)
    spelled[mixed] = has_letter & ~has_digit
    folded = pc.replace_with_mask(folded, pa.array(spelled), letters.filter(pa.array(spelled[mixed])))
    return strings_hashed(folded), is_word | spelled

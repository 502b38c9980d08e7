"""Simulated years of nightly windows: false alarms against the promise, and days until a drift is found.

    python tests/benchmarks/year_of_windows.py [FOLDER] [--stream NAME] [--drift NAME] [--years 40] [--processes 2]

FOLDER, or the environment variable TEXTDRIFT_DATA, holds for each NAME the texts, NAME.parquet with a column ``text``,
and their embeddings in the same order, NAME.npy. Without a folder the texts are made up and embedded by hashing.

Each year draws its windows anew from the stream, with replacement: 200 to 500 documents a day. Nights are judged by the
tests of binned counts and binned sums against a fixed reference of 2,000 documents, and by the slow-drift detector
against all earlier nights. Then the same with drift from day 180 on: 10 % of the documents come from the other set
(``sudden``), or a share that grows to 10 % by day 365 (``slow``).
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import sparse

from textdrift.drift.embedding import MeanEmbedding
from textdrift.drift.lexical.token_frequency import TokenFrequency
from textdrift.drift.slow_drift import SlowDriftState, step_slow_drift
from textdrift.embeddings.features import Basis, FeatureSums
from textdrift.embeddings.hashing_encoder import HashingEncoder
from textdrift.findings.budget import alpha_per_window, slow_drift_threshold
from textdrift.profiles import BinnedUnits, Profile
from textdrift.tokens.aligning import in_equal_bins
from textdrift.tokens.counting import count_tokens
from textdrift.tokens.token_counts import BinnedCounts
from textdrift.windows.simulating import Dose, sample_pair

DAYS, DRIFT_FROM, SHARE = 365, 180, 0.10
BINS, DIMENSIONS, SPLITS = 1024, 64, 499  # half of the defaults, and the leading directions alone: for speed
PROMISED = 2.0
REFERENCE, BASIS = 2000, 4000
REFERENCE_BINS = 512
FEWEST_HOLDERS = 10
NAIVE = 0.05
OF_NIGHTS = alpha_per_window(PROMISED, DAYS, slow_drift=True)
THRESHOLD = slow_drift_threshold(PROMISED, DAYS)
SCENARIOS = ("none", "sudden", "slow")


@cache
def material(folder, stream, drift):
    """Return the counts of documents, their points, and how many of them are of the stream."""
    if folder is None:
        pair = sample_pair(8000, 8000, dose=Dose(topic=0.6), seed=0)
        texts = [table["text"].combine_chunks() for table in (pair.reference, pair.current)]
        points = [HashingEncoder().encode(part.to_pylist()) for part in texts]
    else:
        texts = [pq.read_table(Path(folder) / f"{name}.parquet", columns=["text"])["text"] for name in (stream, drift)]
        points = [np.load(Path(folder) / f"{name}.npy").astype(np.float32) for name in (stream, drift)]
    counts = count_tokens(*[pa.array(part.to_pylist(), pa.large_string()) for part in texts])
    rows = sparse.vstack([side.counts for side in counts], format="csr").astype(np.int64)
    kept = np.flatnonzero(rows.getnnz(axis=0) >= FEWEST_HOLDERS)  # rarer terms cost time and are hardly ever looked at
    rows = rows[:, kept]
    rows.sort_indices()
    whole = np.vstack(points)
    leading = Basis.fit(whole[: len(texts[0])]).linear(whole)[:, :DIMENSIONS]
    return rows, tuple(counts[0].terms[term] for term in kept), leading, len(texts[0])


class Year:
    """Draws windows from the stream, mixed with the other set, and profiles them in random bins."""

    def __init__(self, given, rng):
        self.rows, self.terms, self.points, self.n_stream = material(*given)
        self.rng = rng
        # Of documents that are in no window: a basis must not know the pool.
        self.basis = Basis.fit(self.points[rng.integers(0, self.n_stream, size=BASIS)])
        self.tokenization = {"tokenizer": "default"}

    def window(self, n, share, n_bins, name):
        """Return the profile of n documents."""
        documents = self.rng.integers(0, self.n_stream, size=n)
        other = self.rng.random(n) < share
        documents[other] = self.rng.integers(self.n_stream, len(self.points), size=int(other.sum()))
        bins = self.rng.integers(0, n_bins, size=n)
        sums = FeatureSums(self.basis, n_bins)
        sums.add(self.points[documents], bins)
        of_bin = sparse.csr_matrix((np.ones(n, dtype=np.int64), (bins, np.arange(n))), shape=(n_bins, n))
        held = self.rows[documents]
        ones = sparse.csr_matrix((np.ones_like(held.data), held.indices, held.indptr), shape=held.shape)
        occurrences, holders = of_bin @ held, of_bin @ ones
        for matrix in (occurrences, holders):
            matrix.sort_indices()
        hashes = np.unique(self.rng.integers(0, 2**63, size=n).astype(np.uint64))[:1024]
        return Profile(
            name=name,
            n_rows=n,
            counts=BinnedCounts(occurrences, holders, sums.counts, self.terms),
            sums=sums,
            tokenization=self.tokenization,
            encoder="an encoder",
            units=BinnedUnits("texts", hashes),
        )


def share_on(day, scenario):
    """Return the share of documents of the other set."""
    if scenario == "none" or day < DRIFT_FROM:
        return 0.0
    return SHARE if scenario == "sudden" else SHARE * (day - DRIFT_FROM + 1) / (DAYS - DRIFT_FROM)


def nightly_p_value(reference, current, rng):
    """Return the p-value of meaning and words against the fixed reference, corrected for the two."""
    counts = in_equal_bins(reference.counts, current.counts)
    words = TokenFrequency().compare(*counts, rng=rng).p_value
    meaning = MeanEmbedding().compare_sums(reference.sums, current.sums, rng=rng).p_value
    return min(1.0, 2 * min(words, meaning))


def one_year(given, scenario, seed):
    """Return the p-value of each night, the slow detector's alarms, whether it turned itself off, and its seconds.

    With drift the nights before it are not tested against the reference (they are those of the years without), and the
    year ends once every way has alarmed.
    """
    rng = np.random.default_rng([seed, SCENARIOS.index(scenario)])
    year = Year(given, rng)
    reference = year.window(REFERENCE, 0.0, REFERENCE_BINS, "reference")
    state, pool, p_values, alarms, slowest = SlowDriftState(), None, np.ones(DAYS), [], 0.0
    for day in range(DAYS):
        n, share = int(rng.integers(200, 501)), share_on(day, scenario)
        # One window for both: bins of the slow detector are merged into fewer for the nightly tests.
        current = year.window(n, share, BINS, f"day {day}")
        if scenario == "none" or day >= DRIFT_FROM:
            p_values[day] = nightly_p_value(reference, current, rng)
        begun = time.perf_counter()
        step = step_slow_drift(state, pool, current, threshold=THRESHOLD, rng=rng, n_permutations=SPLITS)
        slowest = max(slowest, time.perf_counter() - begun)
        state, pool = step.state, step.pool
        if step.alarm:
            alarms.append(day)
        found = bool(alarms) and alarms[-1] >= DRIFT_FROM and p_values.min() <= OF_NIGHTS
        if scenario != "none" and found:
            break
    return p_values, alarms, state.off, slowest


def delays(alarms_of_years):
    """Return the days from the drift to the first alarm since, infinite where none came."""
    return [
        min((day - DRIFT_FROM + 1 for day in alarms if day >= DRIFT_FROM), default=np.inf) for alarms in alarms_of_years
    ]


def told(scenario, years):
    """Print what some years of a scenario gave."""
    nights = [np.flatnonzero(p <= OF_NIGHTS).tolist() for p, *_ in years]
    slow = [alarms for _, alarms, *_ in years]
    ways = [
        (f"nightly, alpha = {OF_NIGHTS:.5f}", nights, PROMISED / 2),
        ("slow-drift detector", slow, PROMISED / 2),
        ("both", [sorted({*a, *b}) for a, b in zip(nights, slow, strict=True)], PROMISED),
        (f"naive nightly {NAIVE}", [np.flatnonzero(p <= NAIVE).tolist() for p, *_ in years], None),
    ]
    off = sum(bool(why) for *_, why, _ in years)
    print(f"\n{scenario}: {len(years)} years, detector off in {off}, slowest step {max(s for *_, s in years):.2f} s")
    for name, alarms, promised in ways:
        if scenario == "none":
            n = np.array([len(days) for days in alarms])
            error = n.std(ddof=1) / np.sqrt(len(n)) if len(n) > 1 else np.inf
            kept = "kept" if promised is None or n.mean() <= promised + 2 * error else "BROKEN"
            against = "" if promised is None else f", promised {promised:.1f}: {kept}"
            print(f"  {name:28s} alarms a year {n.mean():6.2f} ± {error:.2f}, any {np.mean(n > 0):.2f}{against}")
        else:
            late = np.array(delays(alarms))
            shown = [np.quantile(late, q, method="higher") for q in (0.5, 0.9)]
            print(
                f"  {name:28s} found {np.mean(np.isfinite(late)):.2f}, delay {shown[0]:3.0f} d, 90 % {shown[1]:3.0f} d"
            )


def main():
    """Read the command line, simulate, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default=os.environ.get("TEXTDRIFT_DATA"))
    parser.add_argument("--stream", default="airline_tweets")
    parser.add_argument("--drift", default="tweeteval_emotion")
    parser.add_argument("--years", type=int, default=40)
    parser.add_argument("--years-with-drift", type=int, default=20)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=0)
    asked = parser.parse_args()
    given = (asked.folder, asked.stream, asked.drift)
    for scenario in SCENARIOS:
        n = asked.years if scenario == "none" else asked.years_with_drift
        if not n:
            continue
        with ProcessPoolExecutor(asked.processes) as pool:
            years = []
            for year in pool.map(one_year, [given] * n, [scenario] * n, range(asked.first_seed, asked.first_seed + n)):
                years.append(year)
                print(
                    f"{scenario} {len(years)}: {int((year[0] <= OF_NIGHTS).sum())} nightly, {year[1]} slow, {year[2]}",
                    flush=True,
                )
        told(scenario, years)


if __name__ == "__main__":
    main()

"""How fast the test of P(label | text) is, against Alibi Detect's; how its time and memory grow. Ratios within one run.

Run alone, on an idle machine: ``OMP_NUM_THREADS=2 pytest tests/benchmarks/test_concept_speed.py -m speed -s``.
``TEXTDRIFT_BENCHMARK_LABELLED`` sets the labelled texts of the larger case.
"""

import os
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from textdrift.drift.concept.label_given_text import LabelGivenText
from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.embeddings import Embeddings

pytestmark = pytest.mark.speed

DIMENSIONS = 384
MANY = int(os.environ.get("TEXTDRIFT_BENCHMARK_LABELLED", "100000"))
PERMUTATIONS = 1000  # the default of Alibi Detect's ContextMMDDrift
PEAK = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from test_concept_speed import labelled, LabelGivenText

def kilobytes(name):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(name))

rng = np.random.default_rng(0)
LabelGivenText().compare(labelled(500, 0), labelled(500, 1), rng=rng)
half = int(sys.argv[2]) // 2
windows = labelled(half, 2), labelled(half, 3, flipped=0.07)
before = kilobytes("VmRSS")
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")  # the peak is counted from here
LabelGivenText().compare(*windows, rng=rng)
print(kilobytes("VmHWM") - before)
"""


def labelled(n, seed, flipped=0.0):
    """Points shaped like sentence embeddings, and a label that a line through them guesses right three times in four.

    A share of the labels is turned over, so that there is concept drift to find.
    """
    rng = np.random.default_rng(seed)
    scales = (1 / (1 + np.arange(DIMENSIONS) / 40)).astype(np.float32)
    points = rng.standard_normal((n, DIMENSIONS), dtype=np.float32) * scales + np.float32(0.05)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    direction = np.random.default_rng(99).normal(size=DIMENSIONS).astype(np.float32)
    score = points @ direction
    score = (score - score.mean()) / score.std()
    good = rng.random(n) < 1 / (1 + np.exp(-2 * score))
    good ^= rng.random(n) < flipped
    shares = np.column_stack([~good, good]).astype(np.float64)
    return LabelledEmbeddings(Embeddings(points, "synthetic"), shares, ("bad", "good"))


def seconds_of(run, clock=time.perf_counter):
    start = clock()
    run()
    return clock() - start


def guesses(reference, current):
    """P(label | text) of both windows, cross-fitted: the context in which Alibi Detect shall compare the labels."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    points = np.concatenate([reference.embeddings.points, current.embeddings.points])
    labels = np.concatenate([reference.codes, current.codes])
    model = LogisticRegression(solver="newton-cholesky")
    guess = cross_val_predict(model, points, labels, method="predict_proba")[:, 1:].astype(np.float32)
    return guess[: len(reference)], guess[len(reference) :]


def seconds_of_alibi_detect(reference, current, monkeypatch):
    """Return the seconds of 1,000 permutations, extrapolated, and in words from what.

    The data are the labels, the context is the guess of the label; the guess itself is not timed. A whole run with one
    permutation is timed, which tunes the penalties as every run does; then runs with one and with three permutations
    and these penalties, whose difference is two permutations. Alibi Detect asks scikit-learn to calibrate a fitted
    classifier in a way that it no longer knows; here it is asked in the new one.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cd = pytest.importorskip("alibi_detect.cd", reason="Alibi Detect has no release for this Python")
        from alibi_detect.cd import _domain_clf
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.frozen import FrozenEstimator

        def calibrated(classifier, *, method, cv):
            assert cv == "prefit"
            return CalibratedClassifierCV(FrozenEstimator(classifier), method=method)

        monkeypatch.setattr(_domain_clf, "CalibratedClassifierCV", calibrated)
        contexts = guesses(reference, current)
        labels = [window.codes[:, None].astype(np.float32) for window in (reference, current)]

        def run(n_permutations, penalties):
            detector = cd.ContextMMDDrift(
                labels[0], contexts[0], backend="pytorch", n_permutations=n_permutations, device="cpu"
            )
            detector._detector.lams = penalties
            seconds = seconds_of(lambda: detector.predict(labels[1], contexts[1]))
            return seconds, detector._detector.lams

        whole, penalties = run(1, None)
        one, three = (run(n_permutations, penalties)[0] for n_permutations in (1, 3))
    each = (three - one) / 2
    told = f"{whole:.1f} s with 1 permutation, {each:.2f} s for each of {PERMUTATIONS - 1} more, from {one:.1f} s with "
    return whole + (PERMUTATIONS - 1) * each, f"{told}1 and {three:.1f} s with 3"


def test_two_and_a_half_thousand_labelled_texts_take_a_fiftieth_of_alibi_detects_time(benchmark, monkeypatch):
    reference, current = labelled(1500, 0), labelled(1000, 1, flipped=0.07)
    benchmark.pedantic(
        lambda: LabelGivenText().compare(reference, current, rng=np.random.default_rng(2)), rounds=7, warmup_rounds=1
    )
    mine = benchmark.stats.stats.min
    theirs, told = seconds_of_alibi_detect(reference, current, monkeypatch)
    benchmark.extra_info["times_alibi_detect"] = theirs / mine
    print(f"1,500 + 1,000: {mine:.3f} s, Alibi Detect {theirs:.0f} s ({told}), {theirs / mine:.0f} times")
    assert theirs / mine >= 50


def test_ten_times_the_labelled_texts_take_at_most_thirteen_times_as_long():
    few, many = (
        [labelled(n // 2, seed, flipped) for seed, flipped in ((2, 0.0), (3, 0.07))] for n in (MANY // 10, MANY)
    )

    def compare(windows):
        # Seconds of all cores, since other work on the machine stretches the clock on the wall.
        return seconds_of(
            lambda: LabelGivenText().compare(*windows, rng=np.random.default_rng(4)), clock=time.process_time
        )

    of_few, of_many = [], []
    for _ in range(3):  # in turn, so that what else the machine does meets both alike
        of_few += [compare(few) for _ in range(3)]
        of_many.append(compare(many))
    ratio = min(of_many) / min(of_few)
    print(f"\n{MANY // 10:,} texts: {min(of_few):.2f} s, {MANY:,}: {min(of_many):.2f} s, ratio {ratio:.1f}")
    assert ratio <= 13


@pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(),
    reason="needs Linux: the peak of memory is reset through /proc/self/clear_refs",
)
def test_memory_is_a_few_copies_of_the_points():
    command = [sys.executable, "-c", PEAK, str(Path(__file__).parent), str(MANY)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    peak, points = int(done.stdout) * 1024, MANY * DIMENSIONS * 4
    print(f"\n{MANY:,} labelled texts: {peak / 1e6:.0f} MB above the inputs, {peak / points:.1f} times their points")
    assert peak <= 6 * points

"""A made-up year of nightly runs with a drift story, for whoever shows a history."""

import datetime as dt
import math

import judged_runs
import numpy as np

FIRST_NIGHT = dt.date(2026, 1, 1)

# Each test: its kind, the name of its effect, the size that matters, and its usual size as a part of that.
TESTS = (
    ("lexical.terms", "lexical", "largest_share_change", 0.02, 0.25),
    ("lexical.style", "lexical", "js_excess", 0.01, 0.2),
    ("lexical.new_terms", "lexical", "excess_new_terms", 0.03, 0.15),
    ("embedding.mmd", "semantic", "std_shift", 0.15, 0.3),
    ("embedding.mean", "semantic", "std_shift", 0.2, 0.25),
    ("embedding.encoder_canary", "encoder", "std_shift", 0.01, 0.02),
    ("columns.categorical", "label", "total_variation", 0.05, 0.3),
    ("columns.categorical", "prediction", "total_variation", 0.05, 0.3),
    ("columns.accuracy", "performance", "accuracy_change", 0.03, 0.3),
    ("concept.relabelled", "concept", "net_relabelled", 0.05, 0.2),
    ("quality.missing", "quality", "share_of_rows", 0.01, 0.1),
    ("quality.repeated", "quality", "share_of_rows", 0.02, 0.2),
)


def strength(kind, day, n_days):
    """Return how many times the size that matters a kind has moved: a fault in spring, a slow story from autumn on."""
    share = day / n_days
    if kind == "quality" and 0.21 < share < 0.245:
        return 4.0
    if share < 0.62:
        return 0.0
    ramp = min(1.0, (share - 0.62) / 0.05)
    lasting = ramp if share < 0.84 else max(0.0, 1.0 - (share - 0.84) / 0.02)
    return {"lexical": 2.5, "semantic": 1.8, "prediction": 1.4, "performance": 1.2}.get(kind, 0.0) * lasting


def night(day, n_days, rng, *, labelled=False):
    """Return the report of a night."""
    findings, kinds = [], set()
    for test, kind, effect, material, usual in TESTS:
        if (kind in {"performance", "concept"}) != labelled:
            continue
        moved = strength(kind, day, n_days)
        value = material * (usual * rng.lognormal(0.0, 0.35) + moved * rng.normal(1.0, 0.08))
        half = material * 0.35
        p_value = float(np.clip(math.exp(-12.0 * moved) * rng.uniform(0.01, 1.0), 1e-9, 1.0))
        signed = -value if effect == "accuracy_change" else value
        low, high = signed - half, signed + half
        drifted = p_value < 0.0005 and value > material
        kinds |= {kind} if drifted else set()
        size = {
            "name": effect,
            "value": signed,
            "low": low if effect == "accuracy_change" else max(0.0, low),
            "high": high,
            "material_from": material,
        }
        columns = {"column": "airline"} if test == "columns.categorical" and kind == "label" else {}
        findings.append(
            {
                "test": test,
                "kind": kind,
                "drifted": drifted,
                "p_value": p_value,
                "adjusted_p_value": min(1.0, 12 * p_value),
                "statistic": 12.0 * value,
                "effect": size,
                "evidence": [],
                **columns,
            }
        )
    places = (
        ("airline", "Delta", 1.0),
        ("airline", "United", 0.7),
        ("topic", "late, delay, hours", 0.8),
        ("country", "DE", 0.5),
    )
    segments = [
        judged_runs.segment(column, value, kind=kind, effect=0.12 * part * strength(kind, day, n_days), p_value=1e-5)
        for column, value, part in places
        for kind in ("lexical", "semantic")
        if kind in kinds and part * strength(kind, day, n_days) > 0.9
    ]
    ordered = [kind for _, kind, *_ in TESTS if kind in kinds]
    document = judged_runs.report(*findings, kinds=list(dict.fromkeys(ordered)), segments=segments)
    if kinds:
        document["severity"] = "critical" if len(kinds) > 2 else "warning" if "lexical" in kinds else "info"
        document["summary"] = f"The texts moved: {', '.join(dict.fromkeys(ordered))}."
    elif rng.uniform() < 0.01 and not labelled:
        document["verdict"] = "inconclusive"
        document["summary"] = "Too few texts to tell."
    return document


def year(n_days=365, *, job="sentiment-inputs", labelled=True, seed=7, missing=(100, 101, 102)):
    """Yield the runs of a year of nights; labels of a week come on its last day, and some nights have no run."""
    rng = np.random.default_rng(seed)
    codes = {"drift": 1, "no_drift": 0, "inconclusive": 3}
    for day in range(n_days):
        stages = ("inputs", "labelled") if labelled and day % 7 == 6 else ("inputs",)
        for stage in stages:
            document = night(day, n_days, rng, labelled=stage == "labelled")
            if day not in missing:
                yield judged_runs.run(
                    day, job=job, document=document, stage=stage, exit_code=codes[document["verdict"]]
                )


def filled(history, runs, *, folder=None):
    """Keep runs in a history that is open for writing."""
    for run in runs:
        history.record(run)
    return history

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest

from textdrift.errors import SettingsError, WindowError
from textdrift.performance.answered_labels import CHANGED, NOT_CHANGED, OPEN, draw_values, estimate_from_answers
from textdrift.performance.label_plan import LabelPlan
from textdrift.performance.labels_to_ask import AT_RANDOM, LOOKS_CHANGED, UNSURE, plan_labels

NAMES = ("bad", "good")


def window(n, *, seed=0, changed=0.0, spread=2.0):
    """A calibrated guess, the judged class it makes likeliest, and labels of which some changed."""
    rng = np.random.default_rng(seed)
    good = 1 / (1 + np.exp(-rng.normal(0, spread, n)))
    labels = (rng.random(n) < good).astype(int)
    labels = np.where(rng.random(n) < changed, 1 - labels, labels)
    guess = np.column_stack([1 - good, good])
    return guess, guess.argmax(axis=1), labels


def planned(n=400, n_ask=100, *, seed=0, known=None, **settings):
    guess, judged, labels = window(n, seed=seed)
    codes = np.full(n, -1) if known is None else known
    plan = plan_labels(guess, judged, codes, n_ask=n_ask, rng=np.random.default_rng(seed), **settings)
    return plan, judged, labels


def answered(plan, labels, n=None):
    return {int(row): int(labels[row]) for row in plan.positions[:n]}


def chance_of(order, q):
    """The chance to draw this order: each draw among those that are left."""
    left = 1 - np.cumsum(q[order]) + q[order]
    return float(np.prod(q[order] / left))


SMALL = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8], [0.999, 0.001], [0.4, 0.6]])


def small_plan(order, known=None):
    """The plan of five documents that asks in this order; chances are those of any plan."""
    base = plan_labels(
        SMALL,
        SMALL.argmax(axis=1),
        known if known is not None else np.full(5, -1),
        n_ask=5,
        rng=np.random.default_rng(0),
    )
    place = {row: i for i, row in enumerate(base.positions.tolist())}
    at = np.array([place[row] for row in order])
    return LabelPlan(
        positions=base.positions[at],
        probabilities=base.probabilities[at],
        guessed_losses=base.guessed_losses[at],
        judged=base.judged[at],
        reasons=tuple(base.reasons[i] for i in at),
        asked_from=base.asked_from,
    )


@pytest.mark.parametrize("wrong", [(0, 0, 0, 0, 0), (0, 1, 0, 1, 0), (1, 1, 1, 1, 1), (0, 0, 0, 1, 0)])
def test_every_draw_is_unbiased_for_the_rate_over_all_orders(wrong) -> None:
    # All 120 orders of five documents, also where the guess is sure and wrong: E Z_t is the rate, for each t.
    wrong = np.array(wrong)
    mean, misses, total = np.zeros(5), 0.0, 0.0
    for order in itertools.permutations(range(5)):
        plan = small_plan(order)
        q = np.empty(5)
        q[plan.positions] = plan.probabilities
        chance = chance_of(np.array(order), q)
        codes = np.where(wrong[list(order)], 1 - plan.judged, plan.judged)
        values, floors, ceilings, _ = draw_values(plan, codes)
        assert ((floors <= values + 1e-12) & (values <= ceilings + 1e-12)).all()
        mean += chance * values
        total += chance
        estimate = estimate_from_answers(plan, dict(zip(order, codes.tolist(), strict=True)), level=0.4)
        truth = wrong.mean()
        misses += chance * (not (estimate.running.low <= truth + 1e-12).all())
        misses += chance * (not (estimate.running.high >= truth - 1e-12).all())
    assert total == pytest.approx(1.0)
    assert mean == pytest.approx(np.full(5, wrong.mean()))
    assert misses <= 0.4


def test_orders_come_with_the_chances_of_draws_without_replacement() -> None:
    plans = [
        plan_labels(SMALL, SMALL.argmax(axis=1), np.full(5, -1), n_ask=2, rng=rng)
        for rng in map(np.random.default_rng, range(6000))
    ]
    whole = small_plan(range(5))
    seen = np.zeros((5, 5))
    for plan in plans:
        seen[tuple(plan.positions)] += 1 / len(plans)
    for first, second in itertools.permutations(range(5), 2):
        chance = chance_of(np.array([first, second]), whole.probabilities)
        assert seen[first, second] == pytest.approx(chance, abs=4 * math.sqrt(chance / 6000))


def test_all_answers_give_the_rate_itself() -> None:
    plan, judged, labels = planned(300, 300)
    estimate = estimate_from_answers(plan, answered(plan, labels))
    assert estimate.error_rate == pytest.approx((np.mean(labels != judged),) * 3)
    assert estimate.settled != OPEN
    assert estimate.n_more == 0


def test_labels_that_are_there_count_as_they_are_and_are_not_asked() -> None:
    guess, judged, labels = window(300)
    known = np.where(np.arange(300) % 3 == 0, labels, -1)
    plan = plan_labels(guess, judged, known, n_ask=300, rng=np.random.default_rng(1))
    assert sorted(plan.positions.tolist()) == np.flatnonzero(known < 0).tolist()
    before = estimate_from_answers(plan, {})
    wrong = np.mean((known >= 0) & (known != judged))
    assert before.error_rate[1:] == pytest.approx((wrong, wrong + 200 / 300))
    after = estimate_from_answers(plan, answered(plan, labels))
    assert after.error_rate == pytest.approx((np.mean(labels != judged),) * 3)
    assert after.expected[0] == pytest.approx(np.mean(1 - guess[np.arange(300), judged]))


def test_known_labels_make_the_interval_narrower() -> None:
    guess, judged, labels = window(600)
    known = np.where(np.arange(600) < 300, labels, -1)
    widths = []
    for codes in (np.full(600, -1), known):
        plan = plan_labels(guess, judged, codes, n_ask=100, rng=np.random.default_rng(2))
        _, low, high = estimate_from_answers(plan, answered(plan, labels)).error_rate
        widths.append(high - low)
    assert widths[1] < 0.6 * widths[0]


def test_a_longer_plan_of_the_same_seed_goes_on_where_the_shorter_one_stopped() -> None:
    short, _, labels = planned(n_ask=50)
    long, _, _ = planned(n_ask=200)
    assert long.positions[:50].tolist() == short.positions.tolist()
    one = estimate_from_answers(short, answered(short, labels))
    other = estimate_from_answers(long, answered(long, labels))
    assert other.running.low[:51].tolist() == one.running.low.tolist()
    assert other.running.high[:51].tolist() == one.running.high.tolist()


def test_unsure_documents_are_asked_sooner_and_none_is_left_out() -> None:
    guess, judged, _ = window(1000)
    plan = plan_labels(guess, judged, np.full(1000, -1), n_ask=1000, rng=np.random.default_rng(3))
    assert plan.probabilities.sum() == pytest.approx(1.0)
    assert plan.probabilities.min() >= 0.5 / 1000
    loss = plan.guessed_losses
    first = [
        plan_labels(guess, judged, np.full(1000, -1), n_ask=200, rng=rng).guessed_losses.mean()
        for rng in map(np.random.default_rng, range(20))
    ]
    assert np.mean(first) > loss.mean() + 0.02
    by_reason = {reason: loss[np.array(plan.reasons) == reason] for reason in set(plan.reasons)}
    assert set(by_reason) == {UNSURE, AT_RANDOM}
    assert by_reason[UNSURE].min() > by_reason[AT_RANDOM].max()


def test_suspected_documents_are_asked_sooner_and_the_estimate_stays_fair() -> None:
    guess, judged, labels = window(1000, spread=4.0)
    suspected = np.where(np.arange(1000) < 100, 0.5, 0.0)
    labels = np.where(np.arange(1000) < 100, 1 - labels, labels)
    asked, estimates = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        plan = plan_labels(guess, judged, np.full(1000, -1), n_ask=150, rng=rng, suspected=suspected)
        asked.append(np.mean(plan.positions < 100))
        estimates.append(estimate_from_answers(plan, answered(plan, labels)).error_rate[0])
    assert np.mean(asked) > 0.14
    assert LOOKS_CHANGED in plan.reasons
    truth = np.mean(labels != judged)
    assert np.mean(estimates) == pytest.approx(truth, abs=3 * np.std(estimates) / math.sqrt(40))


def test_a_changed_window_is_settled_as_changed_and_an_unchanged_one_is_not() -> None:
    for changed, verdict in ((0.25, CHANGED), (0.0, NOT_CHANGED)):
        guess, judged, labels = window(3000, seed=4, changed=changed)
        plan = plan_labels(guess, judged, np.full(3000, -1), n_ask=2000, rng=np.random.default_rng(4))
        estimate = estimate_from_answers(plan, answered(plan, labels))
        assert estimate.settled == verdict
        assert 0 < estimate.settled_after <= 2000
        earlier = estimate_from_answers(plan, answered(plan, labels, estimate.settled_after - 1))
        assert earlier.settled == OPEN
        assert earlier.n_more > 0
        assert "more label" in earlier.sentence


def test_the_sentence_says_what_is_known_and_what_is_missing() -> None:
    plan, _, labels = planned(2000, 2000)
    before, one, some, every = (estimate_from_answers(plan, answered(plan, labels, n)) for n in (0, 1, 100, 2000))
    assert before.sentence.startswith("Before any label is asked, 0.0 to 100.0 % of the judgements")
    assert one.sentence.startswith("After one label of the 2,000 documents that had none, ")
    assert one.n_more > 20
    assert some.sentence.startswith("After 100 labels of the 2,000 documents that had none, ")
    assert "if labels still meant what they meant in the reference it would be" in some.sentence
    assert every.sentence.startswith("All documents have a label: ")
    assert "labels did not change their meaning by more" in every.sentence


def test_fewer_errors_than_expected_are_a_change_too() -> None:
    guess = np.tile([0.6, 0.4], (1000, 1))
    plan = plan_labels(guess, np.zeros(1000, dtype=int), np.full(1000, -1), n_ask=300, rng=np.random.default_rng(5))
    estimate = estimate_from_answers(plan, dict.fromkeys(plan.positions.tolist(), 0))
    assert estimate.settled == CHANGED
    assert "fewer are wrong than expected" in estimate.sentence


def test_the_forecast_is_of_the_right_size() -> None:
    # Ten points more errors than a plain guess expects: the middle run needs between half and twice the forecast.
    guess = np.tile([0.8, 0.2], (4000, 1))
    ratios = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        labels = (rng.random(4000) < 0.3).astype(int)
        plan = plan_labels(guess, np.zeros(4000, dtype=int), np.full(4000, -1), n_ask=1500, rng=rng)
        whole = estimate_from_answers(plan, answered(plan, labels))
        half = estimate_from_answers(plan, answered(plan, labels, 80))
        if half.settled == OPEN and whole.settled_after is not None:
            ratios.append(half.n_more / (whole.settled_after - 80))
    assert len(ratios) >= 15
    assert 0.5 < np.median(ratios) < 2.0


def test_a_guess_with_an_error_makes_the_difference_wider() -> None:
    plan, _, labels = planned(2000, 300)
    sure, unsure = (estimate_from_answers(plan, answered(plan, labels), guess_error=error) for error in (0.0, 0.02))
    assert sure.expected[1] == sure.expected[0] == sure.expected[2]
    # A fifth of 5 % is 1 %, two-sided: 2.58 standard errors.
    assert unsure.expected[2] - unsure.expected[0] == pytest.approx(2.5758 * 0.02, abs=1e-5)
    assert unsure.difference[1] < sure.difference[1]
    assert unsure.difference[2] > sure.difference[2]
    hopeless = estimate_from_answers(plan, answered(plan, labels), guess_error=0.2)
    assert hopeless.n_more is None
    assert "more labels of this window will not settle it" in hopeless.sentence


def test_the_plan_goes_through_json_and_back() -> None:
    plan, _, labels = planned(label_names=NAMES, known=np.where(np.arange(400) < 30, 1, -1))
    again = LabelPlan.from_described(json.loads(json.dumps(plan.described())))
    one, other = (estimate_from_answers(p, answered(plan, labels)) for p in (plan, again))
    assert one.described() == other.described()
    assert again.described() == plan.described()
    json.dumps(one.described(), allow_nan=False)


def test_a_plan_that_was_edited_is_refused() -> None:
    plan, _, _ = planned()
    for edit in (
        lambda d: d["rows"].append(d["rows"][0]),
        lambda d: d["rows"][0].update(probability=0.9),
        lambda d: d["rows"][0].update(probability=1e-9),
        lambda d: d["rows"][0].update(guess=1.5),
        lambda d: d["window"].pop("n_known"),
        lambda d: d["window"].update(n_documents=3),
        lambda d: d.pop("rows"),
        lambda d: d["rows"][0].update(probability="often"),
    ):
        described = json.loads(json.dumps(plan.described()))
        edit(described)
        with pytest.raises(SettingsError, match=r"LabelPlan.described\(\) returned, unchanged"):
            LabelPlan.from_described(described)


def test_the_estimate_stops_at_the_first_document_without_an_answer() -> None:
    plan, _, labels = planned()
    answers = answered(plan, labels, 40)
    answers[int(plan.positions[20])] = None
    stopped = estimate_from_answers(plan, answers)
    assert stopped.n_answered == 20
    assert stopped.error_rate == estimate_from_answers(plan, answered(plan, labels, 20)).error_rate
    assert f"document {plan.positions[20]} is next" in stopped.notes[0]
    assert "19 answers after it must wait" in stopped.notes[0]


def test_answers_come_as_labels_codes_or_text_keys() -> None:
    plan, _, labels = planned(label_names=NAMES)
    as_codes = answered(plan, labels)
    wanted = estimate_from_answers(plan, as_codes).described()
    for answers in (
        {row: NAMES[code] for row, code in as_codes.items()},
        {str(row): NAMES[code] for row, code in as_codes.items()},
        {np.int64(row): float(code) for row, code in as_codes.items()},
    ):
        assert estimate_from_answers(plan, answers).described() == wanted


def test_another_spelling_is_read_and_told() -> None:
    plan, _, labels = planned(label_names=NAMES)
    answers = {row: NAMES[code] for row, code in answered(plan, labels).items()}
    first = int(plan.positions[0])
    answers[first] = f" {answers[first].upper()}"
    estimate = estimate_from_answers(plan, answers)
    assert estimate.n_answered == 100
    assert "another spelling" in estimate.notes[0]


def test_labels_that_are_numbers_are_not_taken_for_codes() -> None:
    guess, judged, _ = window(50)
    plan = plan_labels(guess, judged, np.full(50, -1), n_ask=10, rng=np.random.default_rng(0), label_names=("1", "2"))
    text = estimate_from_answers(plan, dict.fromkeys(plan.positions.tolist(), "1"))
    number = estimate_from_answers(plan, dict.fromkeys(plan.positions.tolist(), 1))
    pandas = estimate_from_answers(plan, dict.fromkeys(plan.positions.tolist(), 1.0))
    assert text.error_rate == number.error_rate == pandas.error_rate


@pytest.mark.parametrize(
    ("answer", "names", "said"),
    [
        ("goood", NAMES, "did you mean 'good'"),
        (7, NAMES, "no label of this plan"),
        (True, NAMES, "no label of this plan"),
        ("GOOD", ("Good", "good"), "could be any of"),
        ("good", (), "no label names"),
        (-1, (), "None is no answer"),
    ],
)
def test_an_answer_that_is_no_label_is_refused(answer, names, said) -> None:
    plan, _, _ = planned(label_names=names)
    with pytest.raises(SettingsError, match=said):
        estimate_from_answers(plan, {int(plan.positions[0]): answer})


def test_a_new_label_counts_as_wrong_and_is_named() -> None:
    plan, _, labels = planned(label_names=NAMES)
    answers = {row: NAMES[code] for row, code in answered(plan, labels).items()}
    for row in plan.positions[:12].tolist():
        answers[row] = "sarcastic"
    estimate = estimate_from_answers(plan, answers, new_labels=["sarcastic"])
    # Whatever the judge said of these twelve, it was wrong: as if each answer were the other label.
    opposite = {**answers, **{int(plan.positions[i]): NAMES[1 - plan.judged[i]] for i in range(12)}}
    assert estimate.error_rate == estimate_from_answers(plan, opposite).error_rate
    assert estimate.notes[0].startswith("12 answers are a label that the windows do not have: 'sarcastic'")
    assert estimate.notes[0] in estimate.described()["notes"]


def test_several_new_labels_are_told_one_by_one_and_in_any_spelling() -> None:
    plan, _, labels = planned(label_names=NAMES)
    answers = {row: NAMES[code] for row, code in answered(plan, labels).items()}
    first, second, third = plan.positions[:3].tolist()
    answers |= {first: "Sarcastic", second: "sarcastic", third: "spam"}
    notes = estimate_from_answers(plan, answers, new_labels=("sarcastic", "spam", "unused")).notes
    assert "'Sarcastic' as 'sarcastic'" in notes[0]
    assert [note[: note.index(":")] for note in notes[1:]] == [
        "2 answers are a label that the windows do not have",
        "1 answer is a label that the windows do not have",
    ]


def test_an_unknown_answer_is_refused_with_the_nearest_label_and_the_way_to_a_new_one() -> None:
    plan, _, _ = planned(label_names=NAMES)
    row = int(plan.positions[0])
    with pytest.raises(SettingsError, match=r"did you mean 'good'.*new_labels=\['goood'\], or --new-label"):
        estimate_from_answers(plan, {row: "goood"})
    with pytest.raises(SettingsError, match="did you mean 'sarcastic'"):
        estimate_from_answers(plan, {row: "sarcstic"}, new_labels=["sarcastic"])


@pytest.mark.parametrize(
    ("new_labels", "names", "said"),
    [
        (["Good "], NAMES, "is there already, as 'good'"),
        (["odd", "Odd"], NAMES, "is there already, as 'odd'"),
        ("sarcastic", NAMES, "a list of names"),
        ([""], NAMES, "a list of names"),
        ([3], NAMES, "a list of names"),
        (["sarcastic"], (), "its answers are codes"),
    ],
)
def test_new_labels_that_are_none_are_refused(new_labels, names, said) -> None:
    plan, _, _ = planned(label_names=names)
    with pytest.raises(SettingsError, match=said):
        estimate_from_answers(plan, {}, new_labels=new_labels)


def test_a_code_is_no_new_label() -> None:
    plan, _, _ = planned(label_names=NAMES)
    with pytest.raises(SettingsError, match="no label of this plan"):
        estimate_from_answers(plan, {int(plan.positions[0]): 2}, new_labels=["sarcastic"])


def test_answers_of_other_documents_are_told_and_not_used() -> None:
    plan, _, labels = planned()
    others = sorted(set(range(400)) - set(plan.positions.tolist()))[:2]
    estimate = estimate_from_answers(plan, {**answered(plan, labels), **dict.fromkeys(others, 1)})
    assert estimate.n_answered == 100
    assert f"not used (2: {others[0]}, {others[1]})" in estimate.notes[0]


@pytest.mark.parametrize("answers", [{"first": 1}, {1.5: 1}, {True: 1}])
def test_keys_that_are_no_position_are_refused(answers) -> None:
    plan, _, _ = planned()
    with pytest.raises(SettingsError, match="keyed by document position"):
        estimate_from_answers(plan, answers)


def test_a_document_answered_twice_is_refused() -> None:
    plan, _, _ = planned()
    row = int(plan.positions[0])
    with pytest.raises(SettingsError, match="answered twice"):
        estimate_from_answers(plan, {row: 1, str(row): 0})


def test_nothing_asked_and_nothing_left_to_ask_are_plans_too() -> None:
    empty, _, _ = planned(n_ask=0)
    estimate = estimate_from_answers(empty, {})
    assert (len(empty), estimate.n_answered, estimate.settled) == (0, 0, OPEN)
    assert estimate.error_rate[1:] == (0.0, 1.0)
    assert 0 < estimate.n_more <= 400
    guess, judged, labels = window(400)
    full = plan_labels(guess, judged, labels, n_ask=5, rng=np.random.default_rng(0))
    assert len(full) == 0
    assert "nothing to ask" in full.notes[0]
    exact = estimate_from_answers(LabelPlan.from_described(full.described()), {})
    assert exact.error_rate == pytest.approx((np.mean(labels != judged),) * 3)
    assert exact.settled != OPEN


def test_more_labels_than_documents_ask_for_all() -> None:
    plan, _, _ = planned(50, 80)
    assert len(plan) == 50
    assert "80 labels were asked for, and 50 documents have none" in plan.notes[0]


@pytest.mark.parametrize("sure", [0.0, 1.0])
def test_a_guess_that_is_sure_of_all_draws_at_random(sure) -> None:
    guess = np.tile([sure, 1 - sure], (200, 1))
    plan = plan_labels(guess, np.zeros(200, dtype=int), np.full(200, -1), n_ask=60, rng=np.random.default_rng(0))
    assert plan.probabilities.tolist() == pytest.approx([1 / 200] * 60)
    assert set(plan.reasons) == {AT_RANDOM}
    surprised = estimate_from_answers(plan, dict.fromkeys(plan.positions.tolist(), int(sure)))
    assert surprised.settled == CHANGED
    again = estimate_from_answers(plan, {row: i % 2 for i, row in enumerate(plan.positions.tolist())})
    assert again.error_rate[1] < 0.5 < again.error_rate[2]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"guess": np.ones((4, 1))}, "one class"),
        ({"guess": np.array([[0.5, 0.5], [np.nan, 0.5], [0.5, 0.5], [0.5, 0.5]])}, "not finite for 1 of 4"),
        ({"guess": np.array([[0.5, 0.5], [0.7, 0.7], [0.5, 0.5], [0.5, 0.5]])}, "sum to 1; 1 of 4 do not"),
        ({"guess": np.array([[0.5, 0.5], [1.5, -0.5], [0.5, 0.5], [0.5, 0.5]])}, "non-negative"),
        ({"guess": np.ones(4)}, "needs shape"),
        ({"guess": np.ones((0, 2)), "judged": np.array([], dtype=int)}, "with documents"),
        ({"judged": np.array([0, 0, 0, -1])}, "likeliest class of the guess"),
        ({"judged": np.array([0, 0, 0, 2])}, "must lie from 0 to 1"),
        ({"judged": np.array([0, 0, 0])}, "needs 4 whole numbers"),
        ({"judged": np.array([0.0, 0, 0, 0])}, "float64"),
        ({"known": np.array([-2, 0, 0, 0])}, "must lie from -1 to 1"),
        ({"label_names": ("bad",)}, "name the 2 columns"),
        ({"label_names": ("bad", "bad")}, "each once"),
        ({"suspected": np.full(4, 1.5)}, "shares from 0 to 1"),
        ({"suspected": np.full(4, np.nan)}, "shares from 0 to 1"),
    ],
)
def test_rows_that_do_not_fit_are_refused(changes, said) -> None:
    given = {
        "guess": np.full((4, 2), 0.5),
        "judged": np.zeros(4, dtype=int),
        "known": np.full(4, -1),
        "n_ask": 2,
        "rng": np.random.default_rng(0),
    } | changes
    with pytest.raises(WindowError, match=said):
        plan_labels(given.pop("guess"), given.pop("judged"), given.pop("known"), **given)


@pytest.mark.parametrize("n_ask", [-1, 2.5, True, None])
def test_a_number_of_labels_that_is_none_is_refused(n_ask) -> None:
    with pytest.raises(SettingsError, match="n_ask must be a whole number"):
        planned(n_ask=n_ask)


@pytest.mark.parametrize("settings", [{"level": 0.0}, {"material": 1.0}, {"guess_error": -0.1}, {"level": math.nan}])
def test_settings_out_of_range_are_refused(settings) -> None:
    plan, _, _ = planned()
    with pytest.raises(SettingsError, match=next(iter(settings))):
        estimate_from_answers(plan, {}, **settings)


def test_the_error_of_the_guess_travels_with_the_plan_and_keeps_a_small_reference_from_crying():
    said = {0.0: 0, 0.05: 0}
    for seed in range(30):
        rng = np.random.default_rng([51, seed])
        # The guess was learned from 60 documents: off by a constant, though no label changed.
        right = np.clip(0.8 + 0.05 * rng.normal(), 0.5, 0.99)
        labels = (rng.random(1000) < 0.2).astype(int)
        for error in said:
            guess = np.tile([right, 1 - right], (1000, 1))
            plan = plan_labels(
                guess, np.zeros(1000, dtype=int), np.full(1000, -1), n_ask=400, rng=rng, guess_error=error
            )
            again = LabelPlan.from_described(plan.described())
            assert again.asked_from.guess_error == error
            answers = {int(row): int(labels[row]) for row in plan.positions}
            said[error] += estimate_from_answers(again, answers).settled == CHANGED
    assert said[0.0] > 6, "without it a quarter of such plans would say that labels changed"
    assert said[0.05] <= 3

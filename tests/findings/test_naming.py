import pytest
from scipy import stats

from textdrift.drift.contract import DriftResult, Evidence
from textdrift.findings.naming import name_label_change


def result(p_value, **sizes):
    rows = tuple({"name": name, "value": value} for name, value in sizes.items())
    evidence = (Evidence(name="sizes", rows=rows),) if rows else ()
    return DriftResult(
        test="concept.toy",
        kind="concept",
        statistic=0.0,
        p_value=p_value,
        effects=(),
        n_documents=(9, 9),
        evidence=evidence,
    )


def story(*, shown=0.1, explained=0.1, error=0.01, score_error=0.01, p_beyond=0.4):
    gain = ((shown / score_error) ** 2 - ((shown - explained) / score_error) ** 2) / 2
    p_prior = float(2 * stats.norm.sf(abs(shown - explained) / error))
    return result(
        0.5,
        D=shown,
        J_delta=explained,
        error=error,
        score_error=score_error,
        p_prior=p_prior,
        p_beyond=p_beyond,
        log_likelihood_ratio=gain,
    )


def name(shift, *, p_label=0.001, p_concept=0.001, within=0.5):
    return name_label_change(p_label=p_label, p_concept=p_concept, within=result(within), shift=shift, level=0.05)


def test_a_label_shift_strikes_concept_drift():
    naming = name(story())
    assert naming.strike_concept
    assert not naming.ambiguous
    assert "+0.100" in naming.sentence


def test_unchanged_texts_with_new_labels_are_concept_drift():
    naming = name(story(shown=0.0))
    assert not naming.strike_concept
    assert not naming.ambiguous
    assert "do not explain" in naming.sentence


@pytest.mark.parametrize("shown", [0.02, 0.08])
def test_a_weak_model_cannot_tell_the_two_apart(shown):
    naming = name(story(shown=shown, explained=0.1, error=0.05, score_error=0.05))
    assert naming.ambiguous
    assert naming.strike_concept == (shown > 0.05)
    assert "told apart" in naming.sentence


@pytest.mark.parametrize("evidence", [{"within": 0.01}, {"shift": story(p_beyond=0.01)}])
def test_proof_against_a_label_shift_keeps_concept_drift(evidence):
    naming = name(evidence.pop("shift", story()), **evidence)
    assert not naming.strike_concept
    assert not naming.ambiguous


def test_a_guess_between_the_two_stories_goes_to_the_likelier():
    # 2.2 standard errors from J delta, 7.8 from 0; and the other way round.
    assert name(story(shown=0.078)).strike_concept
    assert not name(story(shown=0.022)).strike_concept


def test_a_guess_that_moved_neither_way_keeps_concept_drift():
    assert not name(story(shown=0.2, explained=0.1)).strike_concept
    assert not name(story(shown=-0.1, explained=0.1)).strike_concept


@pytest.mark.parametrize("p_values", [{"p_label": 0.06}, {"p_concept": 0.06}])
def test_nothing_is_struck_where_only_one_of_the_two_drifted(p_values):
    naming = name(story(), **p_values)
    assert (naming.strike_concept, naming.ambiguous, naming.sentence) == (False, False, "")


def test_the_level_itself_counts_as_drift():
    assert name(story(), p_label=0.05, p_concept=0.05).strike_concept


def test_too_few_labels_to_choose_is_said():
    naming = name(result(1.0))
    assert naming.ambiguous
    assert not naming.strike_concept
    assert "too few" in naming.sentence

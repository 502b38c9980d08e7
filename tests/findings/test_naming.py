import pytest
from scipy import stats

from textdrift.drift.contract import DriftResult, Evidence
from textdrift.findings.naming import name_label_change

LABELS = ({"label": "bad", "change": 0.1}, {"label": "odd", "change": 0.0}, {"label": "good", "change": -0.1})


def result(p_value, *, labels=LABELS, **tables):
    evidence = [Evidence(name=table, rows=rows_of(sizes)) for table, sizes in tables.items()]
    return DriftResult(
        test="concept.toy",
        kind="concept",
        statistic=0.0,
        p_value=p_value,
        effects=(),
        n_documents=(9, 9),
        evidence=(*evidence, Evidence(name="labels", rows=labels)),
    )


def rows_of(sizes):
    return tuple({"name": name, "value": value} for name, value in sizes.items())


def standing(way, error=0.15, *, p_crossed=0.4):
    return {
        "way": way,
        "way_error_shifted": error,
        "way_error_relabelled": error,
        "p_stories": float(2 * stats.norm.sf(abs(way) / error)),
        "p_crossed": p_crossed,
        "log_likelihood_ratio": ((way - 1) ** 2 - way**2) / (2 * error**2),
    }


def story(way=0.0, error=0.15, *, labels=LABELS, given_text=None, **sizes):
    within = standing(way, error, **sizes)
    return result(0.5, labels=labels, sizes=within, sizes_given_text=within if given_text is None else given_text)


def name(shift, *, p_label=0.001, p_concept=0.001, within=0.5):
    return name_label_change(p_label=p_label, p_concept=p_concept, within=result(within), shift=shift, level=0.05)


def test_a_label_shift_strikes_concept_drift():
    naming = name(story())
    assert naming.strike_concept
    assert not naming.ambiguous
    assert naming.sentence.startswith("The moved shares of the labels explain it.")
    assert "stand at 0.00 (95 % interval -0.29 to 0.29)" in naming.sentence


def test_relabelled_texts_are_concept_drift():
    naming = name(story(1.0))
    assert not naming.strike_concept
    assert not naming.ambiguous
    assert "do not explain" in naming.sentence


@pytest.mark.parametrize("way", [0.3, 0.7])
def test_where_a_weak_model_cannot_tell_the_two_apart_both_are_said(way):
    naming = name(story(way, error=0.5))
    assert naming.ambiguous
    assert naming.strike_concept == (way < 0.5)
    assert "texts labelled 'bad' became more common (label drift)" in naming.sentence
    assert "texts that used to be labelled 'good' are now labelled 'bad' (concept drift)" in naming.sentence
    assert f"stand at {way:.2f}" in naming.sentence


@pytest.mark.parametrize("sizes", [{"p_crossed": 0.01}, {"way": 0.4, "error": 0.15}])
def test_proof_against_a_label_shift_keeps_concept_drift(sizes):
    naming = name(story(**sizes))
    assert not naming.strike_concept
    assert not naming.ambiguous
    assert "do not explain" in naming.sentence


def test_texts_that_read_even_more_like_their_label_are_no_relabelled_ones():
    naming = name(story(-0.6, error=0.15))
    assert naming.strike_concept
    assert not naming.ambiguous
    assert not name(story(-0.6, error=0.15, p_crossed=0.001)).strike_concept


def test_texts_that_crossed_over_are_the_reason_where_the_stories_give_none():
    assert "less like their own label" in name(story(p_crossed=0.001)).sentence


def test_where_the_texts_of_a_label_moved_the_labels_given_the_text_decide():
    shift = story(1.0, given_text=standing(0.0))
    assert not name(shift, within=0.02).strike_concept
    assert name(shift, within=0.01).strike_concept
    assert not name(story(0.0, given_text=standing(1.0)), within=0.01).strike_concept


def test_a_place_between_the_two_stories_goes_to_the_likelier():
    # 2.2 standard errors from the first story and 2.8 from the second; and the other way round.
    assert name(story(0.44, error=0.2)).strike_concept
    assert not name(story(0.56, error=0.2)).strike_concept


@pytest.mark.parametrize("p_values", [{"p_label": 0.06}, {"p_concept": 0.06}])
def test_nothing_is_struck_where_only_one_of_the_two_drifted(p_values):
    naming = name(story(), **p_values)
    assert (naming.strike_concept, naming.ambiguous, naming.sentence) == (False, False, "")


def test_the_level_itself_counts_as_drift():
    assert name(story(), p_label=0.05, p_concept=0.05).strike_concept


def test_several_labels_in_one_are_called_the_others():
    rows = ({"label": None, "change": 0.1}, {"label": "good", "change": -0.1})
    assert "texts labelled the other labels" not in name(story(labels=rows)).sentence


@pytest.mark.parametrize("shift", [result(1.0), result(1.0, sizes={"way": 0.0, "way_error_shifted": None})])
def test_too_few_labels_to_choose_is_said(shift):
    naming = name(shift)
    assert naming.ambiguous
    assert not naming.strike_concept
    assert "too few" in naming.sentence

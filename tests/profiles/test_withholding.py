"""Names withheld: what is rare goes by its hash, and every count stays."""

import numpy as np
import pytest

from textdrift.errors import SettingsError
from textdrift.profiles import profile_texts
from textdrift.profiles.withholding import names_withheld
from textdrift.tokens.unnamed import unnamed

TEXTS = [["film", "film zoe", "film zoe bob bob bob"]]


def held(counts):
    return dict(zip(counts.terms, np.asarray(counts.holders.sum(axis=0)).ravel().tolist(), strict=True))


@pytest.mark.parametrize(("named_from", "hidden"), [(1, ""), (2, "bob"), (3, "bob zoe"), (4, "bob zoe film")])
def test_terms_of_fewer_documents_have_no_name_and_all_their_counts(named_from, hidden):
    counts = profile_texts(TEXTS).counts
    withheld = names_withheld(counts, named_from)
    expected = {unnamed(t) if t in hidden.split() else t: n for t, n in {"film": 3, "zoe": 2, "bob": 1}.items()}
    assert held(withheld) == expected
    assert withheld.terms == tuple(sorted(withheld.terms))
    assert withheld.occurrences.sum() == counts.occurrences.sum()


def test_withholding_twice_is_withholding_once():
    once = names_withheld(profile_texts(TEXTS).counts, 3)
    assert names_withheld(once, 3).terms == once.terms


@pytest.mark.parametrize("named_from", [0, -1, 1.5, True, None])
def test_a_threshold_that_is_no_whole_number_from_1_is_refused(named_from):
    with pytest.raises(SettingsError, match="named_from must be a whole number"):
        names_withheld(profile_texts(TEXTS).counts, named_from)

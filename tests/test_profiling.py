"""profile(): what cannot be counted is refused before anything is read."""

import pyarrow as pa
import pytest

import textdrift
from textdrift.errors import ProfileError, SettingsError
from textdrift.profiles import save
from textdrift.tokens.tokenization import Tokenization


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"tokenization": "tweet"}, SettingsError, r"write Tokenization\(tokenizer='tweet'\)"),
        ({"tokenization": {"stemmer": "english"}}, SettingsError, r"write Tokenization\(stemmer='english'\)"),
        ({"tokenization": Tokenization(unit="collocations")}, ProfileError, "count unit='bigrams'"),
        ({"n_bins": "256"}, SettingsError, r"n_bins is '256' \(str\); a whole number was needed"),
        ({"n_bins": 2**17}, SettingsError, "from 1 to 65,536"),
        ({"name": 3}, ProfileError, r"the name of a profile is 3 \(int\); a string was needed"),
    ],
)
def test_settings_that_cannot_be_used_are_told_before_anything_is_read(settings, error, said):
    with pytest.raises(error, match=said):
        textdrift.profile("nowhere.parquet", **settings)


def test_arguments_that_cannot_change_a_profile_are_refused(tmp_path):
    monday = textdrift.profile(["good film"])
    save(monday, tmp_path / "monday.profile")
    assert textdrift.profile(tmp_path / "monday.profile", monday, tokenization=Tokenization()).n_rows == 2
    with pytest.raises(SettingsError, match=r"all sources are profiles.*so that text, n_bins cannot change anything"):
        textdrift.profile(tmp_path / "monday.profile", monday, text="body", n_bins=512)
    with pytest.raises(SettingsError, match="so that tokenization cannot"):
        textdrift.profile(monday, tokenization=Tokenization(unit="bigrams"))


def test_a_profile_and_a_table_are_read_as_asked():
    table = pa.table({"body": ["good film"]})
    assert textdrift.profile(textdrift.profile(["a film"]), table, text="body").n_documents == 2

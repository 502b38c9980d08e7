import copy
import json
import time

import pytest

from textdrift import compare
from textdrift.reports.as_html import as_html, as_html_fragment
from textdrift.reports.as_terminal import as_terminal
from textdrift.reports.masking import masked, masked_report, masked_term

# Made up: documentation addresses and numbers, test card numbers, IBANs from the standard's own examples.
PERSONAL = {
    "ann.smith+news@mail.example.org": "[e-mail]",
    "ann@localhost": "[e-mail]",
    "ann_o'hara@example.co.uk": "[e-mail]",
    '"ann smith"@example.org': "[e-mail]",
    "ann%40example.org": "[e-mail]",
    "ann&#64;example.org": "[e-mail]",
    "ann@[192.0.2.7]": "[e-mail]",
    "änne@müller.example": "[e-mail]",
    "\uff41nn\uff20example.org": "[e-mail]",
    "an\u200bn@exa\u00admple.org": "[e-mail]",
    "+49 170 5550123": "[phone]",
    "+1 (202) 555-0143": "[phone]",
    "(0)20 7946 0018": "[phone]",
    "020\u00a07946\u00a00018": "[phone]",
    "555\u20110142\u2011778": "[phone]",
    "030/5550-1234": "[phone]",
    "0170.555.0123": "[phone]",
    "\u0660\u0661\u0662 \u0663\u0664\u0665 \u0666\u0667\u0668\u0669": "[phone]",
    "5550123": "[number]",
    "00491705550123": "[number]",
    "4111 1111 1111 1111": "[card number]",
    "4111111111111111": "[card number]",
    "3782-822463-10005": "[card number]",
    "4111 1111 1111 1112": "[number]",
    "DE89 3704 0044 0532 0130 00": "[IBAN]",
    "GB82WEST12345698765432": "[IBAN]",
    "no9386011117947": "[IBAN]",
    "192.0.2.44": "[IP address]",
    "2001:db8::8a2e:370:7334": "[IP address]",
    "@ann_smith": "[handle]",
    "@ann@social.example": "[handle]",
}


@pytest.mark.parametrize(("personal", "mask"), PERSONAL.items())
@pytest.mark.parametrize("around", ["{}", "call {} now", "({}),", "a 12 b\n{}\nc 34", "«{}»", "ab12 from {} or"])
def test_what_names_a_person_is_masked(personal, mask, around):
    assert masked(around.format(personal)) == around.format(mask)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The parcel came late, twice.",
        "on 2031-02-28 at 10:30:15 and on 28.02.2031, or 2/28/2031",
        "2031-02-28T10:30:15.123456 is a moment",
        "order 123456, 99.95 EUR, 3 of 12, 1999",
        "std::vector<int> :: 10:30 # 12:15:00",
        "a @ b, at 5 @, and @",
        "version 2.10.3",
        "😀 😀 ½ ² ①",
    ],
)
def test_other_texts_stay_as_they_are(text):
    assert masked(text) == text


@pytest.mark.parametrize("personal", PERSONAL)
def test_masking_twice_changes_nothing(personal):
    once = masked(f"write {personal}!")
    assert masked(once) == once


def test_several_in_one_text_are_all_masked():
    assert masked("a@b.example,c@d.example;@e/@f 192.0.2.1 5550123") == (
        "[e-mail],[e-mail];[handle]/[handle] [IP address] [number]"
    )


def test_what_follows_an_account_number_stays():
    assert masked("DE89 3704 0044 0532 0130 00 from her bank") == "[IBAN] from her bank"


@pytest.mark.parametrize("text", ["1" * 200_000, "a@" * 100_000, "a." * 100_000, "1 " * 100_000, "AA11 " * 10_000])
def test_a_long_text_made_to_be_slow_is_not(text):
    begun = time.process_time()
    masked(text)
    assert time.process_time() - begun < 20


def test_words_keep_names_and_lose_addresses_and_long_numbers():
    assert [masked_term(term) for term in ("@delta", "#late", "2031-02-28", "123456", "late")] == [
        "@delta", "#late", "2031-02-28", "123456", "late",
    ]  # fmt: skip
    assert masked_term("ann@example.org") == "[e-mail]"
    assert masked_term("call5550123") == "call[number]"
    assert masked_term("de89370400440532013000") == "[IBAN]"


def planted():
    """A report in which every place that holds texts or words holds somebody's address and number."""
    text = "Ask " + " or ".join(PERSONAL) + "."
    share = {"direction": "up", "reference_share": 0.1, "current_share": 0.3}
    window = {"rows": 9, "rows_used": 9, "documents": 9, "start": None, "end": None, "name": "week 1"}
    term = {"kind": "lexical", **share, "p_value": 0.001}
    effect = {"name": "largest_share_change", "value": 0.2, "low": 0.1, "high": 0.3, "material_from": 0.02}
    document = {"window": "current", "row": 7654321, "score": 1.0, "text": text}
    finding = {
        "test": "lexical.token_frequency", "kind": "lexical", "drifted": True, "material": True, "supporting": False,
        "statistic": 7654321.0, "p_value": 0.001, "adjusted_p_value": 0.001, "conclusive": True, "effect": effect,
        "detectable": None, "n_documents": [9, 9], "notes": ["The word 'eve@example.org' is new."],
        "sentence": "The words 'eve@example.org' and '00491705550199' became more common.",
        "evidence": [
            {"name": "terms", "rows": [{"term": "eve@example.org", **term}, {"term": "00491705550199", **term}]},
            {"name": "stories", "rows": [{"story": 1, "words": ["eve@example.org", "00491705550199"], **share}]},
            {"name": "documents", "rows": [{**document, "words": ["00491705550199", "@delta"]}]},
        ],
    }  # fmt: skip
    return {
        "schema": "textdrift.report/1", "verdict": "drift", "passed": False,
        "summary": "Words moved, most clearly 'eve@example.org' and '00491705550199'.",
        "reference": window, "current": window,
        "diagnosis": {
            "kinds": ["lexical"], "ambiguous": [], "causes": [],
            "terms": [{"term": name, **term} for name in ("eve@example.org", "00491705550199", "@delta")],
            "segments": [
                {"column": "topic", "value": "eve@example.org, 00491705550199, late", "kind": "lexical",
                 "effect": 0.2, "p_value": 0.01}
            ],
            "documents": [{**document, "words": ["eve@example.org", "@delta"], "kind": "lexical"}],
        },
        "findings": [finding], "settings": {"file": "for eve@example.org"}, "versions": {}, "seed": 7654321,
        "seconds": {}, "notes": [],
    }  # fmt: skip


@pytest.mark.parametrize("render", [json.dumps, as_html, as_html_fragment, as_terminal])
def test_nobody_is_named_in_any_form_of_a_report(render):
    report = planted()
    if render is not json.dumps:
        report["settings"] = {}
    whole = render(report)
    assert "eve@example.org" in whole  # it is planted
    hidden = (
        json.dumps(masked_report(report), ensure_ascii=False) if render is json.dumps else render(masked_report(report))
    )
    hidden = hidden.replace("for eve@example.org", "")  # what the user wrote stays
    for personal in ("eve@example.org", "00491705550199", *PERSONAL):
        assert personal not in hidden
    assert "@delta" in hidden
    assert "[e-mail]" in hidden


def test_numbers_and_the_report_itself_stay():
    report = planted()
    before = copy.deepcopy(report)
    hidden = masked_report(report)
    assert report == before
    assert hidden["seed"] == hidden["diagnosis"]["documents"][0]["row"] == 7654321
    assert hidden["settings"] == report["settings"]
    assert masked_report(hidden) == hidden


def test_a_comparison_that_shows_texts_names_nobody():
    before = [f"parcel {i} came on time, thanks to courier {i % 7}" for i in range(150)]
    after = [
        f"parcel {i} is late: mail ann.smith@example.org or call 004917055501{i % 3}9, IBAN DE89370400440532013000, "
        f"card 4111-1111-1111-1111, ask @ann_smith{i % 3} on 192.0.2.44"
        for i in range(150)
    ]
    report = compare(before, after, tests={"lexical": {}}, examples=5)
    assert any("text" in document for document in report.to_dict()["diagnosis"]["documents"])
    for whole in (report.to_json(), report.to_html(), report._repr_html_(), report.to_terminal(width=300)):
        assert "[e-mail]" in whole
        for personal in ("ann.smith@example.org", "0049170555", "DE8937", "de8937", "4111-1111", "192.0.2.44"):
            assert personal not in whole

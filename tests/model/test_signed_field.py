from pprmail.model.signed_field import changes_in_words, place_in_words

TITLES = {"one-study": "One Study?"}


def test_a_change_is_named_once_and_as_an_editor_says_it() -> None:
    fields = ["issue.subject", "summary one-study.body", "edition 1", "edition 3", "topics.names"]
    assert changes_in_words(fields, titles=TITLES) == [
        "the subject",
        "the text of “One Study?”",
        "the list of topics",
    ]


def test_templates_particulars_and_editions_have_words_too() -> None:
    assert changes_in_words(["template email/letter/body.html"], titles={}) == [
        "a template of the letter"
    ]
    assert "own particulars" in changes_in_words(["masthead.brand.accent"], titles={})[0]
    assert changes_in_words(["edition 3"], titles={}) == ["how an edition reads"]
    assert changes_in_words(["summary gone.title"], titles={}) == ["the title of “gone”"]


def test_the_place_of_a_finding_is_named_as_an_editor_knows_it() -> None:
    assert place_in_words("summary one-study", titles=TITLES) == "in “One Study?”"
    assert place_in_words("[smtp] host", titles={}) == "a setting of the system: [smtp] host"
    assert place_in_words("edition 1+2", titles={}) == "edition 1+2"

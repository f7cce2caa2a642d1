"""What a form says of a summary before it is saved, and how that will look."""

from dataclasses import replace

from making import NOW, a_newsroom, a_summary
from pprmail.services.checking import checked
from pprmail.services.proofs import proof, unsaved_summary
from pprmail.storage.database import Database
from services.test_writing import ENTRY


def test_a_citation_is_taken_apart_and_what_could_not_be_read_is_left_empty() -> None:
    study = {p.name: p.value for p in checked(a_summary()).study}
    assert study["What it is"] == "Article in a journal"
    assert (study["Authors"], study["Year"], study["Volume"]) == ("Doe, J.", "2021", "5")
    assert study["DOI"] == ""
    assert {p.value for p in checked(a_summary(citation="Nothing at all")).study} == {""}
    assert checked(a_summary(citation=None)).study == []


def test_what_appears_ahead_of_print_lacks_no_number() -> None:
    citation = (
        "Doe, J., . . . Poe, K. (2021). A study. Journal of Studies. Advance online publication."
    )
    study = {p.name: p.value for p in checked(a_summary(citation=citation)).study}
    assert "Volume" not in study
    assert study["Note"] == "Advance online publication"
    assert study["Authors"].endswith("and others whom the citation leaves out")


def test_lengths_are_held_against_what_is_usual() -> None:
    lengths = checked(a_summary(body="word " * 351, implications="one")).lengths
    assert (lengths["body"].said, lengths["body"].is_usual) == (
        "351 words; 80 to 350 are usual",
        False,
    )
    assert (lengths["implications"].said, lengths["implications"].is_usual) == (
        "1 word; up to 150 are usual",
        True,
    )


def test_a_proof_is_what_the_press_makes_of_it(sqlite: Database) -> None:
    html = proof(
        a_newsroom(sqlite), replace(ENTRY, body="Some *strong* <script>words</script>."), now=NOW
    )
    assert "Some <em>strong</em> &lt;script&gt;words&lt;/script&gt;." in html
    assert "-pm." not in html
    assert all(f'id="{name}"' in html for name in ("summary-1", "implications", "citation"))
    assert unsaved_summary(ENTRY, now=NOW).slug == "one"

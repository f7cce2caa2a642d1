"""Records of a study, as the readers of other people read them."""

import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import rispy  # type: ignore[import-untyped]
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pybtex.database import Entry, Person, parse_string  # type: ignore[import-untyped]

from pprmail.model.reference import Author, Reference, ReferenceKind
from pprmail.rendering.references import bibtex, doi_url, ris, short_name
from pprmail.sources.citation import parse_citation

ARTICLE, CHAPTER, BOOK, OTHER = ReferenceKind
SAMPLES = sorted((Path(__file__).parents[2] / "summaries").glob("20*/*.md"))
CITATIONS = [
    yaml.safe_load(path.read_text(encoding="utf-8").split("---\n")[1])["citation"]
    for path in SAMPLES
    if path.stem != "issue"
]
WHOLE = "Wampold, B. E., & Owen, J. (2021). Therapist effects. Psychotherapy, 58(2), 10–20."
IN_A_BOOK = (
    "Hale, R. T., & Brook, N. (2019). Why hope helps. In J. Penn & K. O’Brien (Eds.), "
    "Handbook of hope (pp. 1–20). Guilford Press."
)
EDITED = "Barkham, M., Lutz, W., & Castonguay, L. G. (Eds.). (2021). Handbook of change (7th ed.). Wiley."
TRUNCATED = "Tasca, G. A., Sylvestre, J., . . . Wilson, B. (2015). What clinicians want. Psychotherapy, 52(1), 1–11."
NOTE = "Summary of this study: “A Question”, The Letter, https://letter.example.org/summaries/a"

TEX = {r"{\textbraceleft}": "{", r"{\textbraceright}": "}", r"{\textbackslash}": "\\"}
TEX |= {r"{\textasciitilde}": "~", r"{\textasciicircum}": "^"}
VERBATIM = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C"})
ESCAPED = re.compile(r"\{\\text[a-z]+\}|\\[&%$#_]")


def ris_of(reference: Reference, *, citation: str = WHOLE, note: str = NOTE) -> dict[str, Any]:
    """Read the RIS record of a reference with rispy, which must find that one and no other."""
    text = ris(reference, citation=citation, note=note)
    lines = text.split("\r\n")
    assert lines[-2:] == ["ER  - ", ""]
    assert "\n" not in "".join(lines)
    (record,) = rispy.loads(text)
    return dict(record)


def bibtex_of(reference: Reference, *, citation: str = WHOLE, note: str = NOTE) -> Entry:
    """Read the BibTeX entry of a reference with pybtex, which must find that one and no other."""
    text = bibtex(reference, slug="a-question", citation=citation, note=note)
    (entry,) = parse_string(text, "bibtex").entries.values()
    return entry


def test_every_sample_reads_back_as_it_was_cited() -> None:
    assert len(CITATIONS) == 10
    for citation in CITATIONS:
        reference = parse_citation(citation)
        record, entry = ris_of(reference), bibtex_of(reference)
        assert record["type_of_reference"] == "JOUR"
        assert entry.type == "article"
        assert record["authors"] == [f"{a.family}, {a.given}" for a in reference.authors]
        assert record["title"] == untexed(entry.fields["title"]) == reference.title
        assert record["secondary_title"] == untexed(entry.fields["journal"]) == reference.container
        assert record["year"] == entry.fields["year"] == str(reference.year)
        assert citation not in record["notes"]


def test_an_article_has_every_part_in_its_own_field() -> None:
    reference = parse_citation(f"{WHOLE} https://doi.org/10.1037/pst0000359")
    assert ris(reference, citation=WHOLE, note=NOTE).split("\r\n") == [
        "TY  - JOUR",
        "AU  - Wampold, B. E.",
        "AU  - Owen, J.",
        "PY  - 2021",
        "TI  - Therapist effects",
        "T2  - Psychotherapy",
        "VL  - 58",
        "IS  - 2",
        "SP  - 10",
        "EP  - 20",
        "DO  - 10.1037/pst0000359",
        "UR  - https://doi.org/10.1037/pst0000359",
        f"N1  - {NOTE}",
        "ER  - ",
        "",
    ]
    assert bibtex(reference, slug="a-question", citation=WHOLE, note=NOTE) == (
        "@article{wampold2021-a-question,\n"
        "  author = {Wampold, B. E. and Owen, J.},\n"
        "  title = {{Therapist effects}},\n"
        "  journal = {Psychotherapy},\n"
        "  volume = {58},\n"
        "  number = {2},\n"
        "  pages = {10--20},\n"
        "  year = {2021},\n"
        "  doi = {10.1037/pst0000359},\n"
        f"  annote = {{{NOTE}}}\n"
        "}\n"
    )


def test_a_chapter_stands_in_its_book_with_the_editors_of_that() -> None:
    reference = parse_citation(IN_A_BOOK)
    record, entry = ris_of(reference), bibtex_of(reference)
    assert (record["type_of_reference"], entry.type) == ("CHAP", "incollection")
    assert record["secondary_title"] == entry.fields["booktitle"] == "Handbook of hope"
    assert record["unknown_tag"]["ED"] == ["Penn, J.", "O’Brien, K."]
    assert [str(editor) for editor in entry.persons["editor"]] == ["Penn, J.", "O’Brien, K."]
    assert (record["start_page"], record["end_page"]) == ("1", "20")
    assert record["publisher"] == entry.fields["publisher"] == "Guilford Press"


def test_a_book_goes_by_its_editors_where_nobody_wrote_it_alone() -> None:
    reference = parse_citation(EDITED)
    record, entry = ris_of(reference), bibtex_of(reference)
    assert (record["type_of_reference"], entry.type) == ("BOOK", "book")
    assert len(record["unknown_tag"]["ED"]) == len(entry.persons["editor"]) == 3
    assert "authors" not in record
    assert "author" not in entry.persons
    assert entry.key == "barkham2021-a-question"
    assert short_name(reference) == "Barkham et al. (2021)"


def test_a_list_that_leaves_authors_out_does_not_pass_for_the_whole_list() -> None:
    reference = parse_citation(TRUNCATED)
    record, entry = ris_of(reference), bibtex_of(reference)
    assert any("not complete" in note for note in record["notes"])
    assert str(entry.persons["author"][-1]) == "others"
    assert len(entry.persons["author"]) == len(record["authors"]) + 1 == 4


def test_a_whole_list_of_authors_is_not_called_cut() -> None:
    reference = parse_citation(WHOLE)
    assert ris_of(reference)["notes"] == [NOTE]
    assert len(bibtex_of(reference).persons["author"]) == 2


def test_others_are_added_to_editors_whose_list_is_cut_but_not_to_a_chapters() -> None:
    people = (Author("Penn", "J."),)
    edited = Reference(BOOK, editors=people, authors_truncated=True)
    assert [str(p) for p in bibtex_of(edited).persons["editor"]] == ["Penn, J.", "others"]
    part = Reference(
        CHAPTER, authors=people, editors=(Author("Lee", "K."),), authors_truncated=True
    )
    assert [str(p) for p in bibtex_of(part).persons["editor"]] == ["Lee, K."]


def test_an_article_number_is_no_range_of_pages() -> None:
    for pages in ("e12345", "Article 603", "17"):
        reference = Reference(ARTICLE, pages=pages)
        record = ris_of(reference)
        assert record["start_page"] == bibtex_of(reference).fields["pages"] == pages
        assert "end_page" not in record


def test_pages_in_several_pieces_stay_as_they_are_printed() -> None:
    reference = Reference(ARTICLE, pages="1–5, 9–12")
    assert ris_of(reference)["start_page"] == "1–5, 9–12"
    assert bibtex_of(reference).fields["pages"] == "1--5, 9--12"


def test_what_is_not_known_is_left_out() -> None:
    reference = Reference(ARTICLE, title="Hope")
    record, entry = ris_of(reference), bibtex_of(reference)
    assert record.keys() == {"type_of_reference", "title", "notes"}
    assert set(entry.fields) == {"title", "note", "annote"}


def test_advance_online_goes_to_a_note_once() -> None:
    early = "Del Re, A. C. (2021). Therapist effects. Psychotherapy. Advance online publication."
    reference = parse_citation(early)
    assert ris_of(reference, citation=early)["notes"] == ["Advance online publication.", NOTE]
    assert bibtex_of(reference, citation=early).fields["note"] == "Advance online publication."
    body = "World Health Organization. (2021). Guide to care. Advance online publication."
    assert ris_of(parse_citation(body), citation=body)["notes"] == [body, NOTE]


@pytest.mark.parametrize(
    "citation",
    [
        "As we heard at the meeting",
        "Hale, R. (2020). Hope [Doctoral dissertation]. University of Ottawa.",
        "Hale, R. (in press). Hope and its ends. Psychotherapy, 3(1), 1–9.",
        "(2020). Hope and its ends. Psychotherapy, 3(1), 1–9.",
        "In the middle of it (2020) they stopped.",
    ],
)
def test_a_citation_that_could_not_be_read_whole_is_kept_as_it_is_printed(citation: str) -> None:
    reference = parse_citation(citation)
    assert citation in ris_of(reference, citation=citation)["notes"]
    assert bibtex_of(reference, citation=citation).fields["note"] == citation


def test_nothing_read_makes_a_generic_record_named_by_the_slug() -> None:
    reference = parse_citation("As we heard at the meeting")
    record, entry = ris_of(reference), bibtex_of(reference)
    assert (record["type_of_reference"], entry.type) == ("GEN", "misc")
    assert entry.key == "a-question"


def test_a_study_known_by_its_doi_alone_has_a_record() -> None:
    reference = Reference(OTHER, doi="10.1000/xyz123")
    record, entry = ris_of(reference, citation=""), bibtex_of(reference, citation="")
    assert record["doi"] == entry.fields["doi"] == "10.1000/xyz123"
    assert record["notes"] == [NOTE]
    assert "note" not in entry.fields


def test_an_old_doi_is_whole_and_its_address_one_address() -> None:
    doi = "10.1002/(SICI)1097-4679(199911)55:11<1325::AID-JCLP1>3.0.CO;2-X"
    record = ris_of(Reference(ARTICLE, doi=doi))
    assert record["doi"] == doi
    (url,) = record["urls"]
    assert url == doi_url(doi).replace(";", "%3B")
    assert url.endswith("55:11%3C1325::AID-JCLP1%3E3.0.CO%3B2-X")


def test_letters_of_every_alphabet_stay_and_marks_of_tex_are_escaped() -> None:
    title = "Řehoř & Flückiger: 50% of #1, a_b $5 {x} ~ ^ \\ – 心"
    reference = Reference(ARTICLE, authors=(Author("Řehoř", "Ü."),), year=2020, title=title)
    entry = bibtex_of(reference)
    assert ris_of(reference)["title"] == untexed(entry.fields["title"]) == title
    assert r"Flückiger: 50\% of \#1, a\_b \$5" in entry.fields["title"]
    assert (entry.key, str(entry.persons["author"][0])) == ("rehor2020-a-question", "Řehoř, Ü.")


@pytest.mark.parametrize(
    ("family", "given", "bibtex_name", "ris_name"),
    [
        ("Del Re", "A. C.", "{Del Re}, A. C.", "Del Re, A. C."),
        ("van der Helm", "G.", "{van der Helm}, G.", "van der Helm, G."),
        ("Crits-Christoph", "P.", "Crits-Christoph, P.", "Crits-Christoph, P."),
        ("Penn", "J., Jr.", "Penn, Jr., J.", "Penn, J., Jr."),
        ("World Health and Care", "", "{World Health and Care}", "World Health and Care"),
        ("Sands and Sons", "A and B", "{Sands and Sons}, {A and B}", "Sands and Sons, A and B"),
        ("others", "", "{others}", "others"),
        ("A, B", "C", "{A, B}, C", "A, B, C"),
    ],
)
def test_a_name_stays_one_name(family: str, given: str, bibtex_name: str, ris_name: str) -> None:
    people = (Author("Hale", "R."), Author(family, given), Author("Brook", "N."))
    reference = Reference(ARTICLE, authors=people)
    assert ris_of(reference)["authors"] == ["Hale, R.", ris_name, "Brook, N."]
    names = [str(name) for name in bibtex_of(reference).persons["author"]]
    assert names == ["Hale, R.", bibtex_name, "Brook, N."]


@pytest.mark.parametrize(
    ("family", "key"),
    [
        ("Del Re", "delre2021-a-question"),
        ("O’Brien", "obrien2021-a-question"),
        ("Crits-Christoph", "critschristoph2021-a-question"),
        ("心理", "a-question"),
        ("", "a-question"),
    ],
)
def test_a_key_is_of_plain_letters_and_the_year(family: str, key: str) -> None:
    reference = Reference(ARTICLE, authors=(Author(family, "A."),), year=2021)
    assert bibtex_of(reference).key == key


@pytest.mark.parametrize(
    ("citation", "name"),
    [
        ("Del Re, A. C. (2021). Hope. Psychotherapy, 1(2), 3–4.", "Del Re (2021)"),
        (WHOLE, "Wampold & Owen (2021)"),
        (TRUNCATED, "Tasca et al. (2015)"),
        ("Tasca, G. A., et al. (2015). Hope. Psychotherapy, 1(2), 3–4.", "Tasca et al. (2015)"),
        (EDITED, "Barkham et al. (2021)"),
        ("World Health Organization. (2021). Guide.", "World Health Organization (2021)"),
        ("Hale, R. (in press). Hope. Psychotherapy, 1(2), 3–4.", None),
        ("Hale, R. (n.d.). Hope. Psychotherapy, 1(2), 3–4.", None),
        ("(2020). Hope. Psychotherapy, 1(2), 3–4.", None),
        ("As we heard at the meeting", None),
    ],
)
def test_a_study_has_a_short_name_when_people_and_year_are_known(
    citation: str, name: str | None
) -> None:
    assert short_name(parse_citation(citation)) == name


def test_a_chapter_is_never_named_after_the_editors_of_its_book() -> None:
    reference = Reference(CHAPTER, editors=(Author("Penn", "J."),), year=2020, title="Hope")
    assert short_name(reference) is None
    assert bibtex_of(reference).key == "a-question"


MARKS = r"} { }} \ \{ \} @ # % $ = , ; – -- ~ ^ _ & others and AND von Jr. Hale ü心".split()
BREAKING = [
    "\r\nER  - \r\nTY  - BOOK\r\n",
    "\nTI  - x",
    "\u2028AU  - x",
    "\x85DO  - x",
    "\x0bPY  - 1",
]
BREAKING += ["}}\n}\n@book{x,\n title = {", " and ", " AND ", ", ", " ", '"']
TEXTS = st.text(max_size=20) | st.lists(st.sampled_from(MARKS + BREAKING), max_size=6).map("".join)
PATIENT = settings(max_examples=100, deadline=None)
PEOPLE = st.lists(st.builds(Author, TEXTS, TEXTS), max_size=4).map(tuple)
REFERENCES = st.builds(
    Reference,
    st.sampled_from(ReferenceKind),
    authors=PEOPLE,
    authors_truncated=st.booleans(),
    year=st.none() | st.integers(1500, 2099),
    title=st.none() | TEXTS,
    container=st.none() | TEXTS,
    volume=st.none() | TEXTS,
    issue=st.none() | TEXTS,
    pages=st.none() | TEXTS,
    doi=st.none() | TEXTS,
    advance_online=st.booleans(),
    editors=PEOPLE,
    publisher=st.none() | TEXTS,
)


@PATIENT
@given(REFERENCES, TEXTS, TEXTS)
@example(Reference(ARTICLE, title="\ud800\x00 \x1f"), "\ud800", "\x00")
def test_whatever_stands_in_it_a_ris_record_reads_back_as_one(
    reference: Reference, citation: str, note: str
) -> None:
    record = ris_of(reference, citation=citation, note=note)
    assert record.get("title", "") == said(reference.title)
    assert record.get("secondary_title", "") == said(reference.container)
    assert record.get("doi", "") == said(reference.doi)
    assert record.get("authors", []) == names_of(reference.authors)
    assert record.get("unknown_tag", {}).get("ED", []) == names_of(reference.editors)
    assert len(record.get("urls", [])) == bool(said(reference.doi))
    assert said(note) in ["", *record.get("notes", [])]


@PATIENT
@given(REFERENCES, TEXTS, TEXTS)
def test_whatever_stands_in_it_a_bibtex_entry_reads_back_as_one(
    reference: Reference, citation: str, note: str
) -> None:
    entry = bibtex_of(reference, citation=citation, note=note)
    assert untexed(entry.fields.get("title", "")) == said(reference.title)
    assert entry.fields.get("doi", "") == said(reference.doi).translate(VERBATIM)
    assert untexed(entry.fields.get("annote", "")) == said(note)


@PATIENT
@given(REFERENCES)
def test_whatever_stands_in_it_an_entry_has_its_authors_and_a_plain_key(
    reference: Reference,
) -> None:
    entry = bibtex_of(reference)
    assert re.fullmatch("([a-z]+[0-9]{4}-)?a-question", entry.key)
    read = [letters_of(person) for person in entry.persons.get("author", [])]
    cut = ["others"] if reference.authors_truncated and read else []
    assert read == [squeezed(name) for name in names_of(reference.authors)] + cut


@PATIENT
@given(REFERENCES)
def test_a_short_name_is_one_line_that_ends_in_the_year(reference: Reference) -> None:
    name = short_name(reference)
    assert name is None or (name == said(name) and name.endswith(f" ({reference.year})"))


def names_of(people: tuple[Author, ...]) -> list[str]:
    """Give the names as one line each, without those that hold nothing to see."""
    lines = [", ".join(filter(None, [said(p.family), said(p.given)])) for p in people]
    return [line for line in lines if line]


def letters_of(person: Person) -> str:
    """Give the letters of a name as pybtex took it apart; nothing of it is a "von"."""
    assert not person.prelast_names
    parts = (person.last_names, person.first_names, person.middle_names, person.lineage_names)
    return squeezed("".join(untexed(piece) for part in parts for piece in part))


def squeezed(name: str) -> str:
    return re.sub(r"[\s,]", "", name)


def said(text: str | None) -> str:
    """Give what a text says: its blanks are one each, and what can't be printed is gone."""
    kept = [" " if c.isspace() else c for c in text or "" if c.isspace() or is_printed(c)]
    return " ".join("".join(kept).split())


def is_printed(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cs"} and char not in "\ufffe\uffff"


def untexed(value: str) -> str:
    """Give the words of a BibTeX value, without the braces that keep its capitals."""
    bare = value[1:-1] if value.startswith("{") and not value.startswith(r"{\text") else value
    return ESCAPED.sub(lambda found: TEX.get(found[0]) or found[0][1], bare)

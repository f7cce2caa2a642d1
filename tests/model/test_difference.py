from pprmail.model.difference import Kind, Piece, differences

SAME, GONE, NEW = Kind.SAME, Kind.GONE, Kind.NEW


def test_only_words_that_changed_are_marked() -> None:
    found = differences("Left alone.\n\nOne two three.", "Left alone.\n\nOne four three.")
    assert found == [
        [Piece(SAME, "One"), Piece(GONE, "two"), Piece(NEW, "four"), Piece(SAME, "three.")]
    ]


def test_where_lines_are_broken_is_no_difference() -> None:
    assert differences("One two\nthree.", "One\ntwo three.") == []


def test_paragraphs_that_share_little_are_shown_as_one_gone_and_one_new() -> None:
    found = differences("All about alliance in couples.", "Nothing of the kind is here now.")
    assert [[piece.kind for piece in paragraph] for paragraph in found] == [[GONE], [NEW]]


def test_a_paragraph_that_came_or_went_is_whole() -> None:
    assert differences("A.", "A.\n\nB.") == [[Piece(NEW, "B.")]]
    assert differences("A.\n\nB.", "A.") == [[Piece(GONE, "B.")]]

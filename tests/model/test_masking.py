from pprmail.model.masking import masked


def test_an_address_is_shown_by_its_first_letter_and_its_domain() -> None:
    assert masked("ada@example.org") == "a•••@example.org"
    assert masked("é@example.org") == "é•••@example.org"
    assert masked('"a@b"@example.org') == '"•••@example.org'

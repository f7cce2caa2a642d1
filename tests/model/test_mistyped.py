import pytest

from pprmail.model.mistyped import USUAL, likely_meant

MEANT = {
    "ada@gmial.com": "ada@gmail.com",
    "ada@gmail.con": "ada@gmail.com",
    "ada@gmal.com": "ada@gmail.com",
    "Ada.M@HOTMIAL.com": "Ada.M@hotmail.com",
    "ada@outlok.com": "ada@outlook.com",
    "ada@yaho.com": "ada@yahoo.com",
    "ada@iclould.com": "ada@icloud.com",
    "ada@uottowa.ca": "ada@uottawa.ca",
}


@pytest.mark.parametrize("typed", MEANT)
def test_a_slip_in_a_usual_domain_is_seen(typed: str) -> None:
    assert likely_meant(typed) == MEANT[typed]


@pytest.mark.parametrize(
    "typed",
    [
        *(f"ada@{domain}" for domain in USUAL),
        "ada@example.org",
        "ada@clinic.example.ca",
        "ada@mme.com",
        "ada@ubcc.ca",
        "nobody",
        "",
    ],
)
def test_other_addresses_are_left_alone(typed: str) -> None:
    assert likely_meant(typed) == ""

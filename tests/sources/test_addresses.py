"""Addresses: what is taken at once is what the library takes after a longer look."""

from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from pprmail.sources.addresses import checked_address

LETTERS = "aZ9.-_+!#'@ é\"\\(),:<>[]"
locals_ = st.one_of(
    st.text(alphabet=LETTERS, max_size=10), st.integers(60, 70).map(lambda n: "a" * n)
)
domains = st.one_of(
    st.sampled_from(["example.org", "uni.example.org", "localhost", "example.test", "exämple.org"]),
    st.text(alphabet="aZ9.-_é", max_size=10),
    st.integers(180, 195).map(lambda n: ".".join(["a" * 60] * 3)[:n] + ".org"),
)


@given(locals_, domains)
def test_an_address_is_taken_exactly_when_the_library_takes_it(local: str, domain: str) -> None:
    address = f"{local}@{domain}".strip()
    assert is_taken(address) is is_valid(address), address


def is_taken(address: str) -> bool:
    try:
        return checked_address(address) == address
    except ValueError:
        return False


def is_valid(address: str) -> bool:
    try:
        validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return False
    return True

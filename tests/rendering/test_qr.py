from lxml import etree

from pprmail.rendering.qr import qr_code


def test_a_square_needs_no_style_and_tells_what_it_is() -> None:
    drawn = qr_code("otpauth://totp/The%20Letter:ada", label='The "square"')
    svg = etree.fromstring(str(drawn))
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == 'The "square"'
    assert svg.get("viewBox")
    assert "style" not in drawn
    assert {path.get("fill") or path.get("stroke") for path in svg.iter("path", "{*}path")} == {
        "#fff",
        "#000",
    }

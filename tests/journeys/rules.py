"""The rules of a good letter, each a function that names what breaks it in one message.

They are those that mailbox providers, the law on commercial mail, and the people who test mail
programs agree on: RFC 2919, 5322 and 8058, Gmail's and Yahoo's rules for senders, the Email Markup
Consortium's list of defects, and what "Can I email" says of Word, Gmail, Apple Mail and Yahoo.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import pairwise
from typing import cast

from lxml import html
from lxml.html import HtmlElement

LARGEST_HTML = 60_000
LARGEST_STYLE = 16_000
LONGEST_LINE = 78
LONGEST_ADDRESS = 512
KNOWN_PROPERTIES = frozenset(
    """background-color border border-bottom border-collapse border-left border-top color display
    font-family font-size font-style font-weight height line-height margin max-width
    mso-line-height-rule padding padding-bottom padding-left padding-right padding-top text-align
    text-decoration text-indent vertical-align white-space width word-break word-wrap""".split()
)
FORBIDDEN_TAGS = frozenset("script form iframe video audio object embed link base svg".split())
VAGUE = frozenset(["here", "click here", "read more", "more", "link", "this", "learn more"])
SENDER = ("The Practice Research Letter", "1 Example Street", "letter@example.org")


@dataclass(frozen=True)
class Mail:
    """One message as it would leave: its bytes, and what a mail program makes of them."""

    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def parts(self) -> list[EmailMessage]:
        return cast("list[EmailMessage]", list(self.message.iter_parts()))

    @property
    def text(self) -> str:
        return str(self.parts[0].get_content())

    @property
    def html(self) -> str:
        return str(self.parts[1].get_content())

    @property
    def root(self) -> HtmlElement:
        return html.document_fromstring(self.html)

    @property
    def styles(self) -> list[tuple[HtmlElement, dict[str, str]]]:
        return [(e, declared(str(e.get("style")))) for e in self.root.xpath("//*[@style]")]


def declared(style: str) -> dict[str, str]:
    """Part the style of an element into properties and values."""
    pairs = [each.partition(":") for each in style.split(";") if each.strip()]
    return {name.strip(): value.strip() for name, _, value in pairs}


def it_can_be_left_in_one_click(mail: Mail) -> Iterator[str]:
    if not re.fullmatch(r"<https://[^<>\s,]+>", str(mail.message["List-Unsubscribe"])):
        yield "List-Unsubscribe is not one https address"
    if mail.message["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click":
        yield "List-Unsubscribe-Post is not as RFC 8058 has it"


def it_names_its_list(mail: Mail) -> Iterator[str]:
    if not re.search(r"<[\w-]+(\.[\w-]+)+>$", str(mail.message["List-Id"])):
        yield "List-Id is not as RFC 2919 has it"


def every_header_stands_once_in_plain_letters(mail: Mail) -> Iterator[str]:
    counted = Counter(name.lower() for name in mail.message)
    for name in ("from", "to", "subject", "date", "message-id", "list-id", "mime-version"):
        if counted[name] != 1:
            yield f"{name} stands {counted[name]} times"
    if not mail.raw.partition(b"\r\n\r\n")[0].isascii():
        yield "a header holds bytes beyond ASCII"


def its_lines_are_short_on_the_way(mail: Mail) -> Iterator[str]:
    for line in mail.raw.split(b"\r\n"):
        is_list_header = line.lower().startswith(b"list-")
        if len(line) > (998 if is_list_header else LONGEST_LINE):
            yield f"a line of {len(line)} bytes"


def its_text_comes_before_its_html(mail: Mail) -> Iterator[str]:
    kinds = [part.get_content_type() for part in mail.parts]
    if (mail.message.get_content_type(), kinds) != (
        "multipart/alternative",
        ["text/plain", "text/html"],
    ):
        yield f"it is {mail.message.get_content_type()} of {kinds}"
    for part in mail.parts:
        if part.get_content_charset() != "utf-8":
            yield "a part is not said to be UTF-8"
        if part["Content-Transfer-Encoding"] != "quoted-printable":
            yield "a part is not quoted-printable"


def it_is_a_whole_page_in_its_language(mail: Mail) -> Iterator[str]:
    if not mail.html.startswith("<!DOCTYPE html>"):
        yield "no document type"
    if (mail.root.get("lang"), mail.root.get("dir")) != ("en", "ltr"):
        yield "html lacks lang or dir"
    if mail.root.findtext("head/title") != mail.message["Subject"]:
        yield "the title is not the subject"
    names = {str(meta.get("name") or "charset") for meta in mail.root.iter("meta")}
    needed = {"charset", "viewport", "color-scheme", "supported-color-schemes"}
    yield from (f"no meta {name}" for name in sorted(needed - names))


def its_content_is_one_named_article(mail: Mail) -> Iterator[str]:
    children = [e for e in mail.root.body if isinstance(e.tag, str)]
    if len(children) != 1:
        yield f"body has {len(children)} children"
    told = [children[0].get(name) for name in ("lang", "dir", "role")]
    if told != ["en", "ltr", "article"] or not children[0].get("aria-label"):
        yield "the child of body lacks lang, dir, role or name"


def it_is_600_wide_in_word_too(mail: Mail) -> Iterator[str]:
    if not re.search(r"<!--\[if mso\]><table [^>]*width=\"600\"", mail.html):
        yield "no table for Word"
    widths = [style["max-width"] for _, style in mail.styles if "max-width" in style]
    if widths != ["600px"]:
        yield f"widths {widths}"


def tables_for_the_layout_say_so(mail: Mail) -> Iterator[str]:
    for table in mail.root.iter("table"):
        if table.get("role") != "presentation" and not list(table.iter("th")):
            yield "a table of the layout is read out as one of data"


def headings_begin_once_and_skip_no_level(mail: Mail) -> Iterator[str]:
    levels = [int(e.tag[1]) for e in mail.root.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    if levels.count(1) != 1 or levels[0] != 1:
        yield f"headings {levels}"
    if any(below - above > 1 for above, below in pairwise(levels)):
        yield f"a level is skipped: {levels}"


def letters_are_large_and_lines_apart(mail: Mail) -> Iterator[str]:
    for element, style in mail.styles:
        size, height = style.get("font-size", "17px"), style.get("line-height", "1.6")
        if float(size.removesuffix("px")) < 14:
            yield f"{element.tag} of {size}"
        least = 1.4 if element.tag in {"p", "li", "td", "span"} else 1.15
        if float(height) < least and "name" not in element.get("class", ""):
            yield f"{element.tag} with lines {height} apart"


def every_ground_is_told_to_word_too(mail: Mail) -> Iterator[str]:
    for element, style in mail.styles:
        in_css = style.get("background-color")
        if element.tag in {"td", "table", "body"} and element.get("bgcolor") != in_css:
            yield f"{element.tag}: {in_css} in CSS, {element.get('bgcolor')} in bgcolor"


def the_preheader_is_first_hidden_and_news(mail: Mail) -> Iterator[str]:
    first = mail.root.body[0][0]
    if first.get("style") != "display:none":
        yield "what comes first is no preheader, or not hidden by display alone"
    words = str(first.text)
    if not 40 <= len(words) <= 130:
        yield f"it has {len(words)} characters"
    if words == mail.message["Subject"]:
        yield "it is the subject again"


def it_has_a_dark_side(mail: Mail) -> Iterator[str]:
    sheets = "\n".join(str(style.text) for style in mail.root.iter("style"))
    if "color-scheme: light dark" not in sheets:
        yield "it does not say that it has one"
    dark = sheets.partition("prefers-color-scheme: dark")[2].partition("\n}")[0]
    rules = re.findall(r"\{([^{}]+)\}", dark)
    if not rules or not all(
        "!important" in each for rule in rules for each in rule.split(";")[:-1]
    ):
        yield "a dark colour loses against the one in the element"
    if re.search(r"#(000|fff)(000|fff)?\b", mail.html, re.IGNORECASE):
        yield "pure black or white, which is inverted hardest"


def its_styles_are_those_that_mail_programs_know(mail: Mail) -> Iterator[str]:
    for element, style in mail.styles:
        yield from (f"{element.tag} has {name}" for name in style.keys() - KNOWN_PROPERTIES)
        if element.tag in {"ul", "ol"} and style.get("padding", "0") != "0":
            yield f"{element.tag} is indented by a padding, which Word leaves out"
    sheets = list(mail.root.iter("style"))
    if any(sheet.getparent().tag != "head" for sheet in sheets):
        yield "a style outside the head"
    if sum(len(str(sheet.text)) for sheet in sheets) > LARGEST_STYLE:
        yield "more styles than Gmail reads"
    if re.search(r"var\(|\brem\b|flex|grid|position|float|url\(|@import|@font-face", mail.html):
        yield "a style that some program drops"


def nothing_in_it_acts(mail: Mail) -> Iterator[str]:
    tags = {str(e.tag) for e in mail.root.iter() if isinstance(e.tag, str)}
    yield from (f"a {tag}" for tag in sorted(tags & FORBIDDEN_TAGS))
    ids = Counter(str(each) for each in mail.root.xpath("//@id"))
    yield from (f"{name} stands {n} times" for name, n in ids.items() if n > 1)
    yield from (f"{name} acts" for name in mail.root.xpath("//@*[starts-with(name(), 'on')]"))


def pictures_can_be_done_without(mail: Mail) -> Iterator[str]:
    for image in mail.root.iter("img"):
        if image.get("alt") is None or image.get("width") is None:
            yield "a picture without alt or width"
        if image.getparent().tag == "a" and not image.get("alt"):
            yield "a linked picture without words"


def links_say_where_they_lead(mail: Mail) -> Iterator[str]:
    told: dict[str, str] = {}
    for link in mail.root.iter("a"):
        words, address = link.text_content().strip(), str(link.get("href"))
        if not words or words.lower() in VAGUE:
            yield f"“{words}” says nothing"
        if told.setdefault(words, address) != address:
            yield f"“{words}” leads to two places"
        if "underline" not in declared(str(link.get("style")))["text-decoration"]:
            yield f"“{words}” is told by its colour alone"


def addresses_are_https_and_short(mail: Mail) -> Iterator[str]:
    for address in map(str, mail.root.xpath("//@href | //@src")):
        if not address.startswith(("https://", "mailto:", "#")):
            yield f"{address} is not https"
        if len(address) >= LONGEST_ADDRESS or re.search(r"[0-9a-fA-F]{32}", address):
            yield f"{address} is long"


def its_text_reads_well(mail: Mail) -> Iterator[str]:
    for line in mail.text.splitlines():
        if len(line) > LONGEST_LINE and not line.strip().startswith("https://"):
            yield f"a line of {len(line)} columns"
        if line != line.rstrip():
            yield "a line ends in blanks"
    if re.search(r"&(amp|lt|gt|nbsp|#\d+);|</?[a-z]+>", mail.text):
        yield "it holds markup"


def both_parts_say_who_sends_it_and_how_to_leave(mail: Mail) -> Iterator[str]:
    leave = str(mail.message["List-Unsubscribe"]).strip("<>")
    for part in (mail.text, mail.html):
        yield from (f"no “{words}”" for words in (*SENDER, leave) if words not in part)
        yield from (f"no way to {way}" for way in ("preferences", "archive") if way not in part)


def it_is_not_cut_off(mail: Mail) -> Iterator[str]:
    if (size := len(mail.html.encode())) > LARGEST_HTML:
        yield f"{size} bytes of HTML"

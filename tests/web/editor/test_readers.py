"""The list of readers at the desk: masked, searched without a trace, counted, and charted."""

from urllib.parse import parse_qs, urlsplit

from making import EMPATHY, NOW, TRAINING, a_reader
from pprmail.bootstrap import App
from pprmail.model.subscriber import SubscriberStatus
from pprmail.storage.subscribers import subscriber_with_public_id
from web.editor.at_the_desk import DeskVisitor
from web.visiting import page_of

LIST = "/editor/subscribers"


def shown(editor: DeskVisitor, path: str = LIST) -> list[str]:
    """Give the readers of a page, as their links call them."""
    answer = editor.get(path)
    assert answer.status_code == 200, answer.text
    links = page_of(answer).xpath("//ul[contains(@class,'readers')]//a")
    return [link.text_content() for link in links]


def test_a_list_shows_names_and_masked_addresses_the_newest_first(
    app: App, editor: DeskVisitor
) -> None:
    a_reader(app.database, "ada@example.org", EMPATHY, name="Ada Moreau")
    bo = a_reader(app.database, "bo@example.org", status=SubscriberStatus.PENDING)
    assert shown(editor) == ["b•••@example.org", "Ada Moreau, a•••@example.org"]
    text = editor.get(LIST).text
    assert "ada@example.org" not in text
    assert f"/editor/subscribers/{bo}" in text
    assert shown(editor, f"{LIST}?standing=pending") == ["b•••@example.org"]
    assert shown(editor, f"{LIST}?topic={EMPATHY}") == ["Ada Moreau, a•••@example.org"]
    assert shown(editor, f"{LIST}?topic={TRAINING}") == []
    assert len(shown(editor, f"{LIST}?standing=nonsense&topic=nonsense&after=nobody")) == 2


def test_who_follows_nothing_that_is_on_the_list_now_is_not_said_to_read_everything(
    app: App, editor: DeskVisitor
) -> None:
    a_reader(app.database, "all@example.org")
    gone = a_reader(app.database, "gone@example.org", EMPATHY)
    with app.database.write() as session:
        reader = subscriber_with_public_id(session, gone)
        assert reader is not None
        reader.preferences[0].ended_at = NOW
    rows = page_of(editor.get(LIST)).xpath("//ul[contains(@class,'readers')]/li/p[3]/text()")
    assert rows == ["Nothing that is on the list now", "Everything"]


def test_what_is_looked_for_stands_in_no_address_and_is_found(
    app: App, editor: DeskVisitor
) -> None:
    a_reader(app.database, "ada@example.org", EMPATHY)
    a_reader(app.database, "bo@example.org")
    answer = editor.post(LIST, part="ADA@exam", standing="active", topic=EMPATHY)
    assert answer.status_code == 303
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (asked["standing"], asked["topic"]) == (["active"], [EMPATHY])
    assert "ada" not in answer.headers["location"].lower().replace(asked["find"][0].lower(), "")
    assert shown(editor, answer.headers["location"]) == ["a•••@example.org"]
    assert 'value="ADA@exam"' in editor.get(answer.headers["location"]).text


def test_a_search_that_is_too_short_or_too_old_is_said_to_be_so(editor: DeskVisitor) -> None:
    answer = editor.post(LIST, part="ad")
    assert answer.status_code == 422
    (field,) = page_of(answer).xpath("//input[@id='part']")
    assert (field.value, field.get("aria-describedby")) == ("ad", "part-wrong")
    assert "Please search again" in editor.get(f"{LIST}?find=forged").text


def test_pages_follow_each_other(app: App, editor: DeskVisitor) -> None:
    for number in range(60):
        a_reader(app.database, f"reader{number}@example.org")
    first = page_of(editor.get(LIST))
    (onwards,) = first.xpath("//a[text()='Next readers']/@href")
    assert (len(shown(editor)), len(shown(editor, onwards))) == (50, 10)
    assert "Back to the first" in editor.get(onwards).text


def test_heads_and_charts_say_the_same_as_their_tables(app: App, editor: DeskVisitor) -> None:
    a_reader(app.database, "ada@example.org", EMPATHY)
    a_reader(app.database, "bo@example.org", EMPATHY, TRAINING)
    a_reader(app.database, "cy@example.org", status=SubscriberStatus.PENDING)
    heads = page_of(editor.get(LIST)).xpath("//ul[@class='heads'][1]/li")
    told = [" ".join(head.text_content().split()) for head in heads[:4]]
    assert told == [
        "2 Get the letter",
        "0 Rest for a while",
        "1 Have not confirmed yet",
        "0 Get no more letters",
    ]
    page = page_of(editor.get(f"{LIST}/figures"))
    chart, growth = page.xpath("//svg[@role='img']")
    assert chart.xpath("title/text()")[0].startswith("Readers by topic")
    words = chart.xpath("text/text()")
    assert words[:4] == ["Empathy", "2", "Training", "1"]
    cells = page.xpath("//section[.//h2[@id='topics']]//tbody/tr")
    table = [[c.text_content() for c in row.xpath("*")] for row in cells]
    assert " ".join(word for row in table for word in row) == " ".join(words)
    assert chart.xpath(".//rect[@class='bar']/@width")[:3] == ["100.00%", "50.00%", "0.00%"]
    assert len(growth.xpath("text")) == 36
    assert not page.xpath("//*[@style]")

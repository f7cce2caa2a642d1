"""One of every email there is, and letters that ask for more than most: what looks are tested on."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from making import ALLIANCE, MASTHEAD, NOW, SIGNER, TOPICS, a_press, a_summary, an_issue
from pprmail.model.audience import FOLLOWS_ALL, Matching, NoMatch, matching
from pprmail.model.issue import Issue, IssueKind
from pprmail.model.masthead import Brand
from pprmail.model.occasion import (
    AddressChanged,
    AddressToConfirm,
    AlreadySubscribed,
    Confirmation,
    ConsentsLapsed,
    EditorInvitation,
    FreshLink,
    IssueReady,
    Named,
    Occasion,
    PreferencesChanged,
    SendHeld,
    SendPaused,
    SignIn,
    SignInChanged,
    Welcome,
)
from pprmail.model.personal import Personal, filled_in
from pprmail.model.summary import CONTENT, Summary
from pprmail.rendering.mail import RenderedMail
from pprmail.rendering.service_mail import ServiceMails
from pprmail.rendering.shelf import Shelf
from pprmail.shipped import shipped
from pprmail.sources.reading import read_sources
from rendering.letters import BODY

INTRODUCTION = """\
This month is about **the person of the therapist**. Two of the three summaries come from our own
[survey of members](https://example.org/survey).
"""
NOTICES = """\
- *Workshop:* [Repairing ruptures](https://example.org/ruptures), online, 10 December, 12:00 to 13:30
- *Wanted:* therapists for [a study of feedback](https://example.org/feedback) in group treatment
"""
OTHER_BRAND = Brand(
    accent="#7a1f4b",
    text="#1d1b26",
    background="#ece9f2",
    logo_url="https://letter.example.org/logo.png",
)
LONG_TITLE = (
    "What Happens to the Working Alliance, to Attendance and to Symptoms When Therapists Ask for "
    "Feedback After Every Single Session, and What Happens When They Put the Questionnaire Aside?"
)
AUTHORS = ", ".join(f"Contributor-{a}{b}, A. B." for a in "ABC" for b in "abcdefghijklm")
CITATION = (
    f"{AUTHORS}, & Last, Z. (2020). A very large study of very many therapists and their clients: "
    "Findings from forty sites. Journal of Consulting and Clinical Psychology, 88(9), 829–843."
)


@cache
def specimens() -> Mapping[str, RenderedMail]:
    """Give every email by its name, as it reaches one reader."""
    mails = ServiceMails(Shelf([shipped("templates")]), MASTHEAD)
    return dict(_letters()) | {name: mails.write(each).words for name, each in OCCASIONS.items()}


def _letters() -> tuple[tuple[str, RenderedMail], ...]:
    november, six = a_month(), [*a_month(), *a_month("2026-10"), *a_month("2026-09")][:6]
    return (
        ("one", letter(an_issue(november[0]))),
        ("two", letter(an_issue(*november[:2]))),
        ("three", letter(an_issue(*november, introduction=INTRODUCTION, notices=NOTICES))),
        ("six", letter(an_issue(*six, notices=NOTICES))),
        ("one of three", letter(an_issue(*november, notices=NOTICES), 0b010)),
        ("titles only", letter(an_issue(*november, notices=NOTICES), 0)),
        ("much", letter(much())),
        ("another brand", letter(an_issue(*november), brand=OTHER_BRAND)),
        ("correction", letter(_about(november[0], IssueKind.CORRECTION))),
        ("retraction", letter(_about(november[0], IssueKind.RETRACTION))),
    )


def _about(summary: Summary, kind: IssueKind) -> Issue:
    note = "The effect was **0.27**, not 0.72; see [the study](https://doi.org/10.1037/pst0000000)."
    return an_issue(summary, kind=kind, name="2026-11-c1", introduction=note)


SOME_TOPICS = ("Alliance and Therapeutic Relationship", "Empathy", "Training")
LINKS = {
    "preferences_url": f"{MASTHEAD.base_url}/preferences/{'R' * 22}.2519.{'S' * 22}",
    "leave_url": f"{MASTHEAD.base_url}/unsubscribe/{'R' * 22}.{'S' * 22}",
}
OWNER_URL = f"{MASTHEAD.base_url}/preferences/o.{'R' * 22}.3628800.0.{'S' * 22}"


def _changed(
    no_match: NoMatch,
    *,
    topics: tuple[str, ...] = SOME_TOPICS,
    paused_until: str = "",
    has_new_name: bool = False,
) -> PreferencesChanged:
    return PreferencesChanged(
        topics,
        no_match,
        LINKS["preferences_url"],
        LINKS["leave_url"],
        paused_until=paused_until,
        has_new_name=has_new_name,
    )


OCCASIONS: Mapping[str, Occasion] = {
    "confirmation": Confirmation(
        confirm_url=f"{MASTHEAD.base_url}/confirm/{'K' * 43}",
        good_until="Friday 27 November 2026, 09:00",
        topics=SOME_TOPICS,
    ),
    "confirmation of everything": Confirmation(
        confirm_url=f"{MASTHEAD.base_url}/confirm/{'K' * 43}",
        good_until="Friday 27 November 2026, 09:00",
        topics=(),
    ),
    "confirmation by invitation": Confirmation(
        confirm_url=f"{MASTHEAD.base_url}/confirm/{'K' * 43}",
        good_until="Friday 27 November 2026, 09:00",
        topics=(),
        invited_by="Ada Example",
    ),
    "already subscribed": AlreadySubscribed(**LINKS),
    "welcome": Welcome(
        topics=SOME_TOPICS,
        latest_month="November 2026",
        latest_url=f"{MASTHEAD.base_url}/archive/2026-11",
        next_letter="Tuesday 8 December 2026",
        **LINKS,
    ),
    "welcome before the first letter": Welcome(
        topics=(), latest_month="", latest_url="", next_letter="", **LINKS
    ),
    "topics changed": _changed(NoMatch.NOTE),
    "everything in a bare month": _changed(NoMatch.ALL),
    "nothing in a bare month": _changed(NoMatch.SKIP),
    "topics given up": _changed(NoMatch.ALL, topics=()),
    "letters rest": _changed(NoMatch.NOTE, paused_until="February 2027", has_new_name=True),
    "fresh link": FreshLink(LINKS["preferences_url"], OWNER_URL, asks_to_void=False),
    "fresh link to void others": FreshLink(LINKS["preferences_url"], OWNER_URL, asks_to_void=True),
    "link to data alone": FreshLink("", OWNER_URL, asks_to_void=False),
    "address to confirm": AddressToConfirm(
        confirm_url=f"{MASTHEAD.base_url}/confirm-address/{'K' * 22}.{'S' * 22}",
        good_until="Mon 30 November 2026, 09:00 EST",
    ),
    "address changed": AddressChanged("a•••@example.net"),
    "sign in": SignIn(
        sign_in_url=f"{MASTHEAD.base_url}/editor/sign-in/{'L' * 43}",
        asked_at="Monday 23 November 2026, 09:00",
        minutes=10,
    ),
    "sign-in changed": SignInChanged(
        what="Your password was changed.",
        changed_at="Monday 23 November 2026, 09:00",
        account_url=f"{MASTHEAD.base_url}/editor/account",
        sign_in_url=f"{MASTHEAD.base_url}/editor/sign-in",
    ),
    "invitation": EditorInvitation(
        invited_by="Ada Example",
        may_add_editors=True,
        invitation_url=f"{MASTHEAD.base_url}/editor/invitation/{'M' * 43}",
        good_until="Monday 30 November 2026, 09:00",
    ),
    "issue ready": IssueReady(
        name="2026-11",
        month_in_words="November 2026",
        summaries=("Whose Alliance Is It? Looking at the Therapist’s Share", LONG_TITLE),
        errors=("summary whose-alliance-is-it: it has no topic",),
        send_at="Tuesday 8 December 2026, 09:00",
    ),
    "nothing to send": IssueReady(
        name="2026-11", month_in_words="November 2026", summaries=(), errors=(), send_at=""
    ),
    "send held": SendHeld(
        name="2026-11",
        month_in_words="November 2026",
        send_at="Tuesday 8 December 2026, 09:00",
        reason="The issue of 2026-11 has changed since it was approved: summary.title",
    ),
    "send paused": SendPaused(
        name="2026-11",
        month_in_words="November 2026",
        reason="of 250 letters that were reported on, 30 bounced for good (12 %; the limit is 5 %)",
        is_sent=False,
    ),
    "storm after sending": SendPaused(
        name="2026-11",
        month_in_words="November 2026",
        reason="of 1250 letters that were reported on, 5 were called spam (0.4 %; the limit is 0.3 %)",
        is_sent=True,
    ),
    "consents lapsed": ConsentsLapsed(
        readers=26,
        invited=Named(2, ("ada.reader@example.org", "bo.lind@example.org")),
        held_back=Named(1, ("cy.moreau@example.org",)),
        too_late=Named(23, ("di.osei@example.org", "el.haddad@example.org")),
    ),
    "consents lapsed and invited": ConsentsLapsed(
        readers=1,
        invited=Named(1, ("ada.reader@example.org",)),
        held_back=Named(0, ()),
        too_late=Named(0, ()),
    ),
}


def letter(
    issue: Issue, selection: int | None = None, *, brand: Brand = MASTHEAD.brand
) -> RenderedMail:
    """Print an edition, the whole issue by default, for one of the readers who would get it."""
    whole = (1 << len(issue.summaries)) - 1
    chosen = whole if selection is None else selection
    masthead = replace(MASTHEAD, brand=brand)
    edition = a_press(masthead).edition(issue, chosen)
    personal = Personal(edition.words, edition.mark, _topics(issue), chosen)
    tokens = SIGNER.leave_token("A" * 22), SIGNER.preferences_token("A" * 22, now=NOW)
    values = personal.values("Jo Doe", _bits(issue, chosen, whole), links=tokens)
    html, text = filled_in(edition.html, values), filled_in(edition.text, values)
    return RenderedMail(edition.subject, html, text)


def much() -> Issue:
    """Make an issue that asks for more room than any that was ever sent."""
    body = f"{BODY}{'A sentence about what was found, and for whom. ' * 20}"
    topics = [topic.slug for topic in TOPICS.listed[:10]]
    long = a_summary(LONG_TITLE, citation=CITATION, body=body, topics=topics, in_brief="Ask. " * 20)
    bare = a_summary("Nothing Is Known of This One", citation=None, doi=None, type_of_research=None)
    word = a_summary("Gegenübertragungsphänomenologie" * 3, topics=[ALLIANCE], implications=BODY)
    return an_issue(long, bare, word, subject="🧠 Über β − “the alliance” ü", notices=NOTICES)


def a_month(month: str = "2026-11") -> list[Summary]:
    """Give the sample summaries of a month."""
    entries = read_sources([shipped("summaries") / month], TOPICS).entries
    words = [{name: getattr(entry, name) for name in CONTENT} for entry in entries]
    return [a_summary(str(fields.pop("title")), **fields) for fields in words]


def _topics(issue: Issue) -> list[str]:
    return [TOPICS.name(slug) for slug in _matching(issue).slugs]


def _bits(issue: Issue, chosen: int, whole: int) -> int:
    if chosen == whole:
        return FOLLOWS_ALL
    match = _matching(issue)
    return sum(1 << match.slugs.index(slug) for slug in match.topics_leading_to(chosen))


def _matching(issue: Issue) -> Matching:
    return matching([summary.topics for summary in issue.summaries], TOPICS)

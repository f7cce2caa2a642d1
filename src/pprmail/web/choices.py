"""The form of a reader's choices: what it offers, what was sent, and what is wrong with it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from pprmail.bootstrap import App
from pprmail.model.audience import NoMatch
from pprmail.model.month import Month, month_in_words, months_after, parse_month
from pprmail.model.reader import Chooser, pause_after
from pprmail.model.topic import Topic, Topics
from pprmail.services.subscriptions import Choice
from pprmail.web.naming import LONGEST_FIELD, one_line, problem_of_name

MONTHS_OF_PAUSE: Final = 12
NOT_OFFERED_ANY_MORE: Final = "No longer in use"
UNREADABLE: Final = "Something in this form was not understood. Please choose again."
NO_TOPIC: Final = "Please choose at least one topic, or “Everything”."


class Choices(BaseModel):
    """The form as it was sent; what the page has no field for is refused.

    `offered` names the topics that stood on the page, which may be an old one.
    """

    model_config = ConfigDict(extra="forbid")
    follow: Literal["everything", "topics"]
    topics: list[str] = []
    no_match: NoMatch
    offered: str = ""
    name: Annotated[str, Field(max_length=LONGEST_FIELD)] | None = None
    paused_until: str | None = None
    do: Literal["save", "show"] = "save"

    @property
    def choice(self) -> Choice:
        """What is wanted."""
        return Choice(
            tuple(self.topics) if self.follow == "topics" else (),
            self.no_match,
            name=None if self.name is None else one_line(self.name),
            paused_until=self.paused_until,
            offered=tuple(self.offered.split()),
        )


@dataclass(frozen=True)
class Form:
    """What the page offers to one reader, and what is chosen in it."""

    listed: Topics
    groups: dict[str, list[Topic]]
    months: dict[str, str]
    choices: Choices

    @property
    def has_retired(self) -> bool:
        """Tell whether its reader follows a topic that nobody can begin to follow any more."""
        return NOT_OFFERED_ANY_MORE in self.groups

    @classmethod
    def of(cls, app: App, subscriber: Chooser, *, now: datetime) -> "Form":
        """Make the form with what a reader has chosen."""
        listed, month = app.topics, app.correspondence.month_at(now)
        chosen = dict.fromkeys(t for s in subscriber.chosen_topics if (t := listed.find(s)))
        # A topic that was retired is given up by the reader alone, who must see it for that.
        retired = [topic for topic in chosen if topic.retired]
        groups = listed.groups() | ({NOT_OFFERED_ANY_MORE: retired} if retired else {})
        until = pause_after(subscriber, month)
        months = _months_after(month)
        if until and until not in months:
            months = months | {until: month_in_words(parse_month(until))}
        choices = Choices(
            follow="everything" if subscriber.follows_all else "topics",
            topics=[topic.slug for topic in chosen],
            no_match=subscriber.no_match,
            offered=" ".join(topic.slug for topics in groups.values() for topic in topics),
            name=subscriber.name or "",
            paused_until=until,
        )
        return cls(listed, groups, months, choices)

    def problems_with(self, choices: Choices) -> dict[str, str]:
        """Say what keeps choices from being saved, by the field beside which it is said."""
        found = {
            "form": "" if self._is_ours(choices) else UNREADABLE,
            "topics": NO_TOPIC if choices.follow == "topics" and not choices.topics else "",
            "name": problem_of_name(choices.name, before=self.choices.name),
        }
        return {field: words for field, words in found.items() if words}

    def _is_ours(self, choices: Choices) -> bool:
        offered = choices.offered.split()
        known = {topic.slug for topic in self.listed.listed}
        return (
            known.issuperset(offered)
            and set(offered).issuperset(choices.topics)
            and (not choices.paused_until or choices.paused_until in self.months)
        )


@cache
def _months_after(month: Month) -> dict[str, str]:
    return {each: month_in_words(each) for each in months_after(month, count=MONTHS_OF_PAUSE)}

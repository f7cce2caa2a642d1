"""Occasions: what a service mail is written for, and all that its templates may say of it.

Every occasion has a folder of three templates that is named after its kind. Moments and months are
given in words; topics are names, and none at all means that everything is followed.
"""

from dataclasses import dataclass
from typing import ClassVar

from pprmail.model.audience import NoMatch


@dataclass(frozen=True)
class Occasion:
    """Something that the system has to say to one person."""

    kind: ClassVar[str]


@dataclass(frozen=True)
class Confirmation(Occasion):
    """Somebody asked for the letter; `confirm_url` leads to the page where that is confirmed.

    `invited_by` is empty where the address was typed into the form, else it names who invites.
    """

    kind = "confirmation"
    confirm_url: str
    good_until: str
    topics: tuple[str, ...]
    invited_by: str = ""


@dataclass(frozen=True)
class AlreadySubscribed(Occasion):
    """Somebody asked for the letter for an address that gets it already."""

    kind = "already_subscribed"
    preferences_url: str
    leave_url: str


@dataclass(frozen=True)
class Welcome(Occasion):
    """A subscription began. `latest_url` and `next_letter` are empty where there is none yet."""

    kind = "welcome"
    topics: tuple[str, ...]
    latest_month: str
    latest_url: str
    next_letter: str
    preferences_url: str
    leave_url: str


@dataclass(frozen=True)
class PreferencesChanged(Occasion):
    """A reader chose otherwise than before, or somebody else did with a link of that reader's.

    `paused_until` is a month in words, or empty. A new name is told of and not repeated: whoever
    wrote it may be a stranger with words of his own.
    """

    kind = "preferences_changed"
    topics: tuple[str, ...]
    no_match: NoMatch
    preferences_url: str
    leave_url: str
    paused_until: str = ""
    has_new_name: bool = False


@dataclass(frozen=True)
class FreshLink(Occasion):
    """A reader asked for a link, or somebody who knows the address did.

    `preferences_url` is empty where the subscription has ended. `asks_to_void` where older links
    are to be made void, which is done on the page that `owner_url` leads to.
    """

    kind = "fresh_link"
    preferences_url: str
    owner_url: str
    asks_to_void: bool


@dataclass(frozen=True)
class AddressToConfirm(Occasion):
    """A reader wants letters at this address from now on."""

    kind = "address_to_confirm"
    confirm_url: str
    good_until: str


@dataclass(frozen=True)
class AddressChanged(Occasion):
    """Letters go elsewhere from now on, which the old address is told."""

    kind = "address_changed"
    new_address: str


@dataclass(frozen=True)
class SignIn(Occasion):
    """An editor asked for a link to sign in with, which works once and for some minutes."""

    kind = "sign_in"
    sign_in_url: str
    asked_at: str
    minutes: int


@dataclass(frozen=True)
class SignInChanged(Occasion):
    """An editor signs in otherwise from now on, or somebody else changed it; `what` is a sentence."""

    kind = "sign_in_changed"
    what: str
    changed_at: str
    account_url: str
    sign_in_url: str


@dataclass(frozen=True)
class EditorInvitation(Occasion):
    """Somebody is to become an editor; the link works once."""

    kind = "editor_invitation"
    invited_by: str
    may_add_editors: bool
    invitation_url: str
    good_until: str


@dataclass(frozen=True)
class IssueReady(Occasion):
    """A month was assembled: with summaries there is something to look at, without there is not."""

    kind = "issue_ready"
    name: str
    month_in_words: str
    summaries: tuple[str, ...]
    errors: tuple[str, ...]
    send_at: str


@dataclass(frozen=True)
class SendHeld(Occasion):
    """An issue that was scheduled was not sent, for a reason that a person must look at."""

    kind = "send_held"
    name: str
    month_in_words: str
    send_at: str
    reason: str


@dataclass(frozen=True)
class SendPaused(Occasion):
    """A sending rests for a reason that a person must look at.

    Where `is_sent`, the reason came when all had gone out, and nothing is left to rest.
    """

    kind = "send_paused"
    name: str
    month_in_words: str
    reason: str
    is_sent: bool


@dataclass(frozen=True)
class Named:
    """Some readers: how many, and the addresses of the first of them."""

    count: int
    addresses: tuple[str, ...]

    @property
    def commands(self) -> tuple[str, ...]:
        """What shows the first of them, one by one."""
        return tuple(f"pprmail subscribers show {address}" for address in self.addresses)

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.count - len(self.addresses)

    @property
    def in_words(self) -> str:
        """Their number as a sentence says it."""
        return "one reader" if self.count == 1 else f"{self.count} readers"


@dataclass(frozen=True)
class ConsentsLapsed(Occasion):
    """Readers wait again because two years have passed since their consent was implied.

    An invitation goes to those who are `invited`. It was `held_back` from those who were written to
    already, and it was `too_late` for those whose consent was over, so that no mail might go.
    """

    kind = "consents_lapsed"
    readers: int
    invited: Named
    held_back: Named
    too_late: Named

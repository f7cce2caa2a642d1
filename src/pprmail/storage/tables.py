"""Every stored noun in one place, so that the metadata is whole wherever it is used."""

from pprmail.model.accepted_warning import AcceptedWarning
from pprmail.model.approval import Approval
from pprmail.model.audit import AuditEntry, Installation
from pprmail.model.chore import Chore
from pprmail.model.confirmation import Confirmation
from pprmail.model.correction import Correction
from pprmail.model.delivery import Delivery
from pprmail.model.draft import Draft
from pprmail.model.edition import Edition
from pprmail.model.editor import DeskSession, Editor, EditorLink, SignInAttempt
from pprmail.model.event import Event
from pprmail.model.issue import Issue, IssueSummary
from pprmail.model.issue_text import IssueText
from pprmail.model.letter_test import LetterTest
from pprmail.model.mail import ServiceMail
from pprmail.model.mailed_link import MailedLink
from pprmail.model.record import Record
from pprmail.model.request import Request
from pprmail.model.subscriber import Consent, Preference, Subscriber
from pprmail.model.summary import Summary, SummaryTopic
from pprmail.model.suppression import Suppression
from pprmail.model.upload import Upload

__all__ = [
    "AcceptedWarning",
    "Approval",
    "AuditEntry",
    "Chore",
    "Confirmation",
    "Consent",
    "Correction",
    "Delivery",
    "DeskSession",
    "Draft",
    "Edition",
    "Editor",
    "EditorLink",
    "Event",
    "Installation",
    "Issue",
    "IssueSummary",
    "IssueText",
    "LetterTest",
    "MailedLink",
    "Preference",
    "Record",
    "Request",
    "ServiceMail",
    "SignInAttempt",
    "Subscriber",
    "Summary",
    "SummaryTopic",
    "Suppression",
    "Upload",
]

"""The text of an issue as a file gave it, waiting for its month to be assembled."""

from datetime import datetime
from typing import Final

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from pprmail.model.issue import Issue
from pprmail.model.record import Record

TEXT_FIELDS: Final = ("subject", "preheader", "order", "introduction", "notices")


class IssueText(Record):
    """What `issue.md` says beside a month's summaries; None and "" leave the proposal alone."""

    __tablename__ = "issue_texts"

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(unique=True)
    subject: Mapped[str | None] = mapped_column(Text)
    preheader: Mapped[str | None] = mapped_column(Text)
    order: Mapped[list[str]]
    introduction: Mapped[str] = mapped_column(Text)
    notices: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime]

    def fill(self, issue: Issue) -> None:
        """Give an issue what it says, where an editor has said nothing yet."""
        issue.subject = issue.subject or self.subject
        issue.preheader = issue.preheader or self.preheader
        issue.introduction = issue.introduction or self.introduction
        issue.notices = issue.notices or self.notices
        issue.put_in_order(self.order)

    def replace(self, issue: Issue) -> None:
        """Give an issue what it says, in place of what stood there."""
        issue.subject, issue.preheader = self.subject, self.preheader
        issue.introduction, issue.notices = self.introduction, self.notices
        issue.put_in_order(self.order)

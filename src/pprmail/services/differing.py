"""What differs: an edition as it is now, against the one that was approved last."""

from collections.abc import Sequence
from dataclasses import dataclass

from pprmail.model.approval import Approval
from pprmail.model.difference import Paragraph, differences
from pprmail.model.edition import Edition
from pprmail.model.issue import Issue
from pprmail.rendering.inspection import preheader_in
from pprmail.services.looking import approved_edition
from pprmail.services.newsroom import Newsroom
from pprmail.storage.issues import latest_approval


@dataclass(frozen=True)
class EditionDifference:
    """What an edition says otherwise than the approved one; without an edition, it is a new one."""

    approval: Approval
    approved: Edition | None
    subject: Sequence[Paragraph] = ()
    preheader: Sequence[Paragraph] = ()
    text: Sequence[Paragraph] = ()
    is_same: bool = False

    @property
    def says_the_same(self) -> bool:
        """Tell whether no word differs, though bytes may."""
        return not (self.subject or self.preheader or self.text)


def difference(newsroom: Newsroom, issue: Issue, after: Edition) -> EditionDifference | None:
    """Compare an edition with the one that was approved last; None if nothing ever was."""
    with newsroom.database.read() as session:
        approval = latest_approval(session, issue)
        before = approved_edition(session, issue, after.selection)
    if approval is None:
        return None
    if before is None:
        return EditionDifference(approval, None)
    return EditionDifference(
        approval=approval,
        approved=before,
        subject=differences(before.subject, after.subject),
        preheader=differences(preheader_in(before.html), preheader_in(after.html)),
        text=differences(before.text, after.text),
        is_same=before.fingerprint == after.fingerprint,
    )

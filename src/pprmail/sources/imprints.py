"""Imprints: what sort of body a name belongs to, told by a word that only such names have."""

import re
from typing import Final

from pprmail.sources.sentences import is_title_cased

_JOURNAL: Final = re.compile(
    r"\b(?:Journal|Bulletin|Annals|Archives|Review|Quarterly|Proceedings|Transactions|Database"
    r"|Zeitschrift|Revue|Revista|Rivista|Tijdschrift|JAMA|BMJ|PLo?S|Lancet|Frontiers)\b"
)
_FIELD: Final = re.compile(
    r"\b(?:Psycho|Psychi|Neuro|Therap|Counsel|Clinic|Medicine|Behavio|Cognit|Mindful|Addict"
    r"|Depression|Anxiety|Assessment|Emotion|Evaluation|Family Process|Group Dynamics|Health"
    r"|Research|Science|Studies|Trauma|Trials|Eating|Personality|Suicid|Nature\b)"
)
_PUBLISHER: Final = re.compile(
    r"\b(?:Press|Books|Publish(?:ers?|ing)|Publications|Verlag|University|Aronson"
    r"|Beltz|Blackwell|Brunner|Cengage|Elsevier|Erlbaum|Guilford|Harper\w*|Hogrefe|Houghton"
    r"|Jossey|Karnac|Klett|Kluwer|Kohlhammer|Macmillan|McGraw|Norton|Palgrave|Pearson|Penguin"
    r"|Plenum|Routledge|SAGE|Sage|Schattauer|Springer|Thieme|Wadsworth|Wiley)\b|Taylor & Francis"
)
_BODY: Final = re.compile(
    r"\b(?:Academy|Administration|Agency|Association|Board|Bureau|Cent(?:er|re)|Collaborat\w+"
    r"|College|Commission|Committee|Consortium|Council|Department|Federation|Foundation|Group"
    r"|Institutes?|Investigators|Ministry|Network|Office|Organi[sz]ation|Society|Task Force"
    r"|Team|Union|University|Working Party)\b"
)
_PUBLISHING_BODY: Final = re.compile(
    r"\b(?:Association|Council|Department|Foundation|Institutes?|Ministry|Organi[sz]ation)\b"
    r"|(?<!and )(?<!in )(?<!& )\bSociety\b"
)
_WORK: Final = re.compile(
    r"\b(?:Classification|Code|Diagnostic|Ethic\w*|Guid\w+|Handbook|Manual|Principles|Report"
    r"|Standards|Statement|Textbook)\b"
)
_ACRONYM: Final = re.compile(r"[A-Z]{2,10}")
_STATE: Final = re.compile(r"[^\W\d_][^:()]{1,30}, [A-Z]{2}: ")
_PLACE: Final = re.compile(r"(?!http)[^\W\d_][^:()?!]{1,40}: ?(?=[^\W\d_])")


def is_organisation(name: str) -> bool:
    """Tell whether this is surely the name of a body, not of a person and not of its work."""
    named = " " in name and is_title_cased(name) and not _WORK.search(name)
    return bool(named and _BODY.search(name)) or bool(_ACRONYM.fullmatch(name))


def is_publisher(name: str) -> bool:
    """Tell whether this is surely who publishes a book."""
    if _JOURNAL.search(name) or _WORK.search(name) or not is_title_cased(name):
        return False
    known = _PUBLISHER.search(name) or _PUBLISHING_BODY.search(name)
    return bool(known or _STATE.match(name))


def is_journal(name: str) -> bool:
    """Tell whether this is surely a journal, though no volume stands behind it."""
    if not is_title_cased(name) or not (_JOURNAL.search(name) or _FIELD.search(name)):
        return False
    return bool(_JOURNAL.search(name)) or not (_WORK.search(name) or is_publisher(name))


def without_place(imprint: str) -> str:
    """Take the place away from "New York, NY: Guilford Press"."""
    return _PLACE.sub("", imprint, count=1) if _PLACE.match(imprint) else imprint

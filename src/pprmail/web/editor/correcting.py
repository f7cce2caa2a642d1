"""Correcting: a dated note on what was sent, and a letter to exactly those who got it."""

from typing import Any, ClassVar, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.errors import PprmailError, StaleError, StateError
from pprmail.model.correction import LONGEST_NOTE, CorrectionKind
from pprmail.services import corrections
from pprmail.services.corrections import GivenUp, Reworded
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import Desk, go, newsroom_of, signed_in
from pprmail.web.editor.issue_paths import issue_page, name_of_issue


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    notes = f"{prefix}/editor/issues/{{name}}/corrections"
    return [
        Route(notes, Correcting),
        Route(f"{notes}/{{number:int}}", Rewording),
        Route(f"{notes}/{{number:int}}/take-down", TakingDown),
        Route(f"{notes}/{{number:int}}/letter", Telling),
        Route(f"{notes}/{{number:int}}/letter/give-up", GivingUp),
    ]


class Correcting(Desk):
    """The notes on a letter's summaries."""

    largest_field: ClassVar[int] = 4 * LONGEST_NOTE

    def get(self, request: Request) -> Response:
        """Show them, and ask for a new one."""
        return _page(request)

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Put a note on a summary, from now on."""
        name, now, who = name_of_issue(request), utc_now(), signed_in(request).email
        about, text = (str(fields.get(field, "")) for field in ("about", "text"))
        try:
            note = CorrectionKind(str(fields.get("kind", ""))), text
            newsroom = app_of(request).newsroom
            noted = corrections.add_note(newsroom, name, about=about, said=note, by=who, now=now)
        except ValueError:
            return _page(request, problem="Choose what kind of note it is.", given=fields)
        except StateError as refusal:
            return _page(request, problem=_sentence(refusal), given=fields)
        said = f"The {noted.kind} stands in the archive from now on."
        return go(request, f"issues/{name}/corrections", said=said)


class Rewording(Desk):
    """A note that is to say it otherwise."""

    largest_field: ClassVar[int] = 4 * LONGEST_NOTE

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Save it, unless somebody else did meanwhile."""
        number, name = request.path_params["number"], name_of_issue(request)
        text, version = str(fields.get("text", "")), str(fields.get("version", ""))
        try:
            reworded = corrections.reword_note(
                app_of(request).newsroom,
                number,
                text=text,
                version=int(version) if version.isdecimal() else 0,
                by=signed_in(request).email,
                now=utc_now(),
            )
        except StaleError as stale:
            wrong = {"number": number, "problem": stale.message, "present": stale.present}
            return _page(request, wrong=wrong | {"text": text})
        except StateError as refusal:
            return _page(
                request, wrong={"number": number, "problem": refusal.message, "text": text}
            )
        return go(request, f"issues/{name}/corrections", said=_reworded(reworded))


class TakingDown(Desk):
    """A note that is not to stand any more."""

    def post(self, request: Request, _: dict[str, Any]) -> Response:
        """Take it down, and give its unsent letter up."""
        number, name = request.path_params["number"], name_of_issue(request)
        newsroom, who = app_of(request).newsroom, signed_in(request).email
        corrections.take_note_down(newsroom, number, by=who, now=utc_now())
        return go(request, f"issues/{name}/corrections", said="The note was taken down.")


class Telling(Desk):
    """A letter about a note."""

    def post(self, request: Request, _: dict[str, Any]) -> Response:
        """Draft it; it is looked at and approved like any other."""
        number, name = request.path_params["number"], name_of_issue(request)
        newsroom, who = app_of(request).newsroom, signed_in(request).email
        try:
            letter = corrections.draft_letter(newsroom, number, by=who, now=utc_now())
        except StateError as refusal:
            return go(request, f"issues/{name}/corrections", said=_sentence(refusal))
        said = "The letter is drafted. Nothing is sent before it is approved."
        return go(request, f"issues/{letter.name}/approve", said=said)


class GivingUp(Desk):
    """The way back from a letter about a note."""

    def post(self, request: Request, _: dict[str, Any]) -> Response:
        """Give the letter up, if it has not begun; the note stays."""
        number, name = request.path_params["number"], name_of_issue(request)
        newsroom, who = app_of(request).newsroom, signed_in(request).email
        given_up = corrections.give_letter_up(newsroom, number, by=who, now=utc_now())
        return go(request, f"issues/{name}/corrections", said=_GIVEN_UP[given_up])


_GIVEN_UP: Final = {
    GivenUp.NOW: "The letter is given up. The note stays.",
    GivenUp.BEFORE: "The letter had been given up already. The note stays.",
    GivenUp.TOO_LATE: "The letter has begun to be sent, so it can’t be given up.",
}


def _reworded(reworded: Reworded) -> str:
    if not reworded.is_new:
        return "Nothing was changed: the note said this already."
    letter = reworded.kept_letter
    if letter is not None:
        own = "has an introduction of its own, which stays as it is"
        return f"The note was saved. {letter.in_words} {own}: look whether it is still right."
    if reworded.ended_approval:
        return "The note was saved. This ended the approval of its letter: approve it again."
    return "The note was saved."


def _sentence(refusal: PprmailError) -> str:
    return f"{refusal.message[:1].upper()}{refusal.message[1:]}."


def _page(
    request: Request,
    *,
    problem: str = "",
    given: dict[str, Any] | None = None,
    wrong: dict[str, Any] | None = None,
) -> Response:
    name = name_of_issue(request)
    try:
        issue, corrected = corrections.corrections_of(newsroom_of(request), name, now=utc_now())
    except StateError as refusal:
        # The page of its progress says the same; a sentence that is kept for it would be a change.
        said = _sentence(refusal) if request.method == "POST" else ""
        return go(request, f"issues/{name}/progress", said=said)
    return issue_page(
        request,
        "corrections",
        issue,
        here="/corrections",
        status=422 if problem or wrong else 200,
        title=f"Corrections: {issue.in_words}",
        corrected=corrected,
        problem=problem,
        given=given or {},
        wrong=wrong or {},
    )

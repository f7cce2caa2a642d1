"""One reader: the whole story, and what an editor may do about it."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.errors import UNAVAILABLE, NotFoundError, PprmailError
from pprmail.model.calendar import in_words
from pprmail.model.subscriber import SubscriberStatus
from pprmail.services.ending import Ending, Why, end_reader
from pprmail.services.inviting import Asking, invite_reader
from pprmail.services.reader_story import ReaderStory, reader_story
from pprmail.services.readers import SUPPRESSED
from pprmail.services.rights import Erasing, erase_reader
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import Desk, desk_page, go, signed_in, text_of

WORD: Final = "erase"
NO_WHY: Final = "Please choose a reason."
NO_WORDS: Final = "Please say in a few words what the reason is."
NO_REASON: Final = "Please say why this reader is asked again."
NOT_TYPED: Final = f"Please type the word “{WORD}”, to be sure that this is meant."
LONGEST: Final = 500


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    one = f"{prefix}/editor/subscribers/{{reader}}"
    return [
        Route(one, OneReader),
        Route(f"{one}/end", Ended),
        Route(f"{one}/invite", Invited),
        Route(f"{one}/erase", Erased),
    ]


class OneReader(Desk):
    """The story."""

    def get(self, request: Request) -> Response:
        """Tell it."""
        return _page(request, _story(request))


class Ended(Desk):
    """Where a reader's letters are ended."""

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """End them, for a reason."""
        story, why, words = _story(request), text_of(fields, "why"), text_of(fields, "words")
        wrong = _wrong_with(why, words.strip())
        if wrong:
            return _page(request, story, wrong, why=why, words=words)
        ending, app = Ending(Why(why), words[:LONGEST]), app_of(request)
        name, who = story.reader.public_id, signed_in(request).email
        is_new = end_reader(app.database, name, ending, who=who, now=utc_now())
        said = (
            "No more letters go to this reader." if is_new else "These letters had ended already."
        )
        return go(request, f"subscribers/{name}", said=said)


class Invited(Desk):
    """Where a reader is asked by mail to confirm, or to come back."""

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Queue the mail, within the bounds that hold for everybody."""
        story, reason = _story(request), text_of(fields, "reason").strip()[:LONGEST]
        if story.reader.status is SubscriberStatus.ENDED and not reason:
            return _page(request, story, {"reason": NO_REASON})
        app, me = app_of(request), signed_in(request)
        asking = Asking(me.name, me.email, reason)
        try:
            asked = invite_reader(app.sign_ups, story.reader.public_id, asking, now=utc_now())
        except (NotFoundError, *UNAVAILABLE):
            raise
        except PprmailError as refusal:
            wrong = {"invite": f"{refusal.message}. {refusal.remedy.capitalize()}."}
            return _page(request, story, wrong, reason=reason)
        until = in_words(asked.good_until, app.newsroom.masthead.zone)
        said = f"An invitation is on its way. Its link is good until {until}."
        return go(request, f"subscribers/{story.reader.public_id}", said=said)


class Erased(Desk):
    """Where a person is forgotten."""

    must_be_fresh = True

    def get(self, request: Request) -> Response:
        """Say what will happen."""
        return _erase_page(request, _story(request))

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Forget this person, for a reason, if the word was typed."""
        story, why, word = _story(request), text_of(fields, "why"), text_of(fields, "word")
        wrong = {} if why in set(Why) else {"why": NO_WHY}
        if word.strip().lower() != WORD:
            wrong["word"] = NOT_TYPED
        if wrong:
            return _erase_page(request, story, wrong, why=why)
        app, name = app_of(request), story.reader.public_id
        erasing = Erasing(signed_in(request).email, app.signer, Why(why))
        erase_reader(app.database, name, erasing, now=utc_now())
        said = "Erased. Nothing personal is left of this reader, and no list brings it back."
        return go(request, f"subscribers/{name}", said=said)


def _story(request: Request) -> ReaderStory:
    name = request.path_params["reader"]
    return reader_story(app_of(request).newsroom, name, now=utc_now())


def _wrong_with(why: str, words: str) -> dict[str, str]:
    if why not in set(Why):
        return {"why": NO_WHY}
    return {"words": NO_WORDS} if why == Why.OTHER and not words else {}


def _page(
    request: Request, story: ReaderStory, wrong: dict[str, str] | None = None, **typed: str
) -> Response:
    return desk_page(
        request,
        "reader",
        status=422 if wrong else 200,
        title=story.reader.name or story.reader.email or "An erased reader",
        story=story,
        reader=story.reader,
        suppressed=SUPPRESSED if story.is_suppressed else "",
        whys=list(Why),
        wrong=wrong or {},
        typed={"why": "", "words": "", "reason": ""} | typed,
    )


def _erase_page(
    request: Request, story: ReaderStory, wrong: dict[str, str] | None = None, *, why: str = ""
) -> Response:
    return desk_page(
        request,
        "reader_erase",
        status=422 if wrong else 200,
        title="Erase this reader",
        reader=story.reader,
        word=WORD,
        whys=list(Why),
        why=why,
        wrong=wrong or {},
    )

"""People: who may sit at the desk. For admins alone."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.errors import StateError
from pprmail.model.editor import Role
from pprmail.services.people import Act, Invited
from pprmail.web.answers import app_of
from pprmail.web.editor.cookies import SESSION, drop
from pprmail.web.editor.desk import Desk, desk_page, go, signed_in, text_of

NO_ADDRESS: Final = "Please write a whole email address, such as name@example.org."


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [
        Route(f"{prefix}/editor/people", People),
        Route(f"{prefix}/editor/people/invite", Inviting),
        Route(f"{prefix}/editor/people/{{person}}", Person),
        Route(f"{prefix}/editor/people/{{person}}/invitation", InvitingAgain),
        Route(f"{prefix}/editor/people/{{person}}/remove", Removing),
    ]


class People(Desk):
    """The list."""

    least = Role.ADMIN

    def get(self, request: Request) -> Response:
        """Show who there is."""
        found = app_of(request).staff.people.everybody()
        return desk_page(request, "people", title="People", people=found)


class Inviting(Desk):
    """Where somebody is invited."""

    least = Role.ADMIN
    must_be_fresh = True

    def get(self, request: Request) -> Response:
        """Show the form."""
        return _invite_page(request, "", Role.EDITOR)

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Mail the invitation; its link is shown on no page."""
        address, role = text_of(fields, "email").strip(), _role(fields)
        try:
            found = app_of(request).staff.people.invite(address, role, act=_act(request))
        except ValueError:
            return _invite_page(request, address, role, problem=NO_ADDRESS)
        except StateError as refusal:
            return _invite_page(request, address, role, problem=f"{_sentence(refusal)}")
        return go(request, "people", said=_mailed(found))


class Person(Desk):
    """One of them."""

    least = Role.ADMIN
    must_be_fresh = True

    def get(self, request: Request) -> Response:
        """Show what can be done."""
        return _person_page(request)

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Change the role."""
        version = text_of(fields, "version")
        people, name = app_of(request).staff.people, request.path_params["person"]
        seen = int(version) if version.isdecimal() else 0
        try:
            changed = people.change_role(name, _role(fields), version=seen, act=_act(request))
        except StateError as refusal:
            return _person_page(request, problem=_sentence(refusal))
        return go(request, "people", said=f"{changed.email} is {_called(changed.role)} now.")


class InvitingAgain(Desk):
    """Where a new invitation is mailed."""

    least = Role.ADMIN
    must_be_fresh = True

    def post(self, request: Request, _: dict[str, Any]) -> Response:
        """Mail it; the link of the older one is void."""
        people, name = app_of(request).staff.people, request.path_params["person"]
        try:
            found = people.invite_again(name, act=_act(request))
        except StateError as refusal:
            return _person_page(request, problem=_sentence(refusal))
        return go(request, "people", said=_mailed(found))


class Removing(Desk):
    """Where somebody is removed."""

    least = Role.ADMIN
    must_be_fresh = True

    def post(self, request: Request, _: dict[str, Any]) -> Response:
        """Remove; every browser of that person is signed out at once."""
        people, name = app_of(request).staff.people, people_named(request)
        try:
            gone = people.remove(name, act=_act(request))
        except StateError as refusal:
            return _person_page(request, problem=_sentence(refusal))
        if gone == signed_in(request).email:
            return _gone(request)
        return go(request, "people", said=f"{gone} was removed, and signed out everywhere.")


def people_named(request: Request) -> str:
    """Give the public id of who is meant; NotFoundError if nobody has it."""
    return app_of(request).staff.people.person(request.path_params["person"]).public_id


def _invite_page(request: Request, address: str, role: Role, *, problem: str = "") -> Response:
    shown: dict[str, Any] = {
        "title": "Invite somebody",
        "address": address,
        "role": role,
        "problem": problem,
    }
    return desk_page(request, "invite", status=422 if problem else 200, **shown)


def _person_page(request: Request, *, problem: str = "") -> Response:
    found = app_of(request).staff.people.person(request.path_params["person"])
    shown: dict[str, Any] = {
        "title": found.name or found.email,
        "person": found,
        "problem": problem,
    }
    return desk_page(request, "person", status=422 if problem else 200, **shown)


def _gone(request: Request) -> Response:
    request.state.signed_in = None  # The session ended with the account.
    response = desk_page(request, "gone", title="You are no editor any more")
    drop(request, response, SESSION)
    return response


def _act(request: Request) -> Act:
    mine = signed_in(request)
    return Act(mine.email, mine.name, utc_now())


def _role(fields: dict[str, Any]) -> Role:
    return Role.ADMIN if text_of(fields, "role") == Role.ADMIN else Role.EDITOR


def _called(role: Role) -> str:
    return "an admin" if role is Role.ADMIN else "an editor"


def _mailed(found: Invited) -> str:
    return (
        f"An invitation is on its way to {found.editor.email}. It is good until {found.good_until}."
    )


def _sentence(refusal: StateError) -> str:
    advice = f" {refusal.remedy[:1].upper()}{refusal.remedy[1:]}." if refusal.remedy else ""
    return f"{refusal.message[:1].upper()}{refusal.message[1:]}.{advice}"

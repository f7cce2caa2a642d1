from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from python_http_client.exceptions import MethodNotAllowedError, NotFoundError

if TYPE_CHECKING:
    from sandbox.conftest import Caller, CallerOf, MakeSandbox


def test_a_path_that_is_not_there_is_not_found(client: Any) -> None:
    with pytest.raises(NotFoundError) as caught:
        client.mail.sent.post(request_body={})

    assert caught.value.to_dict == {
        "errors": [{"message": "not found", "field": None, "help": None}]
    }


def test_a_method_that_does_not_fit_is_not_allowed(client: Any) -> None:
    with pytest.raises(MethodNotAllowedError) as caught:
        client.mail.send.get()

    assert caught.value.to_dict["errors"][0]["message"] == "method not allowed"


@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "TRACE", "BREW"])
def test_any_other_method_gets_the_same_answer(caller: Caller, method: str) -> None:
    assert caller.call(method, "/v3/mail/send").status == 405
    assert caller.call(method, "/v3/nothing").status == 404


def test_head_is_answered_without_a_body(caller: Caller) -> None:
    answer = caller.call("HEAD", "/v3/mail/send")

    assert (answer.status, answer.body) == (405, b"")


@pytest.mark.parametrize("path", ["/v3/mail/send", "/v3/scopes", "/v3/suppression/bounces", "/"])
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer  ", "Basic SG.key", "SG.key"])
def test_without_a_key_nobody_is_let_in(caller: Caller, path: str, header: str) -> None:
    answer = caller.call("GET", path, Authorization=header)

    assert answer.status == 401
    assert answer.fields == [None]


def test_the_key_is_demanded_when_there_is_one(
    make_sandbox: MakeSandbox, caller_of: CallerOf
) -> None:
    caller = caller_of(make_sandbox(api_key="SG.right"))

    assert caller.call("GET", "/v3/scopes").status == 401
    assert caller.call("GET", "/v3/scopes", Authorization="Bearer SG.right").status == 200

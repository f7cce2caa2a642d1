from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from python_http_client.exceptions import BadRequestsError, NotFoundError

if TYPE_CHECKING:
    from sandbox.conftest import Caller, SetClock

SCHEDULED = "/v3/user/scheduled_sends"


def _new_batch(client: Any) -> str:
    response = client.mail.batch.post()
    assert response.status_code == 201
    batch_id: str = json.loads(response.body)["batch_id"]
    return batch_id


def _hold(client: Any, batch_id: str, status: str) -> Any:
    wish = {"batch_id": batch_id, "status": status}
    return client.user.scheduled_sends.post(request_body=wish)


def test_a_batch_id_is_unlike_any_other_and_valid(client: Any) -> None:
    first, second = _new_batch(client), _new_batch(client)

    assert first != second
    response = client.mail.batch._(first).get()
    assert (response.status_code, json.loads(response.body)) == (200, {"batch_id": first})


def test_a_home_made_batch_id_is_refused(client: Any) -> None:
    with pytest.raises(BadRequestsError) as caught:
        client.mail.batch._("home-made").get()

    assert caught.value.to_dict["errors"][0]["message"] == "invalid batch id"


def test_a_batch_id_runs_out_after_ten_days(caller: Caller, clock: SetClock) -> None:
    batch_id = caller.new_batch()

    clock.move(days=9, hours=23)
    assert caller.call("GET", f"/v3/mail/batch/{batch_id}").status == 200
    clock.move(hours=1)
    assert caller.call("GET", f"/v3/mail/batch/{batch_id}").status == 400


@pytest.mark.parametrize("status", ["pause", "cancel"])
def test_a_batch_is_held_and_listed(client: Any, status: str) -> None:
    batch_id, _other = _new_batch(client), _new_batch(client)

    response = _hold(client, batch_id, status)

    line = {"batch_id": batch_id, "status": status}
    assert (response.status_code, json.loads(response.body)) == (201, line)
    assert json.loads(client.user.scheduled_sends.get().body) == [line]
    assert json.loads(client.user.scheduled_sends._(batch_id).get().body) == [line]


def test_a_batch_without_a_status_is_listed_nowhere(client: Any) -> None:
    batch_id = _new_batch(client)

    assert json.loads(client.user.scheduled_sends.get().body) == []
    assert json.loads(client.user.scheduled_sends._(batch_id).get().body) == []


def test_a_second_post_on_a_batch_is_refused_and_changes_nothing(client: Any) -> None:
    batch_id = _new_batch(client)
    _hold(client, batch_id, "pause")

    with pytest.raises(BadRequestsError):
        _hold(client, batch_id, "cancel")

    [line] = json.loads(client.user.scheduled_sends._(batch_id).get().body)
    assert line["status"] == "pause"


def test_patch_changes_a_status_and_delete_removes_it(client: Any) -> None:
    batch_id = _new_batch(client)
    _hold(client, batch_id, "pause")
    one = client.user.scheduled_sends._(batch_id)

    assert one.patch(request_body={"status": "cancel"}).status_code == 204
    assert json.loads(one.get().body)[0]["status"] == "cancel"
    assert one.delete().status_code == 204
    assert json.loads(one.get().body) == []


def test_patch_and_delete_need_a_status(client: Any) -> None:
    one = client.user.scheduled_sends._(_new_batch(client))

    with pytest.raises(NotFoundError):
        one.patch(request_body={"status": "cancel"})
    with pytest.raises(NotFoundError):
        one.delete()


def test_an_eleventh_hold_is_refused_until_one_is_released(caller: Caller) -> None:
    batches = [caller.new_batch() for _ in range(11)]
    answers = [caller.hold(batch_id).status for batch_id in batches]

    assert answers == [201] * 10 + [400]
    assert caller.call("DELETE", f"{SCHEDULED}/{batches[0]}").status == 204
    assert caller.hold(batches[10]).status == 201


@pytest.mark.parametrize(
    "wish",
    [
        {"batch_id": "home-made", "status": "cancel"},
        {"batch_id": 7, "status": "cancel"},
        {"status": "cancel"},
        [],
        "cancel",
    ],
)
def test_what_cannot_be_held_is_refused(caller: Caller, wish: Any) -> None:
    assert caller.call("POST", SCHEDULED, wish).status == 400


@pytest.mark.parametrize("status", ["stop", "", None, 7, ["cancel"]])
def test_an_unknown_status_is_refused(caller: Caller, status: Any) -> None:
    batch_id = caller.new_batch()
    answer = caller.call("POST", SCHEDULED, {"batch_id": batch_id, "status": status})

    assert (answer.status, answer.fields) == (400, ["status"])
    caller.hold(batch_id)
    assert caller.call("PATCH", f"{SCHEDULED}/{batch_id}", {"status": status}).status == 400

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.conftest import Caller

SIGNED = "/v3/user/webhooks/event/settings/signed"


def test_the_scopes_say_that_the_key_can_send_and_cancel(client: Any) -> None:
    scopes = json.loads(client.scopes.get().body)["scopes"]

    assert {"mail.send", "mail.batch.create", "user.scheduled_sends.create"} <= set(scopes)


def test_the_public_key_is_told_without_and_with_the_id(client: Any, caller: Caller) -> None:
    webhook_id, public_key = caller.sandbox.webhook_id, caller.sandbox.public_key

    signed = client.user.webhooks.event.settings.signed
    assert json.loads(signed.get().body) == {"id": "", "public_key": public_key}
    assert json.loads(signed._(webhook_id).get().body) == {
        "id": webhook_id,
        "public_key": public_key,
    }


def test_the_key_of_another_webhook_is_not_there(caller: Caller) -> None:
    assert caller.call("GET", f"{SIGNED}/another").status == 404

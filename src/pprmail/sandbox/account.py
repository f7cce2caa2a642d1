"""The endpoints about the account itself: what the key may do, and the webhook's public key."""

from uuid import uuid4

from pprmail.sandbox.call import Call, Reply, answer, refused

SCOPES = (
    "mail.send",
    "mail.batch.create",
    "mail.batch.read",
    "user.scheduled_sends.create",
    "user.scheduled_sends.read",
    "user.scheduled_sends.update",
    "user.scheduled_sends.delete",
    "suppression.read",
    "user.webhooks.event.settings.read",
)


class Account:
    """One account with one signed Event Webhook."""

    def __init__(self, *, public_key: str) -> None:
        self.webhook_id = str(uuid4())
        self._public_key = public_key

    def scopes(self, _: Call) -> Reply:
        """List what any key may do here."""
        return answer(200, {"scopes": SCOPES})

    def signed_webhook(self, _: Call, webhook_id: str = "") -> Reply:
        """Tell the public key; the id comes back as it was asked for, empty if it was not."""
        if webhook_id not in {"", self.webhook_id}:
            return refused(404, "Invalid id provided.")
        return answer(200, {"id": webhook_id, "public_key": self._public_key})

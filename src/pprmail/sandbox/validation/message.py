"""The rules for a whole request to mail/send: `objections_to` knows them all."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pprmail.sandbox.objection import Objection
from pprmail.sandbox.validation.arguments import (
    check_custom_args,
    check_headers,
    check_merged_arguments,
)
from pprmail.sandbox.validation.content import (
    check_attachments,
    check_categories,
    check_contents,
    check_subject,
)
from pprmail.sandbox.validation.people import check_person, check_reply_to_list
from pprmail.sandbox.validation.personalizations import check_personalizations
from pprmail.sandbox.validation.settings import (
    check_asm,
    check_mail_settings,
    check_pool_name,
    check_tracking_settings,
)
from pprmail.sandbox.validation.spot import Check, Spot, check_fields

FURTHEST_SEND_AT = timedelta(hours=72)


def objections_to(
    message: Any, *, now: datetime, knows_batch: Callable[[str], bool]
) -> tuple[Objection, ...]:
    """List everything that SendGrid would refuse in a request, up to a hundred; none: it is good.

    The rules are those of the published specification, of the error reference and of the
    limitations page of Mail Send; where they differ, the stricter one.
    """
    root = Spot(message)
    check_send_at = partial(_check_send_at, latest=(now + FURTHEST_SEND_AT).timestamp())
    checks = _CHECKS | {
        "personalizations": partial(check_personalizations, check_send_at=check_send_at),
        "send_at": check_send_at,
        "batch_id": partial(_check_batch_id, knows=knows_batch),
    }
    if check_fields(root, checks=checks) is not None:
        _check_together(root)
    return root.objections


def _check_send_at(spot: Spot, *, latest: float) -> None:
    moment = spot.expect(int)
    if moment is not None and moment > latest:
        spot.object_to("Scheduling more than 72 hours in advance is forbidden.")


def _check_batch_id(spot: Spot, *, knows: Callable[[str], bool]) -> None:
    # The live service takes an id of any make and then loses the mail without a word
    # (smtpapi-nodejs#21): here it is said.
    batch_id = spot.expect(str)
    if batch_id is not None and not knows(batch_id):
        spot.object_to("The batch_id is not one that was issued here.")


def _check_text(spot: Spot) -> None:
    spot.expect(str)


_CHECKS: dict[str, Check] = {
    "from": check_person,
    "reply_to": check_person,
    "reply_to_list": check_reply_to_list,
    "subject": check_subject,
    "content": check_contents,
    "attachments": check_attachments,
    "template_id": _check_text,
    "headers": check_headers,
    "categories": check_categories,
    "custom_args": check_custom_args,
    "asm": check_asm,
    "ip_pool_name": check_pool_name,
    "mail_settings": check_mail_settings,
    "tracking_settings": check_tracking_settings,
}


def _check_together(root: Spot) -> None:
    for name in ("personalizations", "from"):
        if name not in root.value:
            root.object_to(f"The {name} parameter is required.", at=name)
    if "reply_to" in root.value and "reply_to_list" in root.value:
        root.object_to("Use either reply_to or reply_to_list.", at="reply_to_list")
    if isinstance(root.value.get("personalizations"), list):
        check_merged_arguments(root)
    if "template_id" in root.value:
        _check_dynamic(root)
    else:
        _check_complete(root)


def _check_dynamic(root: Spot) -> None:
    if not str(root.value["template_id"]).startswith("d-"):
        return
    for each in _personalizations(root):
        if "substitutions" in each.value:
            each.object_to("Not to be used with dynamic templates.", at="substitutions")


def _check_complete(root: Spot) -> None:
    people = _personalizations(root)
    named = people and all("subject" in each.value for each in people)
    if "subject" not in root.value and not named:
        root.object_to("The subject is required, here or in each personalization.", at="subject")
    if "content" not in root.value:
        root.object_to("The content is required unless a template has it.", at="content")


def _personalizations(root: Spot) -> list[Spot]:
    if not isinstance(root.value.get("personalizations"), list):
        return []
    spot = root.child("personalizations")
    items = [spot.child(index) for index in range(len(spot.value))]
    return [each for each in items if isinstance(each.value, dict)]

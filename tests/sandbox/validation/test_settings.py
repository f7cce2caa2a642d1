from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sandbox.validation.conftest import Judge


TRACKING: dict[str, dict[str, Any]] = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False, "substitution_tag": "%open%"},
    "subscription_tracking": {"enable": False, "text": "a", "html": "b", "substitution_tag": "c"},
    "ganalytics": {
        "enable": False,
        "utm_source": "a",
        "utm_medium": "b",
        "utm_term": "c",
        "utm_content": "d",
        "utm_campaign": "e",
    },
}
MAIL: dict[str, dict[str, Any]] = {
    "bypass_spam_management": {"enable": True},
    "bypass_bounce_management": {"enable": True},
    "bypass_unsubscribe_management": {"enable": True},
    "bypass_list_management": {"enable": False},
    "footer": {"enable": True, "text": "a", "html": "b"},
    "sandbox_mode": {"enable": False},
}


def _wrong_kinds(settings: str, groups: dict[str, dict[str, Any]]) -> list[str]:
    return [f"{settings}.{group}.{name}" for group, names in groups.items() for name in names]


@pytest.mark.parametrize(
    "place",
    [*_wrong_kinds("tracking_settings", TRACKING), *_wrong_kinds("mail_settings", MAIL)],
)
def test_each_setting_of_another_type_is_named(judge: Judge, place: str) -> None:
    assert judge({place: 1}).fields == [place]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tracking_settings": []}, "tracking_settings"),
        ({"tracking_settings.click_tracking": True}, "tracking_settings.click_tracking"),
        ({"tracking_settings.clicks": {}}, "tracking_settings.clicks"),
        ({"tracking_settings.ganalytics.utm": "a"}, "tracking_settings.ganalytics.utm"),
        ({"mail_settings": None}, "mail_settings"),
        ({"mail_settings.sandbox": {"enable": True}}, "mail_settings.sandbox"),
        (
            {"mail_settings": MAIL | {"bypass_list_management": {"enable": True}}},
            "mail_settings.bypass_list_management",
        ),
        ({"asm": 7}, "asm"),
        ({"asm": {}}, "asm.group_id"),
        ({"asm.group_id": "7"}, "asm.group_id"),
        ({"asm.group_id": True}, "asm.group_id"),
        ({"asm": {"group_id": 7, "groups_to_display": 7}}, "asm.groups_to_display"),
        ({"asm": {"group_id": 7, "groups_to_display": ["7"]}}, "asm.groups_to_display.0"),
        ({"asm": {"group_id": 7, "groups_to_display": [7] * 26}}, "asm.groups_to_display"),
        ({"asm": {"group_id": 7, "groups": [7]}}, "asm.groups"),
        ({"ip_pool_name": "a"}, "ip_pool_name"),
        ({"ip_pool_name": "a" * 65}, "ip_pool_name"),
        ({"ip_pool_name": 7}, "ip_pool_name"),
    ],
)
def test_each_fault_of_the_settings_is_named(
    judge: Judge, changes: dict[str, Any], field: str
) -> None:
    answer = judge(changes)

    assert answer.status == 400
    assert answer.fields == [field]


@pytest.mark.parametrize(
    "changes",
    [
        {"tracking_settings": TRACKING},
        {"mail_settings": MAIL},
        {"mail_settings": {"bypass_list_management": {"enable": True}}},
        {"asm": {"group_id": 7, "groups_to_display": [7] * 25}},
        {"ip_pool_name": "ab"},
        {"ip_pool_name": "a" * 64},
    ],
)
def test_known_settings_are_taken(judge: Judge, changes: dict[str, Any]) -> None:
    assert judge(changes).status == 202

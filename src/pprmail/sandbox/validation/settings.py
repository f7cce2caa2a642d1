"""The rules for what steers a message: asm, pool, mail_settings, tracking_settings."""

from collections.abc import Mapping
from functools import partial

from pprmail.sandbox.validation.spot import Spot, check_fields

MOST_GROUPS_SHOWN = 25
POOL_NAME_LENGTHS = range(2, 65)

_SWITCH = {"enable": bool}
_MAIL: Mapping[str, Mapping[str, type]] = {
    "bypass_list_management": _SWITCH,
    "bypass_spam_management": _SWITCH,
    "bypass_bounce_management": _SWITCH,
    "bypass_unsubscribe_management": _SWITCH,
    "footer": {"enable": bool, "text": str, "html": str},
    "sandbox_mode": _SWITCH,
}
_TRACKING: Mapping[str, Mapping[str, type]] = {
    "click_tracking": {"enable": bool, "enable_text": bool},
    "open_tracking": {"enable": bool, "substitution_tag": str},
    "subscription_tracking": {"enable": bool, "text": str, "html": str, "substitution_tag": str},
    "ganalytics": {
        "enable": bool,
        **dict.fromkeys(
            ("utm_source", "utm_medium", "utm_term", "utm_content", "utm_campaign"), str
        ),
    },
}


def check_mail_settings(spot: Spot) -> None:
    """Demand known settings of the right types; the widest bypass stands alone."""
    _check_groups(spot, groups=_MAIL)
    settings = spot.value if isinstance(spot.value, dict) else {}
    bypasses = [name for name in settings if name.startswith("bypass_") and _on(settings[name])]
    if "bypass_list_management" in bypasses and len(bypasses) > 1:
        spot.object_to("It cannot be combined with other bypasses.", at="bypass_list_management")


def _on(setting: object) -> bool:
    return isinstance(setting, dict) and setting.get("enable") is True


def check_tracking_settings(spot: Spot) -> None:
    """Demand known settings of the right types."""
    _check_groups(spot, groups=_TRACKING)


def _check_groups(spot: Spot, *, groups: Mapping[str, Mapping[str, type]]) -> None:
    check_fields(
        spot,
        checks={name: partial(_check_group, kinds=kinds) for name, kinds in groups.items()},
    )


def _check_group(spot: Spot, *, kinds: Mapping[str, type]) -> None:
    check_fields(
        spot, checks={name: partial(Spot.expect, kind=kind) for name, kind in kinds.items()}
    )


def check_asm(spot: Spot) -> None:
    """Demand the number of a suppression group; at most 25 to show."""
    checks = {"group_id": _check_integer, "groups_to_display": _check_groups_to_display}
    fields = check_fields(spot, checks=checks)
    if fields is not None and "group_id" not in fields:
        spot.object_to("The ASM group ID is required.", at="group_id")


def _check_groups_to_display(spot: Spot) -> None:
    groups = spot.children() or []
    for group in groups:
        _check_integer(group)
    if len(groups) > MOST_GROUPS_SHOWN:
        spot.object_to(f"At most {MOST_GROUPS_SHOWN} groups can be displayed.")


def _check_integer(spot: Spot) -> None:
    spot.expect(int)


def check_pool_name(spot: Spot) -> None:
    """Demand 2 to 64 characters."""
    name = spot.expect(str)
    if name is not None and len(name) not in POOL_NAME_LENGTHS:
        spot.object_to("The name of an IP pool has 2 to 64 characters.")

"""The masthead that settings describe."""

from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pprmail.config.settings import Settings
from pprmail.model.masthead import Brand, Masthead


def masthead_of(settings: Settings) -> Masthead:
    """Make the masthead; what is left empty is made of what is given."""
    given = settings.newsletter
    return Masthead(
        name=given.name,
        from_name=given.from_name or given.name,
        from_email=given.from_email,
        reply_to=given.reply_to or given.from_email,
        postal_address=given.postal_address,
        base_url=given.base_url,
        zone=ZoneInfo(given.timezone),
        list_id=given.list_id or f"letter.{urlsplit(given.base_url).hostname}",
        brand=Brand(**settings.brand.model_dump()),
    )

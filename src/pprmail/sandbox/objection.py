"""An objection: one thing that SendGrid would not take, named as SendGrid names it."""

from dataclasses import dataclass

HELP = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#message."


@dataclass(frozen=True, slots=True)
class Objection:
    """A message and the dotted field it is about, such as `personalizations.17.to.0.email`."""

    message: str
    field: str | None = None

    def as_json(self) -> dict[str, str | None]:
        """Show it in the one shape that all of SendGrid's errors have."""
        return {"message": self.message, "field": self.field, "help": self._help()}

    def _help(self) -> str | None:
        if self.field is None:
            return None
        return HELP + ".".join(part for part in self.field.split(".") if not part.isdigit())


# SendGrid decodes texts before it checks anything: a number where custom_args, headers or
# substitutions hold a text gets this answer alone, with no hint (sendgrid-nodejs#288).
BAD_REQUEST = Objection("Bad Request")

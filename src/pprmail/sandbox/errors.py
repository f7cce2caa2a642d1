"""The one error that the sandbox raises."""


class SandboxError(Exception):
    """The sandbox can't do what it was told: the message says what to change."""

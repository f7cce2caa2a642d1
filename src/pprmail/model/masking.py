"""Masking: an address as it may be shown where somebody else might look."""


def masked(address: str) -> str:
    """Show the first letter of an address and its domain, so that its owner knows which is meant."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"

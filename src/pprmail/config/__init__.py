"""The configuration: `config.toml` beside the workspace's files, and the environment, which wins."""

from pprmail.config.loading import every_key, load
from pprmail.config.masthead import masthead_of
from pprmail.config.settings import Settings

__all__ = ["Settings", "every_key", "load", "masthead_of"]

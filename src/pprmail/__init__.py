"""pprmail: the pipeline behind a monthly research letter."""

__version__ = "0.1.0"

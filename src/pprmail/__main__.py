"""Lets `python -m pprmail` do what `pprmail` does."""

from pprmail.cli import main

main()

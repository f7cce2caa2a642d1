"""Runs the benchmarks: `make bench`."""

from bench import dispatch

dispatch.main()

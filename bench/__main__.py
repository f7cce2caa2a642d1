"""Runs the benchmarks: `make bench`."""

from bench import dispatch, events

dispatch.main()
events.main()

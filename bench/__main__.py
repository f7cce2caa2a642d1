"""Runs the benchmarks: `make bench`."""

from bench import dispatch, events, lists

dispatch.main()
events.main()
lists.main()

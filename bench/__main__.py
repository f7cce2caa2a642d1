"""Runs the benchmarks: `make bench`."""

from bench import dispatch, events, pages

dispatch.main()
events.main()
pages.main()

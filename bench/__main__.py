"""Runs the benchmarks: `make bench`."""

from bench import dispatch, events, signing_up

dispatch.main()
events.main()
signing_up.main()

"""Runs the benchmarks: `make bench`."""

from bench import bars, desk, dispatch, events, lists, pages, signing_in, signing_up

dispatch.main()
events.main()
lists.main()
signing_up.main()
signing_in.main()
pages.main()
desk.main()
bars.end()

"""Runs the benchmarks: `make bench`."""

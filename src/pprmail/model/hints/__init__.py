"""Hints: what is odd in a summary's own words, found by rules that know this kind of text."""

"""Dispatch: freeze, claim, send, record, settle. It never renders, and it never sends on a doubt."""

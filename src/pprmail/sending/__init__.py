"""The only room that knows providers: envelopes out, receipts and reported events in."""

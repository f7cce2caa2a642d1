"""The door for browsers, mail programs and the provider: parse, call one service, show."""

"""The verbs: each function is one thing a person or the clock does, and owns its transactions."""

"""What mail/send takes and what it refuses: rules without state, clock or socket."""

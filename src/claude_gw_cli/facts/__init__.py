"""What Claude Code and the gateways do, as data with a source. No I/O, no decisions."""

"""Where keys come from: one file per source, one protocol (reference -> value + expiry)."""

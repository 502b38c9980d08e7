"""argv in, exit code out: one command per file."""

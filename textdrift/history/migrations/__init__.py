"""How the schema of the history grew: one file a revision, never changed once it is released."""

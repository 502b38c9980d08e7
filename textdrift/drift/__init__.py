"""Two representations in, ``DriftResult`` out: the tests, one file each, in families that answer one question."""

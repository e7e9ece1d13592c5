"""Pub/sub of bytes. Knows nothing of colonies, and could be lifted out whole."""

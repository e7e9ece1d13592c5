"""What every implementation of the wire is held to, as JSON with hex; README.md says how to read it."""

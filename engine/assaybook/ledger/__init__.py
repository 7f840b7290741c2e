"""Signed statements: what a person said, in an envelope that anyone can check."""

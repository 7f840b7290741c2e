"""What lint says, by code: meaning, remedy, an example that fails and one that passes."""

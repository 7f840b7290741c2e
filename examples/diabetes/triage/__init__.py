"""A small pipeline that trains, measures and documents the diabetes triage model."""

"""Bytes of other tools to evidence: detection, adapters, envelope, manifest."""

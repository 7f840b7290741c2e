"""Findings to pages: view models, charts, HTML, PDF, JSON, CSV."""

"""Rows, queries, migrations and the one commit site."""

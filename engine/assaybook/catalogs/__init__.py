"""Catalog text to controls and crosswalks."""

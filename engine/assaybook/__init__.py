"""Policy-as-code compliance engine for machine-learning systems."""

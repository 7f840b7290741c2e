"""Policy text to policies: YAML with positions, expressions, checks, plain words."""

"""Pure types and rules: the words of the house, without any input or output."""

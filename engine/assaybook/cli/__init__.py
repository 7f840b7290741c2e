"""The command line: parse, call one service function, shape the answer."""

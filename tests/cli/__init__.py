"""The command line: each verb, and every way to use it wrongly."""

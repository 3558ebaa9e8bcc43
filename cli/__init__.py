"""The `termijn` command: thin, over tasks and flows."""

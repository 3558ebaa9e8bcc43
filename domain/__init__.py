"""What the law says, in plain Python: no clock, no files, no network, no Prefect."""

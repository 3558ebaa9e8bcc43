"""What an auditor runs without us: one file that needs Python and nothing of this program."""

"""Verbs of the office: each joins one decision of the domain to one port."""

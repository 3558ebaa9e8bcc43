"""Ports to the systems that hold personal data."""

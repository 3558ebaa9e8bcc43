"""A system in memory: the twin of every connector and the oracle of the contract suite."""

from connectors.in_memory.connector import InMemoryConnector

__all__ = ["InMemoryConnector"]

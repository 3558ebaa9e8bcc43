"""Our own administration as a system like any other."""

from connectors.own.connector import Keeper, OwnConnector

__all__ = ["Keeper", "OwnConnector"]

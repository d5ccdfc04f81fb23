"""The model server, its client and its event store; importing this stays light (no TensorFlow, no pandas)."""

from .client import Client
from .process import Running, connect, find_server, start

__all__ = ["Client", "Running", "connect", "find_server", "start"]

"""The model server, its client and its event store. Importing this package loads neither TensorFlow nor pandas."""

from .client import Client
from .process import Running, connect, find_server, start

__all__ = ["Client", "Running", "connect", "find_server", "start"]

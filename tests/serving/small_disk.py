"A disk on which no file can grow: what a full one refuses, without mounting anything"

import resource
from contextlib import contextmanager


@contextmanager
def no_file_above(size):
    "Writes beyond `size` bytes of a file fail in this process until the block ends"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

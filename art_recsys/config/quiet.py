"""Loading TensorFlow without its remarks: on a machine with no GPU it tells of missing CUDA drivers, twice, past every log level."""

import os
import sys
import tempfile
from contextlib import contextmanager

__all__ = ["quiet_loading"]


@contextmanager
def quiet_loading():
    "Keep back what is written to the process's stderr in this block, and show it if the block fails"
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(kept, 2)
            said.seek(0)
            os.write(2, said.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)

__version__ = "0.1.0"

import os as _os

# TFRS 0.7.7 needs Keras 2 (tf_keras), and the choice is read when tf.keras is first touched: so it is made here, once.
_os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
_os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

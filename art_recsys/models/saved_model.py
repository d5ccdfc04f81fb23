"""TensorFlow's SavedModel, written without TensorFlow's log lines."""

from pathlib import Path

import tensorflow as tf

__all__ = ["save_module"]


def save_module(
    module: tf.Module,  # its functions have input signatures
    path: Path,  # a folder, made here
) -> None:
    "Save a module as a SavedModel; the lines that TensorFlow logs about the folder are left out"
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel("ERROR")
    try:
        tf.saved_model.save(module, str(path))
    finally:
        logger.setLevel(level)

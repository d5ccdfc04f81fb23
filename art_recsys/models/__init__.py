"""What the models stand on: vocabularies, sequences, checkpoints, nearest neighbours, baselines."""

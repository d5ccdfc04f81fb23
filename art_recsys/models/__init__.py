"""The plain parts of the models: baselines, vocabularies, sequences, checkpoints, co-occurrence, saved files."""

"""The name of `platform.embedded` in 0.1.0. It holds only `jobs`, which crontabs of that release still call."""

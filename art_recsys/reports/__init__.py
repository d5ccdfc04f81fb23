"""Reports of an evaluation: metrics of lists beyond hits, newcomers, the oracle, tables, plots, a page."""

"""What an evaluation looks at beyond hits, and how it is reported: lists, newcomers, tables, plots, a page."""

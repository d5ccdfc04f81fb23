"""The docs site, without Quarto: `python -m tools.docs` builds it into `_docs/`."""

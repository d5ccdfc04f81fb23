"""Metrics of ranked lists, and statistics of their means: bootstrap intervals and the paired sign-flip test."""

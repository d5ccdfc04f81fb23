"""The simulation of users at full size: their true taste, their sessions, and what they do with a page."""

"""The crowd at size: visitors with a known taste, their sessions, and what they choose."""

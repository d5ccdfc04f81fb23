"""What a language model writes, and the offline writer: prompts, clients, batches, budget, cache, phrases; and texts as vectors."""

"""Descriptions and profiles, by a language model or offline, and texts as vectors.

| module | what it holds |
| --- | --- |
| `colours` | CIE Lab, the names of colours and their families |
| `pictures` | opening a picture file, its digest, what is sent of it; `Reading`, what was measured in a picture |
| `texts`, `facts` | bounded printable text; what the catalogue knows of an artwork, in words |
| `phrases`, `lexicon`, `biographies` | tables of words for pictures, for tags and for people |
| `grammar`, `moods` | phrases from any set of tags; which moods a picture may be said to have |
| `descriptions`, `profiles`, `offline` | the offline writer: it composes sentences from measurements and facts |
| `prompts`, `replies` | what a language model is sent, and what it must answer |
| `openai_writer`, `api_replies`, `batches` | the OpenAI SDK: direct requests, their replies, the Batch API |
| `cache`, `prices` | paid answers and bills on disk; dollars per token |
| `writers`, `pool` | the choice of a writer by the settings; many requests at once |
| `text_encoder`, `image_encoder` | texts and pictures as vectors, each encoded once |
| `vectors` | what both stand on: vectors on disk, the check of bundled weights |
"""

"""A CLIP with random weights and a few thousand numbers, in the files that sentence-transformers reads."""

import json
from pathlib import Path

DIM = 8


def write_tiny_clip(folder: Path) -> str:
    "Its folder, as a setting names it"
    import torch
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor, CLIPTokenizer

    torch.manual_seed(0)
    folder.mkdir(parents=True)
    small = dict(hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, projection_dim=DIM)
    ids = dict(vocab_size=8, max_position_embeddings=8, bos_token_id=0, eos_token_id=1, pad_token_id=1)
    config = CLIPConfig(
        text_config=small | ids, vision_config=small | dict(image_size=32, patch_size=16), projection_dim=DIM
    )
    CLIPModel(config).save_pretrained(folder)
    (folder / "vocab.json").write_text(json.dumps({"<|startoftext|>": 0, "<|endoftext|>": 1, "a</w>": 2, "b</w>": 3}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    look = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    words = CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    CLIPProcessor(look, words).save_pretrained(folder)
    return str(folder)

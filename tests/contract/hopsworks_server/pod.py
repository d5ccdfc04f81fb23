"""The process of a deployment: its scripts behind HTTP, as the Python model server of a pod has them

    python -m tests.contract.hopsworks_server.pod PORT_FILE PREDICTOR [TRANSFORMER]

It loads class `Predict` (and `Transformer`) and only then writes into PORT_FILE where it listens, so who finds that
file finds a pod that is ready. On a cluster the transformer has its own pod; here both are in one.
"""

import importlib.util
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def load(script: str, name: str):
    "An instance of class `name` of a Python file"
    spec = importlib.util.spec_from_file_location(Path(script).stem, script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)()


def answer(request: dict, predictor, transformer) -> dict:
    "KServe V1: `{instances: [...]}` to `{predictions: [...]}`"
    if transformer:
        request = transformer.preprocess(request)
    made = {"predictions": predictor.predict(request["instances" if "instances" in request else "inputs"])}
    return transformer.postprocess(made) if transformer else made


def main(port_file: str, *scripts: str):
    predictor, transformer = load(scripts[0], "Predict"), load(scripts[1], "Transformer") if scripts[1:] else None

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            try:
                status, body = (
                    200,
                    answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))), predictor, transformer),
                )
            except Exception as e:
                status, body = 500, {"error": f"{type(e).__name__} : {e}"}  # KServe's words for it
            body = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    part = Path(port_file + ".part")
    part.write_text(str(server.server_port))
    part.rename(port_file)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])

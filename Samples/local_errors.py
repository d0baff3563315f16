"""Prints what quantization costs each layer of a sample, alone and in the chain: reference values for Cortado's tests.

    python3 local_errors.py shapes

Calibrates on the first batch of calibration images, with the simulation of `samplekit.py`, and compares on the same images:

    layer, local cosine, chain cosine, chain |q-o|/|o|, chain mean(q-o), share of input values whose code is clipped

"local" is the quantized layer fed what the float net feeds it. Cosines are means over images. NumPy only.
"""

import sys
import zlib
from pathlib import Path

sys.dont_write_bytecode = True

import numpy as np
import samplekit


def read_png(path):
    """RGB or grey with 8 bits and no filters, as `samplekit.write_png` makes them."""
    data = path.read_bytes()
    width, height = (int.from_bytes(data[at:at + 4], "big") for at in (16, 20))
    size = int.from_bytes(data[33:37], "big")
    rows = np.frombuffer(zlib.decompress(data[41:41 + size]), np.uint8).reshape(height, -1)
    assert not rows[:, 0].any(), "filtered rows"
    image = rows[:, 1:]
    return image.reshape(height, width, 3) if image.shape[1] == 3 * width else image


def errors(sample):
    weights = samplekit.read_caffemodel(sample.model)
    files = sorted((sample.folder / "calibration").iterdir())[:sample.net.batch]
    data = samplekit.preprocess(np.stack([read_png(f) for f in files]), sample.settings)
    layers, quantized, fake, last = samplekit.quantize(sample.net, weights, data)
    original = samplekit.forward(sample.net.layers, weights, data)
    chain = samplekit.forward(layers, quantized, data, fake)
    fused, fused_weights, _ = samplekit.fuse(sample.net, weights)
    local, clipped = {}, {}

    def alone(layer, index, x):
        """The float value goes on; its fake-quant version is what this layer alone would read."""
        inputs.setdefault(layer.name, []).append((x, fake(layer, index, x)))
        return x

    inputs = {}
    samplekit.forward(fused, fused_weights, data, alone)
    for layer in fused[1:]:
        pairs = inputs[layer.name]
        local[layer.name] = samplekit.run_layer(layer, [q for _, q in pairs], quantized.get(layer.name, []))
        # Beyond the last code by half a step or more: farther from its fake-quant value than rounding takes it.
        steps = [np.diff(np.unique(q)).min() if len(np.unique(q)) > 1 else np.inf for _, q in pairs]
        out = sum(int((np.abs(x - q) > 0.50001 * s).sum()) for (x, q), s in zip(pairs, steps))
        clipped[layer.name] = out / sum(x.size for x, _ in pairs)
    for layer in fused[1:]:
        if layer.type not in samplekit.QUANTIZED:
            continue
        o, c, l = (v.reshape(len(data), -1).astype(np.float64)
                   for v in (original[last[layer.name]], chain[layer.name], local[layer.name]))
        cosine = lambda q: float(np.mean((o * q).sum(1) / (np.linalg.norm(o, axis=1) * np.linalg.norm(q, axis=1))))
        yield (layer.name, cosine(l), cosine(c), float(np.linalg.norm(c - o) / np.linalg.norm(o)), float((c - o).mean()),
               clipped[layer.name])


if __name__ == "__main__":
    for row in errors(samplekit.Sample(Path(__file__).resolve().parent / sys.argv[1])):
        print('("%s", %.6f, %.6f, %.5f, %.6f, %.7f),' % row)

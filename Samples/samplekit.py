"""What the makers of the sample nets share.

Everything a sample needs, in plain NumPy: reading a deploy prototxt, reading and writing a .caffemodel,
a forward pass for the layer types the samples use, a simulation of the default 8-bit quantization, PNG output,
and the writing of a sample folder. Training alone needs PyTorch (`train`), and builds its net from the same prototxt.

The forward pass works in double precision and is written independently of Cortado's engine, so its results serve as
reference values for it.
"""

import json
import re
import shutil
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

# --------------------------------------------------------------------------------------------------------------------
# Prototxt: a message becomes {field: [values]}
# --------------------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r'#[^\n]*|"[^"]*"|[{}:]|[^\s{}:"#]+')


def parse_prototxt(text):
    tokens = [t for t in _TOKEN.findall(text) if not t.startswith("#")]
    position = 0

    def scalar(token):
        if token.startswith('"'):
            return token[1:-1]
        if token in ("true", "false"):
            return token == "true"
        for kind in (int, float):
            try:
                return kind(token)
            except ValueError:
                pass
        return token

    def message():
        nonlocal position
        fields = {}
        while position < len(tokens) and tokens[position] != "}":
            name = tokens[position]
            position += 1
            if tokens[position] == ":":
                position += 1
            if tokens[position] == "{":
                position += 1
                value = message()
            else:
                value = scalar(tokens[position])
            position += 1
            fields.setdefault(name, []).append(value)
        return fields

    return message()


class Layer:
    """One layer of a prototxt."""

    def __init__(self, fields):
        self.fields = fields
        self.name, self.type = fields["name"][0], fields["type"][0]
        self.bottoms, self.tops = fields.get("bottom", []), fields.get("top", [])

    def get(self, group, key, default=None):
        return self.fields.get(group, [{}])[0].get(key, [default])[0]


class Net:
    """The layers of a deploy prototxt, in order."""

    def __init__(self, path):
        fields = parse_prototxt(Path(path).read_text())
        self.name = fields["name"][0]
        self.layers = [Layer(f) for f in fields["layer"]]
        shape = self.layers[0].fields["input_param"][0]["shape"][0]["dim"]
        self.batch, self.input_shape = shape[0], tuple(shape[1:])


# --------------------------------------------------------------------------------------------------------------------
# Caffemodel: NetParameter{name=1, layer=100{name=1, type=2, bottom=3, top=4, blobs=7{shape=7{dim=1}, data=5}}}
# --------------------------------------------------------------------------------------------------------------------

def _varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(number, payload):
    """A length-delimited field."""
    if isinstance(payload, str):
        payload = payload.encode()
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def write_caffemodel(path, net, weights):
    out = [_field(1, net.name)]
    for layer in net.layers:
        parts = [_field(1, layer.name), _field(2, layer.type)]
        parts += [_field(3, b) for b in layer.bottoms] + [_field(4, t) for t in layer.tops]
        for blob in weights.get(layer.name, []):
            shape = _field(1, b"".join(_varint(d) for d in blob.shape))
            parts.append(_field(7, _field(5, np.ascontiguousarray(blob, "<f4").tobytes()) + _field(7, shape)))
        out.append(_field(100, b"".join(parts)))
    Path(path).write_bytes(b"".join(out))


def _read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _fields(data):
    """(number, payload) of the length-delimited fields, the only kind write_caffemodel makes."""
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        assert key & 7 == 2, "unexpected wire type"
        size, at = _read_varint(data, at)
        yield key >> 3, data[at:at + size]
        at += size


def read_caffemodel(path):
    """{layer name: [float32 blobs]}"""
    weights = {}
    for number, layer in _fields(Path(path).read_bytes()):
        if number != 100:
            continue
        name, blobs = None, []
        for number, payload in _fields(layer):
            if number == 1:
                name = payload.decode()
            elif number == 7:
                blob = dict(_fields(payload))
                dims, packed, at = [], dict(_fields(blob[7])).get(1, b""), 0
                while at < len(packed):
                    dim, at = _read_varint(packed, at)
                    dims.append(dim)
                blobs.append(np.frombuffer(blob[5], "<f4").reshape(dims))
        if blobs:
            weights[name] = blobs
    return weights


# --------------------------------------------------------------------------------------------------------------------
# Forward
# --------------------------------------------------------------------------------------------------------------------

def _convolve(x, w, bias, stride, pad, group):
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    k = w.shape[2]
    windows = sliding_window_view(x, (k, k), axis=(2, 3))[:, :, ::stride, ::stride]
    if group == 1:
        y = np.tensordot(windows, w, axes=([1, 4, 5], [1, 2, 3])).transpose(0, 3, 1, 2)
    else:  # the samples only have group = channels
        assert group == x.shape[1] == w.shape[0]
        y = np.einsum("nchwij,cij->nchw", windows, w[:, 0])
    return y if bias is None else y + bias.reshape(1, -1, 1, 1)


def _channels(v):
    return v.reshape(1, -1, 1, 1)


def run_layer(layer, bottoms, blobs):
    """The top of one layer, in the precision of its bottoms."""
    x, kind = bottoms[0], layer.type
    blobs = [b.astype(x.dtype) for b in blobs]
    if kind in ("Convolution", "DepthwiseConv"):
        get = lambda key, default: layer.get("convolution_param", key, default)
        bias = blobs[1] if len(blobs) > 1 else None
        return _convolve(x, blobs[0], bias, get("stride", 1), get("pad", 0), get("group", 1))
    if kind == "InnerProduct":
        return x.reshape(len(x), -1) @ blobs[0].T + blobs[1]
    if kind == "BatchNorm":
        factor = 0 if blobs[2][0] == 0 else 1 / blobs[2][0]
        std = np.sqrt(blobs[1] * factor + layer.get("batch_norm_param", "eps", 1e-5))
        return (x - _channels(blobs[0] * factor)) / _channels(std)
    if kind == "Scale":
        return x * _channels(blobs[0]) + _channels(blobs[1])
    if kind == "ReLU":
        return np.maximum(x, 0)
    if kind == "Pooling":
        if layer.get("pooling_param", "global_pooling", False):
            return x.mean(axis=(2, 3), keepdims=True)
        k, stride = layer.get("pooling_param", "kernel_size"), layer.get("pooling_param", "stride", 1)
        assert layer.get("pooling_param", "pool") == "MAX" and (x.shape[2] - k) % stride == 0
        return sliding_window_view(x, (k, k), axis=(2, 3))[:, :, ::stride, ::stride].max(axis=(4, 5))
    if kind == "Eltwise":
        return bottoms[0] + bottoms[1]
    if kind == "Concat":
        return np.concatenate(bottoms, axis=1)
    if kind == "Softmax":
        e = np.exp(x - x.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)
    raise ValueError(f"layer type {kind} is not one of the samples'")


def forward(layers, weights, data, before=None):
    """Every layer's top, as that layer left it: {layer name: array}. `before(layer, index, bottom)` may change a bottom."""
    current, seen = {}, {}
    for layer in layers:
        if layer.type == "Input":
            top = data
        else:
            bottoms = [current[b] for b in layer.bottoms]
            if before:
                bottoms = [before(layer, i, b) for i, b in enumerate(bottoms)]
            top = run_layer(layer, bottoms, weights.get(layer.name, []))
        current[layer.tops[0]] = seen[layer.name] = top
    return seen


def preprocess(images, settings):
    """uint8 [N,H,W] or RGB [N,H,W,3] to float32 [N,C,H,W], as preprocess.json says."""
    x = images.astype(np.float32)
    x = x[:, None] if x.ndim == 3 else x.transpose(0, 3, 1, 2)
    if settings["channel_order"] == "BGR":
        x = x[:, ::-1]
    mean = np.asarray(settings.get("mean", 0), np.float32).reshape(1, -1, 1, 1)
    return np.ascontiguousarray((x - mean) * np.float32(settings.get("scale", 1)))


# --------------------------------------------------------------------------------------------------------------------
# Default quantization, simulated: fusion, ARQ int8 weights, IFMR activations
# --------------------------------------------------------------------------------------------------------------------

WEIGHTED = ("Convolution", "DepthwiseConv", "InnerProduct")
QUANTIZED = WEIGHTED + ("Eltwise", "Concat", "Pooling", "Softmax")


def _round(x):
    return np.copysign(np.floor(np.abs(x) + 0.5), x)


def fuse(net, weights):
    """BatchNorm and Scale folded into the convolution before them: (layers, weights, {layer: last layer it swallowed})."""
    layers, fused, last = [], dict(weights), {}
    for layer in net.layers:
        if layer.type not in ("BatchNorm", "Scale"):
            layers.append(layer)
            last[layer.name] = layer.name
            continue
        home, blobs = layers[-1].name, [b.astype(np.float64) for b in weights[layer.name]]
        w = fused[home][0].astype(np.float64)
        b = fused[home][1].astype(np.float64) if len(fused[home]) > 1 else np.zeros(len(w))
        if layer.type == "BatchNorm":
            std = np.sqrt(blobs[1] / blobs[2][0] + layer.get("batch_norm_param", "eps", 1e-5))
            factor, b = 1 / std, (b - blobs[0] / blobs[2][0]) / std
        else:
            factor, b = blobs[0], b * blobs[0] + blobs[1]
        fused[home] = [(w * factor.reshape(-1, 1, 1, 1)).astype(np.float32), b.astype(np.float32)]
        last[home] = layer.name
    return layers, fused, last


def arq(w, channel_wise):
    """Fake-quantized int8 weights."""
    rows = w.reshape(len(w) if channel_wise else 1, -1)
    high, low = rows.max(axis=1), rows.min(axis=1)
    scale = np.where(np.abs(high) > np.abs(low), high / np.float32(127), low / np.float32(-128)).astype(np.float32)
    scale[scale < np.finfo(np.float32).eps] = 1
    codes = np.clip(_round(rows.astype(np.float64) / scale[:, None]), -128, 127)
    return (codes * scale[:, None]).astype(np.float32).reshape(w.shape)


def ifmr(x, bits, percentile=0.999999, start=0.7, end=1.3, step=0.01):
    """(scale, offset) of the asymmetric search over the upper clipping bound."""
    x = np.sort(x.ravel())
    k = max(1, len(x) - int(np.float32(np.float32(percentile) * np.float32(len(x))))) if percentile < 1 else 1
    high, low = max(np.float32(0), x[-k]), min(np.float32(0), x[k - 1])
    levels, best = np.float32(2 ** bits - 1), None
    for i in range(int(np.float32((end - start) / step) + 1)):
        bound = np.float32(start + i * step) * high
        scale = (bound - low) / levels
        scale = scale if scale >= np.finfo(np.float32).eps else np.float32(1)
        error = np.square(_round(np.clip(x, low, bound) / scale) * scale - x).sum(dtype=np.float64)
        if best is None or error < best[0]:
            best = (error, scale)
    return best[1], -_round(low / best[1]) - 2 ** (bits - 1)


def quantize(net, weights, calibration, bits=None, skip=()):
    """Calibrates; returns (layers, weights, before-hook for `forward`, {layer: last layer it swallowed})."""
    layers, quantized, last = fuse(net, weights)
    bits = bits or {}
    for layer in layers:
        if layer.type in WEIGHTED and layer.name not in skip:
            w, *rest = quantized[layer.name]
            quantized[layer.name] = [arq(w, layer.type != "InnerProduct"), *rest]
    factors = {}

    def observe(layer, index, x):
        if layer.type in QUANTIZED and layer.name not in skip:
            factors[layer.name, index] = (*ifmr(x, bits.get(layer.name, 8)), bits.get(layer.name, 8))
        return x

    def fake(layer, index, x):
        if (layer.name, index) not in factors:
            return x
        scale, offset, n = factors[layer.name, index]
        codes = np.clip(_round(x / scale) + offset, -2 ** (n - 1), 2 ** (n - 1) - 1)
        return ((codes - offset) * scale).astype(np.float32)

    forward(layers, quantized, calibration, observe)
    return layers, quantized, fake, last


def chain_cosines(net, weights, calibration, data, labels, bits=None, skip=()):
    """({layer: mean cosine between the float net and the quantized one}, quantized top-1)."""
    layers, quantized, fake, last = quantize(net, weights, calibration, bits, skip)
    reference = forward(net.layers, weights, data)
    result = forward(layers, quantized, data, fake)
    cosines = {}
    for layer in layers[1:]:
        a = reference[last[layer.name]].reshape(len(data), -1).astype(np.float64)
        b = result[layer.name].reshape(len(data), -1).astype(np.float64)
        norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
        cosines[layer.name] = float(np.mean((a * b).sum(axis=1) / norms))
    return cosines, top1(result[layers[-1].name], labels)


def top1(scores, labels):
    return float((scores.argmax(axis=1) == labels).mean())


class Sample:
    """The files of one sample folder."""

    def __init__(self, folder):
        self.folder = Path(folder).resolve()
        self.name = self.folder.name
        self.net = Net(self.folder / f"{self.name}.prototxt")
        self.model = self.folder / f"{self.name}.caffemodel"
        self.settings = json.loads((self.folder / "preprocess.json").read_text())

    def write_images(self, calibration, evaluation):
        """(images, labels) twice: PNG files and a list for calibration, .npy for evaluation."""
        shutil.rmtree(self.folder / "calibration", ignore_errors=True)
        (self.folder / "calibration").mkdir()
        lines = []
        for i, (image, label) in enumerate(zip(*calibration)):
            write_png(self.folder / "calibration" / f"{i:03}.png", image)
            lines.append(f"calibration/{i:03}.png {label}\n")
        (self.folder / "calibration.txt").write_text("".join(lines))
        np.save(self.folder / "evaluation.npy", evaluation[0])
        np.save(self.folder / "evaluation_labels.npy", evaluation[1].astype(np.int64))

    def evaluation(self):
        return (preprocess(np.load(self.folder / "evaluation.npy"), self.settings),
                np.load(self.folder / "evaluation_labels.npy"))

    def write_expected(self):
        """The float net's outputs for the first 8 evaluation images, and every layer's for the first."""
        data, _ = self.evaluation()
        folder = self.folder / "expected"
        folder.mkdir(exist_ok=True)
        seen = forward(self.net.layers, read_caffemodel(self.model), data[:8].astype(np.float64))
        np.save(folder / "float_outputs.npy", seen[self.net.layers[-1].name].astype(np.float32))
        rows = []
        for layer in self.net.layers:
            top = seen[layer.name][:1]
            row = {"name": layer.name, "top": layer.tops[0], "shape": list(top.shape),
                   "l2": float(np.linalg.norm(top)), "mean": float(top.mean()),
                   "first8": [float(v) for v in top.ravel()[:8]]}
            rows.append("  " + json.dumps(row))
        (folder / "layers.json").write_text("[\n" + ",\n".join(rows) + "\n]\n")

    def report(self, calibration, runs):
        """Prints float accuracy and the simulated chain cosines of `runs` = {title: {bits:, skip:}}."""
        weights = read_caffemodel(self.model)
        data, labels = self.evaluation()
        calibration = preprocess(calibration, self.settings)
        scores = forward(self.net.layers, weights, data)[self.net.layers[-1].name]
        print(f"float top-1 on {len(data)} images: {top1(scores, labels):.3f}")
        for batches in (1, len(calibration) // self.net.batch):
            columns = [chain_cosines(self.net, weights, calibration[:batches * self.net.batch], data, labels, **run)
                       for run in runs.values()]
            print(f"\ncalibrated on {batches} batch(es) of {self.net.batch}\n{'layer':<20}"
                  + "".join(f"{title:>22}" for title in runs))
            for name in columns[0][0]:
                print(f"{name:<20}" + "".join(f"{cosines[name]:>22.5f}" for cosines, _ in columns))
            print(f"{'top-1':<20}" + "".join(f"{accuracy:>22.3f}" for _, accuracy in columns))


def write_png(path, image):
    """8-bit grey [H,W] or RGB [H,W,3]."""
    height, width = image.shape[:2]
    rows = image.reshape(height, -1)
    raw = np.hstack([np.zeros((height, 1), np.uint8), rows]).tobytes()

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0 if image.ndim == 2 else 2, 0, 0, 0)
    Path(path).write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw, 9))
                           + chunk(b"IEND", b""))


def balanced_labels(rng, count, classes):
    return rng.permutation(np.arange(count) % classes)


# --------------------------------------------------------------------------------------------------------------------
# Training
# --------------------------------------------------------------------------------------------------------------------

def train(net, data, labels, epochs, rate, seed, batch=64):
    """Trains the net of the prototxt with PyTorch; returns its Caffe blobs."""
    import torch
    import torch.nn.functional as F

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    parameters, statistics = {}, {}

    def learned(layer, x):
        """The layer's parameters, made on first use, when its input is known."""
        if layer.name not in parameters:
            if layer.type == "Scale":
                made = [torch.ones(x.shape[1]), torch.zeros(x.shape[1])]
            else:
                if layer.type == "InnerProduct":
                    shape, bias = (layer.get("inner_product_param", "num_output"), x[0].numel()), True
                else:
                    out, k = (layer.get("convolution_param", key) for key in ("num_output", "kernel_size"))
                    shape = (out, x.shape[1] // layer.get("convolution_param", "group", 1), k, k)
                    bias = layer.get("convolution_param", "bias_term", True)
                w = torch.randn(shape) * (2 / np.prod(shape[1:])) ** 0.5
                made = [w, torch.zeros(shape[0])] if bias else [w]
            parameters[layer.name] = [p.requires_grad_() for p in made]
        return parameters[layer.name]

    def logits(x):
        blobs = {}
        for layer in net.layers:
            if layer.type == "Softmax":
                return y
            if layer.type == "Input":
                y = x
            else:
                bottom = blobs[layer.bottoms[0]]
            if layer.type in ("Convolution", "DepthwiseConv"):
                get = lambda key, default: layer.get("convolution_param", key, default)
                y = F.conv2d(bottom, *learned(layer, bottom), stride=get("stride", 1), padding=get("pad", 0),
                             groups=get("group", 1))
            elif layer.type == "InnerProduct":
                y = F.linear(bottom.flatten(1), *learned(layer, bottom))
            elif layer.type == "BatchNorm":
                mean, var = statistics.setdefault(layer.name, (torch.zeros(bottom.shape[1]), torch.ones(bottom.shape[1])))
                y = F.batch_norm(bottom, mean, var, training=True, eps=layer.get("batch_norm_param", "eps", 1e-5))
            elif layer.type == "Scale":
                gamma, beta = learned(layer, bottom)
                y = bottom * gamma.view(1, -1, 1, 1) + beta.view(1, -1, 1, 1)
            elif layer.type == "ReLU":
                y = bottom.relu()
            elif layer.type == "Pooling":
                if layer.get("pooling_param", "global_pooling", False):
                    y = bottom.mean((2, 3), keepdim=True)
                else:
                    y = F.max_pool2d(bottom, layer.get("pooling_param", "kernel_size"),
                                     layer.get("pooling_param", "stride", 1))
            elif layer.type == "Eltwise":
                y = bottom + blobs[layer.bottoms[1]]
            elif layer.type == "Concat":
                y = torch.cat([blobs[b] for b in layer.bottoms], 1)
            blobs[layer.tops[0]] = y

    data, labels = torch.from_numpy(data), torch.from_numpy(labels)
    logits(data[:2])
    every = [p for group in parameters.values() for p in group]
    optimizer = torch.optim.AdamW(every, lr=rate, weight_decay=1e-3)
    steps = epochs * (len(data) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    for epoch in range(epochs):
        total = 0.0
        order = torch.randperm(len(data))
        for start in range(0, len(data) - batch + 1, batch):
            index = order[start:start + batch]
            loss = F.cross_entropy(logits(data[index]), labels[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1:2}  loss {total / (len(data) // batch):.4f}", flush=True)

    # BatchNorm keeps its sums unnormalized, as Caffe does: mean * f, var * f, f.
    factor = np.float32(999.98236)
    weights = {name: [p.detach().numpy() for p in group] for name, group in parameters.items()}
    for name, (mean, var) in statistics.items():
        weights[name] = [mean.numpy() * factor, var.numpy() * factor, np.array([factor])]
    return weights

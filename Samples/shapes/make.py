"""Makes the shapes sample: draws the images, trains the net, writes the weights and the expected outputs.

    python3 make.py              everything (training needs PyTorch, the rest NumPy)
    python3 make.py --report     only prints the accuracy and the simulated quantization of the files present

After training, `widen` multiplies a few channels in front of the depthwise convolution conv3_dw by a power of two and
divides that convolution's weights for them by the same number. ReLU lets a positive factor through, so the net computes
what it computed before; but one scale now has to serve channels of very different range, as happens in trained nets
that are badly conditioned. It is this layer that default 8-bit quantization spoils. All seeds are fixed.
"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import samplekit

SIZE, FINE = 32, 3  # FINE: samples per pixel and axis
CLASSES = ["circle", "ring", "square", "triangle", "star", "cross", "crescent", "bar", "heart"]
WIDE_CHANNELS, WIDE_FACTOR = 2, 32

GRID = np.stack(np.meshgrid(*[(np.arange(SIZE * FINE) + 0.5) / FINE - SIZE / 2] * 2), axis=-1)


def in_polygon(x, y, corners):
    """Even-odd rule."""
    inside = np.zeros(x.shape, bool)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0)):
        if y0 != y1:
            inside ^= ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return inside


def regular(count, radii):
    angles = np.arange(count) * 2 * np.pi / count
    return np.stack([np.cos(angles), np.sin(angles)], axis=1) * np.resize(radii, count)[:, None]


def mask(rng, name, x, y):
    """Which points of the plane belong to the shape, about 1 in radius."""
    r = np.hypot(x, y)
    if name == "circle":
        return r < 0.9
    if name == "ring":
        return (r < 0.95) & (r > rng.uniform(0.45, 0.65))
    if name == "square":
        return np.maximum(abs(x), abs(y)) < 0.8
    if name == "triangle":
        return in_polygon(x, y, regular(3, [1.1]))
    if name == "star":
        return in_polygon(x, y, regular(10, [1.1, rng.uniform(0.40, 0.52)]))
    if name == "cross":
        arm = rng.uniform(0.20, 0.34)
        return (np.minimum(abs(x), abs(y)) < arm) & (np.maximum(abs(x), abs(y)) < 0.95)
    if name == "crescent":
        return (r < 0.95) & (np.hypot(x - rng.uniform(0.40, 0.60), y) > 0.80)
    if name == "bar":
        return (abs(x) < 1.0) & (abs(y) < rng.uniform(0.20, 0.40))
    x, y = 1.25 * x, 1.25 * y + 0.15  # heart
    return (x * x + y * y - 1) ** 3 < 1.6 * x * x * y ** 3


def draw(rng, label):
    """One RGB image: a shape in one colour on a shaded ground, noise over both."""
    angle, size = rng.uniform(0, 2 * np.pi), rng.uniform(7, 13)
    centre = rng.uniform(-1, 1, 2) * (15 - size)
    dx, dy = (GRID[..., 0] - centre[0]) / size, (GRID[..., 1] - centre[1]) / size
    stretch = rng.uniform(0.85, 1.15)
    x = (np.cos(angle) * dx + np.sin(angle) * dy) * stretch
    y = (np.cos(angle) * dy - np.sin(angle) * dx) / stretch
    cover = mask(rng, CLASSES[label], x, y).reshape(SIZE, FINE, SIZE, FINE).mean(axis=(1, 3))[..., None]
    ground, ink = rng.uniform(0, 230, 3), rng.uniform(0, 230, 3)
    while np.abs(ground - ink).max() < 60:
        ink = rng.uniform(0, 230, 3)
    steps = np.linspace(-0.5, 0.5, SIZE)
    shade = (steps[:, None] * rng.uniform(-50, 50) + steps[None] * rng.uniform(-50, 50))[..., None]
    image = ground * (1 - cover) + ink * cover + shade + rng.normal(0, rng.uniform(2, 14), (SIZE, SIZE, 3))
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def dataset(seed, count):
    rng = np.random.default_rng(seed)
    labels = samplekit.balanced_labels(rng, count, len(CLASSES))
    return np.stack([draw(rng, label) for label in labels]), labels


def widen(net, weights, data):
    """Scales the strongest channels between conv3_expand and conv3_dw up, and the weights that read them down."""
    top = samplekit.forward(net.layers, weights, data)["conv3_expand_relu"]
    channels = np.argsort(-top.max(axis=(0, 2, 3)), kind="stable")[:WIDE_CHANNELS]
    for blob in weights["conv3_expand_scale"]:
        blob[channels] *= WIDE_FACTOR
    weights["conv3_dw"][0][channels] /= WIDE_FACTOR


def main():
    sample = samplekit.Sample(Path(__file__).resolve().parent)
    calibration = dataset(2, 64)
    if "--report" not in sys.argv:
        images, labels = dataset(1, 12000)
        data = samplekit.preprocess(images, sample.settings)
        weights = samplekit.train(sample.net, data, labels, epochs=20, rate=6e-3, seed=1)
        widen(sample.net, weights, data[:256])
        samplekit.write_caffemodel(sample.model, sample.net, weights)
        sample.write_images(calibration, dataset(3, 200))
        sample.write_expected()
    sample.report(calibration[0], {"8 bit": {}, "conv3_dw 12 bit": {"bits": {"conv3_dw": 12}},
                                   "conv3_dw float": {"skip": ["conv3_dw"]}})


if __name__ == "__main__":
    main()

"""Makes the digits sample: draws the images, trains the net, writes the weights and the expected outputs.

    python3 make.py              everything (training needs PyTorch, the rest NumPy)
    python3 make.py --report     only prints the accuracy and the simulated quantization of the files present

The digits are strokes (polylines, some of them sampled from ellipses) put through a random affine map, drawn with a
random pen and covered with noise. All seeds are fixed.
"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import samplekit

SIZE, CLASSES = 28, 10


def arc(cx, cy, rx, ry, start, end):
    """Points on an ellipse, angles in degrees, clockwise from the right as y points down."""
    t = np.radians(np.linspace(start, end, max(4, int(abs(end - start) / 20))))
    return np.stack([cx + rx * np.cos(t), cy + ry * np.sin(t)], axis=1)


def line(*points):
    return np.array(points, float)


# Strokes of each digit, in a box from (-1, -1) to (1, 1), y down. Several digits have more than one way of writing.
STROKES = {
    0: [[arc(0, 0, 0.60, 0.95, 0, 360)]],
    1: [[line((-0.35, -0.60), (0.05, -0.95), (0.05, 0.95))],
        [line((0.0, -0.95), (0.0, 0.95))],
        [line((-0.35, -0.60), (0.05, -0.95), (0.05, 0.95)), line((-0.40, 0.95), (0.50, 0.95))]],
    2: [[np.vstack([arc(0, -0.45, 0.58, 0.50, 190, 390), line((-0.60, 0.92), (0.65, 0.92))])]],
    3: [[arc(-0.05, -0.47, 0.55, 0.47, 210, 450), arc(-0.05, 0.46, 0.62, 0.49, 270, 510)],
        [line((-0.55, -0.92), (0.50, -0.92), (-0.05, -0.15)), arc(-0.10, 0.40, 0.65, 0.55, 270, 500)]],
    4: [[line((0.25, 0.95), (0.25, -0.95), (-0.65, 0.35), (0.65, 0.35))],
        [line((-0.50, -0.90), (-0.55, 0.15), (0.60, 0.15)), line((0.40, -0.90), (0.40, 0.95))]],
    5: [[line((0.55, -0.92), (-0.45, -0.92), (-0.52, -0.10)), arc(-0.05, 0.38, 0.62, 0.56, 225, 505)]],
    6: [[np.vstack([line((0.40, -0.95), (-0.25, -0.45)), arc(0.0, 0.42, 0.55, 0.52, 190, 555)])]],
    7: [[line((-0.60, -0.90), (0.60, -0.90), (-0.15, 0.95))],
        [line((-0.60, -0.90), (0.60, -0.90), (-0.15, 0.95)), line((-0.35, 0.05), (0.50, 0.05))]],
    8: [[arc(0, -0.48, 0.46, 0.46, 0, 360), arc(0, 0.46, 0.58, 0.49, 0, 360)]],
    9: [[arc(0, -0.40, 0.55, 0.52, 0, 360), line((0.55, -0.40), (0.35, 0.95))],
        [arc(0, -0.40, 0.55, 0.52, 0, 360), np.vstack([line((0.55, -0.40), (0.50, 0.40)), arc(0, 0.40, 0.5, 0.5, 0, 130)])]],
}

PIXELS = np.stack(np.meshgrid(np.arange(SIZE), np.arange(SIZE)), axis=-1).reshape(-1, 1, 2) + 0.5


def draw(rng, digit):
    """One grey image, bright on dark."""
    ways = STROKES[digit]
    strokes = ways[rng.integers(len(ways))]
    angle, shear = rng.uniform(-0.40, 0.40), rng.uniform(-0.45, 0.45)
    size = rng.uniform(5.5, 10.5) * rng.uniform(0.80, 1.15, size=2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    affine = turn @ np.array([[1, shear], [0, 1]]) @ np.diag(size)
    centre = SIZE / 2 + rng.uniform(-3, 3, size=2)
    distance = np.full(SIZE * SIZE, np.inf)
    for stroke in strokes:
        points = (stroke + rng.normal(0, 0.07, stroke.shape)) @ affine.T + centre
        a, d = points[None, :-1], np.diff(points, axis=0)[None]
        t = np.clip(((PIXELS - a) * d).sum(-1) / np.maximum((d * d).sum(-1), 1e-9), 0, 1)
        nearest = np.linalg.norm(PIXELS - a - t[..., None] * d, axis=-1).min(axis=1)
        distance = np.minimum(distance, nearest)
    ink = np.clip(rng.uniform(0.8, 1.9) + 0.5 - distance, 0, 1) * rng.uniform(90, 255)
    paper = rng.uniform(0, 30)
    image = np.maximum(ink, paper) + rng.normal(0, rng.uniform(4, 36), SIZE * SIZE)
    return np.clip(np.rint(image), 0, 255).astype(np.uint8).reshape(SIZE, SIZE)


def dataset(seed, count):
    rng = np.random.default_rng(seed)
    labels = samplekit.balanced_labels(rng, count, CLASSES)
    return np.stack([draw(rng, label) for label in labels]), labels


def main():
    sample = samplekit.Sample(Path(__file__).resolve().parent)
    calibration = dataset(2, 64)
    if "--report" not in sys.argv:
        images, labels = dataset(1, 12000)
        data = samplekit.preprocess(images, sample.settings)
        weights = samplekit.train(sample.net, data, labels, epochs=12, rate=2e-3, seed=1)
        samplekit.write_caffemodel(sample.model, sample.net, weights)
        sample.write_images(calibration, dataset(3, 200))
        sample.write_expected()
    sample.report(calibration[0], {"8 bit": {}})


if __name__ == "__main__":
    main()

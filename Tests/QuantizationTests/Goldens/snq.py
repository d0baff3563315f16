"""Writes snq.json: non-uniform weight quantization of generated weights, computed in float64 by plain k-means.

Every iteration compares every value with every boundary and takes means with numpy; nothing is sorted or summed ahead,
and the gaussian start comes from Python's statistics module. Inputs are those of GoldenInput.swift.

Run: python3 snq.py > snq.json
"""

import json
from statistics import NormalDist

import numpy as np

MASK = (1 << 64) - 1


def splitmix(seed):
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def make(spec):
    if spec["gen"] == "literal":
        return np.array(spec["values"], np.float64).astype(np.float32)
    draws = splitmix(spec["seed"])
    u = lambda: (next(draws) >> 40) * 2.0**-24
    s12 = lambda: sum(u() for _ in range(12)) - 6.0
    out = []
    for _ in range(spec["n"]):
        if spec["gen"] == "uniform":
            out.append(spec["lo"] + (spec["hi"] - spec["lo"]) * u())
        elif spec["gen"] == "normal":
            out.append(spec["mean"] + spec["std"] * s12())
        elif spec["gen"] == "cubic":
            t = s12()
            out.append(spec["std"] * ((t * t) * t))
        elif spec["gen"] == "sparse":
            a = u()
            t = spec["mean"] + spec["std"] * s12()
            out.append(0 if a < spec["p"] else t)
        elif spec["gen"] == "bimodal":
            a = u()
            out.append((spec["m1"] if a < 0.5 else spec["m2"]) + spec["std"] * s12())
    out = np.array(out, np.float64).astype(np.float32)
    for index, value in spec.get("patch", []):
        out[index] = value
    return out


def steps(w, axis):
    """Largest magnitude over 127, or over 128 where the negative end is the larger or equal one; 1 when below 2^-23."""
    groups = w.reshape(1, -1) if axis is None else np.moveaxis(w, axis, 0).reshape(w.shape[axis], -1)
    high, low = groups.max(1), groups.min(1)
    t = np.where(np.abs(high) > np.abs(low), high, low)
    s = np.where(t > 0, t / np.float32(127), t / np.float32(-128)).astype(np.float32)
    return np.where(s < np.float32(2.0**-23), np.float32(1), s)


def start(x, algorithm):
    k = (np.arange(16) + 0.5) / 16
    if algorithm == "uniform":
        return x.min() + k * (x.max() - x.min())
    if algorithm == "gaussian":
        probits = np.array([NormalDist().inv_cdf(p) for p in k])
        return np.clip(x.mean() + x.std() * probits, x.min(), x.max())
    draws = splitmix(16)
    u = lambda: (next(draws) >> 11) * 2.0**-53
    x = np.sort(x)
    chosen = [x[min(len(x) - 1, int(u() * len(x)))]]
    while len(chosen) < 16:
        d = np.min([(x - c) ** 2 for c in chosen], axis=0)
        if d.sum() == 0:
            chosen.append(x[-1])
            continue
        chosen.append(x[np.searchsorted(np.cumsum(d), u() * d.sum(), side="right")])
    return np.sort(np.array(chosen, np.float64))


def quantize(w, axis, algorithm, max_iteration=1000, min_distance=1e-10):
    s = steps(w, axis)
    shape = [1] * w.ndim
    if axis is not None:
        shape[axis] = -1
    unit = s.reshape(shape) if axis is not None else s.reshape(())
    x = (w / unit).astype(np.float32).astype(np.float64).ravel()
    centres = start(x, algorithm)
    iterations = 0
    while iterations < max_iteration:
        iterations += 1
        label = np.searchsorted((centres[:-1] + centres[1:]) / 2, x, side="left")
        new = np.array([x[label == k].mean() if (label == k).any() else centres[k] for k in range(16)])
        moved = ((new - centres) ** 2).sum()
        centres = new
        if moved <= min_distance:
            break
    levels = np.clip(np.sign(centres) * np.floor(np.abs(centres) + 0.5), -128, 127).astype(int)
    if (np.abs(w / unit).max(axis=None if axis is None else tuple(i for i in range(w.ndim) if i != axis)) < 1).any():
        # A channel that has no step of its own needs the level 0.
        if 0 not in levels:
            levels[np.abs(levels).argmin()] = 0
    q = w.astype(np.float64) / unit.astype(np.float64)
    codes = np.abs(q.reshape(-1, 1) - levels).argmin(1).reshape(w.shape)
    fake = levels[codes].astype(np.float32) * unit
    error = ((fake.astype(np.float64) - w) ** 2).mean()
    return s, levels, iterations, codes.astype(np.int8), fake.astype(np.float32), error


def fnv(array):
    h = 1469598103934665603
    for b in array.tobytes():
        h = ((h ^ b) * 1099511628211) & MASK
    return f"{h:016x}"


NORMAL = {"gen": "normal", "n": 4608, "seed": 401, "mean": 0.0, "std": 0.05}
CASES = [
    ("normal", [32, 16, 3, 3], 0, "uniform", NORMAL, {}),
    ("normal, gaussian", [32, 16, 3, 3], 0, "gaussian", NORMAL, {}),
    ("normal, d2sampling", [32, 16, 3, 3], 0, "d2sampling", NORMAL, {}),
    ("normal, one step", [32, 16, 3, 3], None, "uniform", NORMAL, {}),
    ("normal, deconvolution", [16, 32, 3, 3], 1, "gaussian", NORMAL, {}),
    ("normal, ends early", [32, 16, 3, 3], 0, "uniform", NORMAL, {"min_distance": 1e-3}),
    ("cubic, skewed start", [10, 100], None, "gaussian", {"gen": "cubic", "n": 1000, "seed": 402, "std": 0.01}, {}),
    ("cubic", [10, 100], 0, "uniform", {"gen": "cubic", "n": 1000, "seed": 402, "std": 0.01}, {}),
    ("uniform", [8, 8, 3, 3], 0, "uniform", {"gen": "uniform", "n": 576, "seed": 403, "lo": -0.2, "hi": 0.3}, {}),
    ("sparse", [6, 6, 3, 3], 0, "gaussian",
     {"gen": "sparse", "n": 324, "seed": 404, "p": 0.7, "mean": 0.0, "std": 0.1}, {}),
    ("bimodal", [500], None, "d2sampling",
     {"gen": "bimodal", "n": 500, "seed": 405, "m1": -1.0, "m2": 2.0, "std": 0.1}, {}),
    ("negative", [4, 50], 0, "uniform", {"gen": "uniform", "n": 200, "seed": 406, "lo": -3.0, "hi": -1.0}, {}),
    ("seven values", [7], None, "uniform", {"gen": "literal", "values": [-1, -0.5, -0.25, 0, 0.3, 0.7, 1]}, {}),
    ("dead channels", [12, 9], 0, "gaussian",
     {"gen": "normal", "n": 108, "seed": 408, "mean": 0.0, "std": 0.1,
      "patch": [[i, 1e-9] for i in range(36, 54)]}, {}),
    ("normal, large", [64, 512], None, "gaussian",
     {"gen": "normal", "n": 32768, "seed": 407, "mean": 0.01, "std": 0.02}, {}),
]

cases = []
for name, shape, axis, algorithm, spec, settings in CASES:
    weights = make(spec).reshape(shape)
    s, levels, iterations, codes, fake, error = quantize(weights, axis, algorithm, **settings)
    cases.append({
        "name": name, "shape": shape, "axis": -1 if axis is None else axis, "init_algo": algorithm,
        **settings, "input": spec, "scale_fnv": fnv(s), "centres": levels.tolist(), "iterations": iterations,
        "codes_fnv": fnv(codes), "fake_fnv": fnv(fake + np.float32(0)), "mse": float(error),
    })
print('{"origin": "snq.py beside this file: plain k-means with numpy in float64",\n"cases": [')
print(",\n".join(json.dumps(c) for c in cases))
print("]}")

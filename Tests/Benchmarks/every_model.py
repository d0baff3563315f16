#!/usr/bin/env python3
"""Quantizes and compares every model of a folder to the end, and prints a table.

    python3 Tests/Benchmarks/every_model.py FOLDER [--cortado .build/release/cortado] [--threads 1] [--fail-under 0.98]

FOLDER has one folder for each model: a .prototxt (train_test.prototxt is left out), a .caffemodel, and for each input
`input_<blob>.npy`, float32, already preprocessed; inputs without a file get random values of the shape that
`cortado inspect` tells (seed 1). Calibration and comparison both use these values: the table shows that a model goes
through, what it costs, and how close the fake-quant net comes on data it has seen. `cosine` is the lowest of an output
as `cortado compare` measures it on the written files; `reference` is the share of a forward pass spent on reference
loops (`cortado bench --per-layer`). Times are of whole processes, peaks those the program reports.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy


def run(words):
    start = time.monotonic()
    done = subprocess.run(words, capture_output=True, text=True)
    seconds = time.monotonic() - start
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words[1:3])} ended with {done.returncode}: {done.stderr.strip()[-600:]}")
    return json.loads(done.stdout), seconds


def files(folder):
    names = sorted(os.listdir(folder))
    nets = [n for n in names if n.endswith(".prototxt") and n != "train_test.prototxt"]
    weights = [n for n in names if n.endswith(".caffemodel")]
    if len(nets) != 1 or len(weights) != 1:
        return None
    return os.path.join(folder, nets[0]), os.path.join(folder, weights[0])


def inputs(cortado, folder, net, weights, scratch):
    """Flags that feed every input of the net, and those that tell its shape."""
    given = {n[6:-4]: os.path.join(folder, n) for n in os.listdir(folder) if n.startswith("input_") and n.endswith(".npy")}
    shapes = [f"--input-shape={blob}=" + ",".join(map(str, numpy.load(path, mmap_mode="r").shape))
              for blob, path in given.items()]
    report, _ = run([cortado, "inspect", net, weights, "--json", "--quiet"] + shapes)
    random = numpy.random.default_rng(1)
    data = []
    for blob in report["inputs"]:
        path = given.get(blob["blob"])
        if path is None:
            path = os.path.join(scratch, blob["blob"].replace("/", "_") + ".npy")
            numpy.save(path, random.random(blob["shape"], dtype=numpy.float32))
        data.append(f"--input={blob['blob']}={path}")
    return data, shapes


def row(cortado, folder, threads):
    net, weights = files(folder)
    with tempfile.TemporaryDirectory() as scratch:
        data, shapes = inputs(cortado, folder, net, weights, scratch)
        common = ["--threads", str(threads), "--json", "--quiet"]
        prefix = os.path.join(scratch, "out", "net")
        os.makedirs(os.path.dirname(prefix))
        quantized, quantize_seconds = run(
            [cortado, "quantize", net, weights, "--batch-num", "1", "--out", prefix, "--work", scratch + "/run",
             "--sample-cache", "0"] + data + shapes + common)
        compared, compare_seconds = run(
            [cortado, "compare", net, weights, prefix + "_fake_quant_model.prototxt",
             prefix + "_fake_quant_weights.caffemodel", "--quant-json", prefix + "_quant.json"] + data + shapes + common)
        timed, _ = run([cortado, "bench", net, weights, "--per-layer", "--repeat", "5"] + shapes + common)
    states = [l["state"] for l in quantized["layers"]]
    return {
        "quantized": states.count("quantized"), "layers": len(states),
        "quantize": quantize_seconds, "peak": quantized["peakBytes"] / 1e6, "compare": compare_seconds,
        "cosine": min(o["cosine"] for o in compared["outputs"]),
        "blob": min(compared["outputs"], key=lambda o: o["cosine"])["blob"],
        "forward": timed["seconds"]["forward"] * 1e3, "reference": 100 * timed["referenceShare"],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--cortado", default=".build/release/cortado")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--fail-under", type=float, default=0.98)
    options = parser.parse_args()
    print("| model | layers quantized | quantize s | peak MB | compare s | output cosine | forward ms | reference % |")
    print("|---|---|---|---|---|---|---|---|")
    bad = 0
    for name in sorted(os.listdir(options.folder)):
        folder = os.path.join(options.folder, name)
        if not os.path.isdir(folder) or files(folder) is None:
            continue
        try:
            r = row(os.path.abspath(options.cortado), folder, options.threads)
        except RuntimeError as error:
            bad += 1
            print(f"| {name} | {error} |", flush=True)
            continue
        if not r["cosine"] >= options.fail_under:
            bad += 1
        print(
            f"| {name} | {r['quantized']} of {r['layers']} | {r['quantize']:.2f} | {r['peak']:.0f} | {r['compare']:.2f} "
            f"| {r['cosine']:.5f} ({r['blob']}) | {r['forward']:.2f} | {r['reference']:.1f} |", flush=True)
    sys.exit(5 if bad else 0)


main()

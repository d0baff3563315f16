#!/usr/bin/env python3
"""Compares what `cortado inspect --memory` forecasts with the peak of a forward pass, and prints a table.

    python3 Tests/Benchmarks/memory_forecast.py [--cortado .build/release/cortado] [--threads 1]
        NET.prototxt[:BLOB=N,C,H,W[:BLOB=..]] ...

Weights are random. Shapes behind a net's name are passed on as --input-shape, for data layers that have none. The peak is
that of the process `cortado bench --repeat 1` (VmHWM). Nets with layers of unknown types are told and left out. Exit
status 5 when a forecast is off by more than 5 %.
"""
import argparse
import json
import os
import subprocess
import sys


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("nets", nargs="+")
    parser.add_argument("--cortado", default=".build/release/cortado")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    print("| net | weights MB | packed MB | activations MB | scratch MB | program MB | forecast MB | peak MB | off by |")
    print("|---|---|---|---|---|---|---|---|---|")
    bad = 0
    for word in options.nets:
        path, *shapes = word.split(":")
        words = [path, "--json", "--quiet", "--threads", str(options.threads)] + [f"--input-shape={s}" for s in shapes]
        name = os.path.basename(path).removesuffix(".prototxt")
        results = []
        for verb in (["inspect", "--memory"], ["bench", "--repeat", "1"]):
            done = subprocess.run([options.cortado] + verb + words, capture_output=True, text=True)
            if done.returncode:
                lines = [line for line in done.stderr.splitlines() if "error: " in line]
                print(f"| {name} | {lines[0].split('error: ')[1] if lines else done.returncode} |", flush=True)
                break
            results.append(json.loads(done.stdout))
        if len(results) < 2:
            continue
        memory, peak = results[0]["memory"], results[1]["peakBytes"]
        off = memory["total"] / peak - 1
        bad += abs(off) > 0.05
        parts = [memory[k] / 1e6 for k in ("weights", "packed", "activations", "scratch", "program", "total")]
        print("| " + " | ".join([name] + [f"{p:.1f}" for p in parts + [peak / 1e6]] + [f"{100 * off:+.1f} %"]) + " |",
              flush=True)
    sys.exit(5 if bad else 0)


main()

#!/usr/bin/env python3
"""Times cortado's forward pass beside OpenCV's (cv2.dnn) on the same net, weights and threads, in one run.

    against_cv2.py CORTADO NET.prototxt [NET.prototxt ...] [--batch 1,16] [--threads 1,2] [--repeat 5]

Needs opencv-python-headless 4.x (5.x has no Caffe importer) and numpy. cortado writes random weights, both load them. Each
figure is the median of alternating runs; the last column is cv2's time divided by cortado's (above 1: cortado is faster).
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import tempfile
import time

import cv2
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument('cortado')
parser.add_argument('nets', nargs='+')
parser.add_argument('--batch', default='1,16')
parser.add_argument('--threads', default='1,2')
parser.add_argument('--repeat', type=int, default=5)
options = parser.parse_args()


def run(*arguments):
    out = subprocess.run([options.cortado, *map(str, arguments), '--json'], capture_output=True, text=True)
    if out.returncode:
        raise SystemExit(out.stderr)
    return json.loads(out.stdout)


def for_cv2(path, folder):
    """OpenCV knows depthwise layers as grouped convolutions only."""
    text = open(path).read()
    text = re.sub(r'type:\s*"(DepthwiseConv|ConvolutionDepthwise|DepthwiseConvolution)"', 'type: "Convolution"', text)
    out = os.path.join(folder, 'cv2.prototxt')
    open(out, 'w').write(text)
    return out


print('| net | batch | threads | cortado ms | cv2 ms | ratio | GFLOP/s | peak MB |')
print('|---|---|---|---|---|---|---|---|')
for path in options.nets:
    name = os.path.splitext(os.path.basename(path))[0]
    with tempfile.TemporaryDirectory() as folder:
        weights = os.path.join(folder, 'w.caffemodel')
        run('bench', path, '--repeat', 1, '--save-weights', weights)
        shape = run('inspect', path)['inputs'][0]['shape']
        net = cv2.dnn.readNetFromCaffe(for_cv2(path, folder), weights)
        for batch in map(int, options.batch.split(',')):
            for threads in map(int, options.threads.split(',')):
                cv2.setNumThreads(threads)
                x = np.random.default_rng(1).standard_normal([batch] + shape[1:]).astype(np.float32)
                net.setInput(x)
                net.forward()
                ours, theirs, rate, peak = [], [], [], []
                for _ in range(options.repeat):
                    start = time.perf_counter()
                    net.setInput(x)
                    net.forward()
                    theirs.append((time.perf_counter() - start) * 1e3)
                    r = run('bench', path, weights, '--batch', batch, '--threads', threads, '--repeat', 3)
                    ours.append(r['seconds']['forward'] * 1e3)
                    rate.append(r['gflops'])
                    peak.append(r['peakBytes'] / 1e6)
                a, b = statistics.median(ours), statistics.median(theirs)
                print('| %s | %d | %d | %.2f | %.2f | %.2f | %.0f | %.0f |' % (
                    name, batch, threads, a, b, b / a, statistics.median(rate), max(peak)), flush=True)

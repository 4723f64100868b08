"""The bundles of the schemes mcunet, edge-only, deepcod and spinn: untrained networks for pictures of
20x20 pixels and six classes, each with everything that is special to its scheme.
"""

import random as standard_random
import sys

import numpy as np

from oracles import Device, confidences
from quantised import ROOT, DeviceGraph, pictures, remote_graph

sys.path.insert(0, str(ROOT / "scripts" / "coder"))

from oracle import random_tables  # noqa: E402

GRID, PATCH = 5, 4
SIDE = GRID * PATCH
CLASSES = ["ant", "bee", "cat", "dog", "elk", "fox"]


def manifest(scheme, graphs, paths):
    """graphs: name -> file. Digests are filled in when the files are written."""
    return {"format": 2, "scheme": scheme, "dataset": "blocks",
            "input": {"width": SIDE, "height": SIDE, "resize": "none", "fit": "stretch"},
            "graphs": {name: {"file": file} for name, file in graphs.items()},
            "paths": paths, "labels": CLASSES}


def server_exit():
    return {"name": "remote", "where": "server", "tensor": "logits"}


def nearest(features, tensor, counts):
    """Symbol tables of so many values for each channel of float features [N,H,W,C], the nearest of
    which a feature becomes; all channels' alike where there is one count."""
    reals = (np.arange(-128, 128) - int(tensor.quantisation.zero_points[0])) * float(
        tensor.quantisation.scales[0])
    tables = []
    for channel, count in enumerate(counts):
        seen = features if len(counts) == 1 else features[..., channel]
        # One for ReLU's zeros, the others spread over the rest.
        rest = np.quantile(seen[seen > 0], (np.arange(count - 1) + 0.5) / (count - 1))
        values = np.append(0, rest).astype(np.float32)
        symbols = np.abs(reals[:, None] - values).argmin(axis=1)
        tables.append({"symbolOf": [int(s) for s in symbols],
                       "valueOf": [float(v) for v in values]})
    return tables


def mcunet():
    """The whole network on the device."""
    random = np.random.default_rng(51)
    graph = DeviceGraph(random, pictures(random, 256, GRID, PATCH))
    x = graph.convolve(graph.image, 8, PATCH, PATCH)
    x = graph.convolve(x, 8, 3, 1)
    logits = graph.classify(graph.mean(x), len(CLASSES), "localLogits", 2)
    return (manifest("mcunet", {"device": "device.tflite"}, [
        {"name": "local", "device": "device",
         "exits": [{"name": "local", "where": "device", "tensor": "localLogits"}]}]),
        {"device.tflite": graph.write(logits)})


def edge_only():
    """The image to the server."""
    random = np.random.default_rng(52)
    images = pictures(random, 256, GRID, PATCH).transpose(0, 3, 1, 2)
    return (manifest("edge-only", {"remote": "remote.onnx"}, [
        {"name": "remote", "codec": "raw",
         "sends": [{"tensor": "image", "to": "pixels", "missing": [0.25, 0.5, 0.75]}],
         "remote": "remote", "exits": [server_exit()]}]),
        {"remote.onnx": remote_graph(random, images, "pixels", len(CLASSES), 4, 5, 5)})


def deepcod():
    """An encoder on the device. Its channels have tables of different lengths."""
    random = np.random.default_rng(53)
    graph = DeviceGraph(random, pictures(random, 256, GRID, PATCH))
    code = graph.convolve(graph.image, 4, PATCH, PATCH, "code")
    features = graph.values[code.index]
    tables = nearest(features, code, [8, 8, 6, 3])
    remote = remote_graph(random, features.transpose(0, 3, 1, 2), "code", len(CLASSES), 6, 3, 2)
    return (manifest("deepcod", {"device": "device.tflite", "remote": "remote.onnx"}, [
        {"name": "offload", "device": "device",
         "sends": [{"tensor": "code", "to": "code", "symbols": tables, "coder": {"name": "lzw"},
                    "missing": [round(float(m), 3) for m in features.mean(axis=(0, 1, 2))]}],
         "remote": "remote", "exits": [server_exit()]}]),
        {"device.tflite": graph.write(code), "remote.onnx": remote})


def spinn(shown):
    """One network, cut before its first layer, after its first or after its second.

    shown: the pictures, uint8, of which each exit is to be sure of some.
    """
    random = np.random.default_rng(54)
    graph = DeviceGraph(random, pictures(random, 256, GRID, PATCH))
    shallow = graph.convolve(graph.image, 6, PATCH, PATCH, "shallow")
    early = graph.classify(graph.mean(shallow), len(CLASSES), "earlyLogits", 2)
    deep = graph.convolve(shallow, 8, 3, 2, "deep")
    late = graph.classify(deep, len(CLASSES), "lateLogits", 2)
    # The outputs in another order than they are computed in.
    files = {"device.tflite": graph.write(late, shallow, early, deep)}
    maps = {"image": graph.values[graph.image.index], "shallow": graph.values[shallow.index],
            "deep": graph.values[deep.index]}
    for name, (filters, size, stride) in {"image": (4, 5, 5), "shallow": (6, 3, 2),
                                          "deep": (6, 1, 1)}.items():
        files[f"{name}.onnx"] = remote_graph(random, maps[name].transpose(0, 3, 1, 2), name,
                                             len(CLASSES), filters, size, stride)
    files["coder.bin"] = random_tables(standard_random.Random(7), 5, 6, 9)

    device = Device(files["device.tflite"], shown)
    sure = confidences(device.real("earlyLogits"), 1.5)
    exits = [{"name": "early", "where": "device", "tensor": "earlyLogits",
              "threshold": between(sure, len(shown) // 4), "temperature": 1.5}]
    unsure = device.real("lateLogits")[sure < exits[0]["threshold"]]
    exits.append({"name": "late", "where": "device", "tensor": "lateLogits",
                  "threshold": between(confidences(unsure, 1), len(shown) // 4),
                  "alpha": [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]})
    return (manifest("spinn", {"device": "device.tflite", "wholeRemote": "image.onnx",
                               "shallowRemote": "shallow.onnx", "deepRemote": "deep.onnx"}, [
        {"name": "whole", "codec": "raw", "sends": [{"tensor": "image", "to": "image"}],
         "remote": "wholeRemote", "exits": [server_exit()]},
        {"name": "shallow", "device": "device",
         "sends": [{"tensor": "shallow", "to": "shallow",
                    "symbols": nearest(maps["shallow"], shallow, [5]),
                    "coder": {"name": "range", "tables": {"file": "coder.bin"}},
                    "missing": [0.5]}],
         "remote": "shallowRemote", "exits": [exits[0], server_exit()]},
        {"name": "deep", "device": "device", "sends": [{"tensor": "deep", "to": "deep"}],
         "remote": "deepRemote", "exits": [*exits, server_exit()]}]), files)


def between(sure, count):
    """A threshold that so many of the confidences reach, far from all of them."""
    ordered = np.sort(sure)[::-1]
    assert ordered[count - 1] - ordered[count] > 0.02, "no room for a threshold"
    return round(float(ordered[count - 1] + ordered[count]) / 2, 3)

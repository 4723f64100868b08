"""The answers that a bundle must give to the pictures, path by path, as the oracles have them."""

import sys

import numpy as np

from oracles import (PREDICTION, Device, Remote, confidences, digest, each_channel, frame_bytes,
                     lzw, scan, symbols_of, values_of, winners)
from quantised import ROOT

sys.path.insert(0, str(ROOT / "scripts" / "coder"))

import oracle as range_oracle  # noqa: E402


def answers(manifest, files, pictures):
    """For each path, by its name, what happens to each picture where there is a server."""
    graphs = {name: files[entry["file"]] for name, entry in manifest["graphs"].items()}
    device = Device(graphs["device"], pictures) if "device" in graphs else None
    classes = len(manifest["labels"])
    return {path["name"]: PathAnswers(path, files, graphs, device, pictures).rows(classes)
            for path in manifest["paths"]}


class PathAnswers:
    def __init__(self, path, files, graphs, device, pictures):
        self.path, self.files, self.graphs = path, files, graphs
        self.device, self.pictures = device, pictures
        self.exits = [exit for exit in path["exits"] if exit["where"] == "device"]

    def rows(self, classes):
        rows = [{"exits": []} for _ in self.pictures]
        for exit in self.exits:
            logits = self.device.real(exit["tensor"])
            sure = confidences(logits, exit.get("temperature", 1))
            # Whole numbers: of equal classes the first wins, everywhere.
            for row, label, confidence in zip(rows, logits.argmax(axis=1), sure):
                row["exits"].append(
                    {"label": int(label), "confidence": round(float(confidence), 6)})
        if "remote" in self.path:
            self._offload(rows)
        for row in rows:
            row["answer"] = self._answer(row, classes)
        return rows

    def _offload(self, rows):
        send = self.path["sends"][0]
        tables = send.get("symbols", [])
        if "device" in self.path:
            maps = scan(self.device.outputs[send["tensor"]])
            quantisation = self.device.quantisation[send["tensor"]]
        else:
            maps = scan((self.pictures.astype(np.int16) - 128).astype(np.int8))
            quantisation = np.float32(1) / np.float32(255), -128
        symbols = symbols_of(np.ascontiguousarray(maps), tables)
        values = values_of(symbols, tables, quantisation)
        channels, height, width = maps.shape[1:]
        count, plane = channels * height * width, height * width
        missing = np.repeat(np.array(each_channel(send.get("missing", [0]), channels), np.float32),
                            plane)
        remote = Remote(self.graphs[self.path["remote"]])
        local = self.device.real(self.exits[-1]["tensor"]) if self.exits else None
        alpha = self.exits[-1].get("alpha") if self.exits else None
        for index, row in enumerate(rows):
            flat = symbols[index].ravel()
            payloads = self._payloads(send, flat, height, width)
            # A raw payload has a byte for each symbol.
            if payloads != list(range(count + 1)):
                row["payloads"] = payloads
            row["features"] = digest(values[index])
            # The features of each number of symbols that may have come.
            known = np.arange(count) < np.arange(count + 1)[:, None]
            prefixes = np.where(known, values[index].ravel(), missing)
            logits, scales = remote.logits(prefixes.reshape(-1, *maps.shape[1:]))
            # Half a step of rounding on either side.
            row["remote"] = text(winners(logits.astype(np.int16), 1))
            if alpha:
                share = np.array(alpha, np.float32)[np.arange(count + 1) // plane][:, None] \
                    if len(alpha) > 1 else np.float32(alpha[0])
                both = share * local[index] + (1 - share) * (scales * logits.astype(np.float32))
                row["combined"] = text(winners(both, scales[:, 0]))

    def _payloads(self, send, flat, height, width):
        """Bytes of the payload of each number of symbols, from none to all."""
        coder = send.get("coder", {"name": "raw"})
        counts = range(len(flat) + 1)
        if coder["name"] == "lzw":
            alphabet = max(len(t["valueOf"]) for t in send["symbols"])
            return [len(lzw(flat[:count], alphabet)) for count in counts]
        if coder["name"] == "range":
            tables = range_oracle.Tables(self.files[coder["tables"]["file"]])
            return [len(range_oracle.encode(tables, bytes(flat), height, width, count))
                    for count in counts]
        return list(counts)

    def _answer(self, row, classes):
        """With a server, no hurry and no budget."""
        for exit, found in zip(self.exits, row["exits"]):
            if "threshold" in exit and found["confidence"] >= exit["threshold"]:
                return {"source": "local", "label": found["label"], "payload": 0, "up": 0, "down": 0}
        if "remote" not in self.path:
            return {"source": "local", "label": row["exits"][-1]["label"], "payload": 0, "up": 0,
                    "down": 0}
        source = "combined" if "combined" in row else "remote"
        label = row[source][-1]
        assert label != "?", "the pictures' answers must not hang on a bit"
        payload = row["payloads"][-1] if "payloads" in row else len(row["remote"]) - 1
        return {"source": source, "label": int(label), "payload": payload,
                "up": frame_bytes(payload), "down": PREDICTION + classes}


def text(labels):
    """A character for each label, to be compact."""
    return "".join("?" if label is None else str(label) for label in labels)

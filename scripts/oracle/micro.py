"""TensorFlow Lite Micro's interpreter, run where its aborts do no harm."""

import os
import pickle
import re
import sys
import tempfile

import numpy as np
from tflite_micro.python.tflite_micro import runtime

ARENA_BYTES = 16 << 20


class Refused(Exception):
    """The interpreter did not take the model; the message is its own last line."""


def run(model, samples, timeout_s=60):
    """The outputs of every sample (a list of arrays, one for each input), as lists of arrays, and
    the arena bytes that are not persistent: what the memory plan takes, scratch included."""
    result = _in_child(lambda: _interpret(model, samples), timeout_s)
    outputs, log = result
    head = re.search(r"Arena allocation head (\d+) bytes", log)
    if head is None:
        raise Refused("it printed no arena size")
    return outputs, int(head.group(1))


def _interpret(model, samples):
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=ARENA_BYTES)
    results = []
    for sample in samples:
        for index, values in enumerate(sample):
            interpreter.set_input(values, index)
        interpreter.invoke()
        count = _output_count(model)
        results.append([np.array(interpreter.get_output(i)) for i in range(count)])
    interpreter.print_allocations()
    return results


def _output_count(model):
    import tflite
    return tflite.Model.GetRootAsModel(model, 0).Subgraphs(0).OutputsLength()


def _in_child(work, timeout_s):
    """work()'s value and what it wrote to standard error, from a process of its own."""
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as log:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.dup2(log.fileno(), 2)
                import signal
                signal.alarm(timeout_s)
                pickle.dump(work(), answer)
                answer.flush()
                status = 0
            except Exception as error:
                print(error, file=sys.stderr, flush=True)
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        log.seek(0)
        text = log.read().decode(errors="replace")
        if status != 0:
            lines = [line for line in text.splitlines() if line.strip()]
            raise Refused(lines[0] if lines else f"it ended with status {status}")
        answer.seek(0)
        return pickle.load(answer), text

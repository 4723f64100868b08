"""An ONNX network that computes in 8 bits: ONNX Runtime's own quantiser, calibrated on real inputs.

Activations and weights are uint8. Signed weights would be as good and as fast where the processor has
dot products of 8 bits (VNNI); without them, ONNX Runtime adds their products in 16 bits, which overflow.
"""

import logging
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process


class Inputs(CalibrationDataReader):
    def __init__(self, name: str, batches: list[np.ndarray]):
        self.left = iter({name: batch} for batch in batches)

    def get_next(self):
        return next(self.left, None)


def quantised(network: onnx.ModelProto, batches: list[np.ndarray]) -> bytes:
    """`network`: float32, of one input; `batches`: float32 inputs [N,C,H,W], whose least and greatest
    values inside the network are what 8 bits reach. Weights have a scale for each output channel."""
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder) / "float.onnx", Path(folder) / "quantised.onnx"
        onnx.save(network, source)
        # It says of each constant and each shape that it leaves them alone.
        logging.disable(logging.WARNING)
        try:
            quant_pre_process(source, source)
            quantize_static(source, result, Inputs(network.graph.input[0].name, batches),
                            quant_format=QuantFormat.QOperator, per_channel=True,
                            activation_type=QuantType.QUInt8, weight_type=QuantType.QUInt8)
        finally:
            logging.disable(logging.NOTSET)
        return onnx.load(result).SerializeToString(deterministic=True)

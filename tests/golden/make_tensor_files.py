"""Writes the golden files of tests/tensor_file with the reference implementations.

Made with safetensors 0.8.0 and numpy 2.4.6:  python make_tensor_files.py tests/golden
"""
import pathlib
import sys

import numpy
import safetensors.numpy

out = pathlib.Path(sys.argv[1])
safetensors.numpy.save_file(
    {
        "weight": numpy.arange(6, dtype=numpy.float32).reshape(2, 3) / 4,
        "half": numpy.array([1.0, -2.0, 0.5], dtype=numpy.float16),
        "scalar": numpy.array(-7, dtype=numpy.int64),
        "mask": numpy.array([True, False, True]),
        "none": numpy.zeros((0, 4), dtype=numpy.float64),
    },
    out / "reference.safetensors",
    metadata={"format": "np", "名": "值"},
)
numpy.save(out / "matrix_f4.npy", numpy.arange(6, dtype=numpy.float32).reshape(2, 3) / 4)
numpy.save(out / "row_i8.npy", numpy.array([3, -1, 2**40], dtype=numpy.int64))
numpy.save(out / "scalar_b1.npy", numpy.array(True))

"""Makes the HDF5 files beside this file: python3 make_hdf5.py (h5py 3.16, HDF5 2.0).

The expected numbers in the tests are those below.
"""
import os
import h5py, numpy as np

here = os.path.dirname(os.path.abspath(__file__))


def write(name, **sets):
    with h5py.File(os.path.join(here, name), "w", libver=("earliest", "v108")) as f:
        for key, value in sets.items():
            if isinstance(value, np.ndarray) and value.ndim == 4:
                f.create_dataset(key, data=value, chunks=(1,) + value.shape[1:], compression="gzip")
            else:
                f[key] = value


# Three items 0 .. 11, labels, a wide second blob, and what is no numbers.
write("three.h5", data=np.arange(12, dtype="<f4").reshape(3, 1, 2, 2), label=np.array([2, 0, 1], "<f4"),
      box=np.arange(6, dtype="<f4").reshape(3, 2) / 2, names=np.array([b"a", b"b", b"c"]))
# Two more, in other number types and byte order.
write("two.h5", data=np.arange(100, 108, dtype=">f8").reshape(2, 1, 2, 2), label=np.array([7, 8], "<i8"),
      box=np.array([[-1, 1], [-2, 2]], "<i2"))
# Items of another shape.
write("wide.h5", data=np.zeros((2, 1, 2, 3), "<f4"), label=np.array([0.5, 1], "<f4"))
write("empty.h5")

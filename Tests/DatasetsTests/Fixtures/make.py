"""Makes the fixtures beside it; needs SciPy, NumPy and Pillow.

The MATLAB files hold four images of the published form; pixel (row, column, channel) of image n is
(7 row + 3 column + 50 channel + 11 n) mod 256, the labels are 10, 1, 5, 9.
"""

import numpy
import scipy.io
from PIL import Image

row, column, channel, image = numpy.indices((32, 32, 3, 4))
X = ((7 * row + 3 * column + 50 * channel + 11 * image) % 256).astype(numpy.uint8)
y = numpy.array([[10], [1], [5], [9]])
scipy.io.savemat("svhn-compressed.mat", {"X": X, "y": y.astype(numpy.uint8)}, do_compression=True)
scipy.io.savemat("svhn-double.mat", {"X": X, "y": y.astype(float)}, do_compression=True)
scipy.io.savemat("svhn-plain.mat", {"X": X, "y": y.astype(numpy.uint8)}, do_compression=False)
scipy.io.savemat("svhn-y-first.mat", {"y": y.astype(numpy.int32), "note": "text", "X": X},
                 do_compression=True)
scipy.io.savemat("svhn-complex.mat", {"X": X, "y": y + 1j}, do_compression=True)
scipy.io.savemat("svhn-float.mat", {"X": X.astype(numpy.float32), "y": y}, do_compression=True)
scipy.io.savemat("svhn-one.mat", {"X": X[..., 0], "y": y[:1]}, do_compression=True)
scipy.io.savemat("svhn-level-4.mat", {"y": y.astype(float)}, format="4")

row, column = numpy.indices((12, 16))
photo = numpy.stack([row * 20, column * 15, (row * column) % 256], axis=2).astype(numpy.uint8)
Image.fromarray(photo).save("photo.jpg", quality=90, subsampling=2)
Image.fromarray(photo).save("progressive.jpg", quality=90, progressive=True)
Image.fromarray(photo).convert("L").save("grey.jpg", quality=90)
Image.fromarray(photo).convert("CMYK").save("cmyk.jpg")
for name in ("photo", "progressive", "grey"):
    with Image.open(f"{name}.jpg") as stored, open(f"{name}.rgb", "wb") as file:
        file.write(numpy.asarray(stored.convert("RGB")).tobytes())

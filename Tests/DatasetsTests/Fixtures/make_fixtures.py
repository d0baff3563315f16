"""Makes the images beside this file: python3 make_fixtures.py

PNGs are put together here from their chunks; JPEGs come from libturbojpeg's compressor.
The expected pixels in the tests are the numbers below, not what our decoder said.
"""
import ctypes, ctypes.util, os, struct, zlib

here = os.path.dirname(os.path.abspath(__file__))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name, width, height, depth, colour, rows, extra=b""):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    with open(os.path.join(here, name), "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", data) + chunk(b"IEND", b""))


RGB = [[(255, 0, 0), (0, 255, 0), (0, 0, 255)], [(10, 20, 30), (40, 50, 60), (70, 80, 90)]]
GREY = [[0, 100, 200], [50, 150, 250]]

flat = lambda row: bytes(v for pixel in row for v in pixel)
png("rgb8.png", 3, 2, 8, 2, [flat(r) for r in RGB])
png("rgba8.png", 3, 2, 8, 6, [flat([p + (i * 7,) for i, p in enumerate(r)]) for r in RGB])
png("rgb16.png", 3, 2, 16, 2, [b"".join(bytes([v, 0x33]) for p in r for v in p) for r in RGB])
png("grey8.png", 3, 2, 8, 0, [bytes(r) for r in GREY])
png("greyalpha8.png", 3, 2, 8, 4, [b"".join(bytes([v, 128]) for v in r) for r in GREY])
png("grey16.png", 3, 2, 16, 0, [b"".join(bytes([v, 0x77]) for v in r) for r in GREY])
png("grey1.png", 3, 2, 1, 0, [b"\xa0", b"\x40"])  # 101, 010
palette = [p for r in RGB for p in r]
png("palette.png", 3, 2, 8, 3, [bytes([0, 1, 2]), bytes([3, 4, 5])],
    chunk(b"PLTE", flat(palette)) + chunk(b"tRNS", bytes([0, 128])))
# Says 65536 x 65536 pixels: 12 GB once decoded.
png("huge.png", 65536, 65536, 8, 2, [b"\0" * 16])

tj = ctypes.CDLL(ctypes.util.find_library("turbojpeg"))
tj.tjInitCompress.restype = ctypes.c_void_p
PIXEL_RGB, PIXEL_GREY, PIXEL_CMYK, SAMP_444, SAMP_GREY = 0, 6, 11, 0, 3


def jpeg(name, pixels, width, height, kind, sampling):
    handle, out, size = ctypes.c_void_p(tj.tjInitCompress()), ctypes.c_void_p(), ctypes.c_ulong()
    status = tj.tjCompress2(handle, pixels, width, 0, height, kind, ctypes.byref(out), ctypes.byref(size), sampling, 100, 0)
    assert status == 0
    with open(os.path.join(here, name), "wb") as f:
        f.write(ctypes.string_at(out, size.value))
    tj.tjFree(out), tj.tjDestroy(handle)


# 16 x 8: the left half (200, 30, 40), the right half (20, 60, 220); halves are whole blocks, so they stay flat.
jpeg("colour.jpg", (bytes([200, 30, 40]) * 8 + bytes([20, 60, 220]) * 8) * 8, 16, 8, PIXEL_RGB, SAMP_444)
jpeg("grey.jpg", (bytes([30]) * 8 + bytes([220]) * 8) * 8, 16, 8, PIXEL_GREY, SAMP_GREY)
# Stored light: 255 passes all. C, M, Y, K = 200, 100, 50, 204 is red 160, green 80, blue 40.
jpeg("cmyk.jpg", bytes([200, 100, 50, 204]) * 128, 16, 8, PIXEL_CMYK, SAMP_444)

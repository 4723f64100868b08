#!/usr/bin/env python3
"""The range coder as docs/coding.md writes it, to compare the Swift one with. It needs nothing.

    oracle.py fixture                        the tables, symbols and payloads that the tests compare with
    oracle.py measure TABLES SYMBOLS H W     sizes of images' payloads, and what the contexts allow

TABLES is a blob of tables; SYMBOLS has a byte for each symbol, [images,channels,height,width]. The
payload is computed as one whole number, without carries or windows: whatever the coder does with
those must come to the same bytes.
"""
import math
import random
import struct
import sys

TOTAL_BITS, NEAR_SUMS = 15, 32


class Tables:
    def __init__(self, blob):
        (magic, version, bits, self.alphabet, channels, contexts, length, offset,
         self.least) = struct.unpack_from("<IBBHHHIIH", blob)
        assert (magic, version, bits) == (0x43524741, 1, TOTAL_BITS) and length <= len(blob)
        entries = self.alphabet + 1
        self.contexts = [
            struct.unpack_from("<%dH" % entries, blob, offset + 2 * entries * i)
            for i in range(contexts)]
        self.channels = []
        for channel in range(channels):
            record = 32 + 32 * channel
            above, before, far, mapping, far_sums, count = struct.unpack_from("<IIIIHB", blob, record)
            references = [
                (blob[record + 20 + i], blob[record + 24 + i] % 3 - 1, blob[record + 24 + i] // 3)
                for i in range(count)]
            words = [blob[start:start + size * entries] for start, size in
                     ((above, 4), (before, 2), (far, 4))]
            self.channels.append(
                (*words, blob[mapping:mapping + NEAR_SUMS * far_sums], references))

    def context(self, symbols, height, width, channel, row, column):
        """symbols: [channel][row][column], known before this place in scan order."""
        above, before, far, mapping, references = self.channels[channel]

        def at(r, c):
            inside = 0 <= r and 0 <= c < width
            return symbols[channel][r][c] if inside else self.alphabet

        near = sum(above[4 * at(row - 1, column + 1 - lane) + lane] for lane in range(4))
        near += sum(before[2 * at(row, column - 1 - lane) + lane] for lane in range(2))
        total = 0
        for lane, (reference, down, right) in enumerate(references):
            r = min(max(row + down, 0), height - 1)
            c = min(column + right, width - 1)
            total += far[4 * symbols[reference][r][c] + lane]
        return mapping[NEAR_SUMS * total + near]


def planes(flat, channels, height, width):
    size = height * width
    return [[list(flat[c * size + r * width:c * size + (r + 1) * width]) for r in range(height)]
            for c in range(channels)]


def intervals(tables, flat, height, width, count):
    """(context, symbol) of the first `count` symbols."""
    symbols = planes(flat, len(tables.channels), height, width)
    for index in range(count):
        channel, rest = divmod(index, height * width)
        row, column = divmod(rest, width)
        yield tables.context(symbols, height, width, channel, row, column), flat[index]


def encode(tables, flat, height, width, count=None):
    """The payload of the first `count` symbols."""
    low, size, shifts = 0, (1 << 32) - 1, 0
    for context, symbol in intervals(tables, flat, height, width, len(flat) if count is None else count):
        cumulative = tables.contexts[context]
        share = size >> TOTAL_BITS
        low += share * cumulative[symbol]
        size = share * (cumulative[symbol + 1] - cumulative[symbol])
        while size < 1 << 24:
            low, size, shifts = low << 8, size << 8, shifts + 1
    # The number with the fewest bytes: a multiple of 2^32, else of 2^24.
    for bits, more in ((32, 0), (24, 1)):
        number = -(-low >> bits)
        if number << bits < low + size:
            return number.to_bytes(shifts + more, "big")
    raise AssertionError


def random_tables(generator, alphabet, channels, contexts):
    entries = alphabet + 1
    blob = bytearray(32 + 32 * channels)

    def place(data):
        while len(blob) % 4:
            blob.append(0)
        blob.extend(data)
        return len(blob) - len(data)

    least = 1 << TOTAL_BITS
    cumulative = bytearray()
    for _ in range(contexts):
        # Steep and flat ones.
        weights = [generator.random() ** generator.choice((1, 4, 30)) for _ in range(alphabet)]
        room = (1 << TOTAL_BITS) - alphabet
        shares = [1 + int(room * w / sum(weights)) for w in weights]
        shares[0] += (1 << TOTAL_BITS) - sum(shares)
        least = min(least, *shares)
        total = 0
        for share in [0] + shares:
            total += share
            cumulative += struct.pack("<H", total)
    offset = place(cumulative)
    for channel in range(channels):
        count = min(channel, generator.randrange(5))
        near = [[generator.randrange(6) for _ in range(entries)] for _ in range(6)]
        far = [[generator.randrange(9) if lane < count else 0 for _ in range(entries)]
               for lane in range(4)]
        sums = 1 + sum(max(column) for column in far)
        pack = lambda columns: bytes(column[s] for s in range(entries) for column in columns)
        offsets = [place(pack(near[:4])), place(pack(near[4:])), place(pack(far)),
                   place(bytes(generator.randrange(contexts) for _ in range(NEAR_SUMS * sums)))]
        references = [generator.randrange(channel) for _ in range(count)]
        places = [generator.randrange(6) for _ in range(count)]
        struct.pack_into("<IIIIHBB4s4s", blob, 32 + 32 * channel, *offsets, sums, count, 0,
                         bytes(references), bytes(places))
    struct.pack_into("<IBBHHHIIH", blob, 0, 0x43524741, 1, TOTAL_BITS, alphabet, channels, contexts,
                     len(blob), offset, least)
    return bytes(blob)


def fixture():
    generator = random.Random(13)
    print("// Written by `scripts/coder/oracle.py fixture`.\n")
    print("/// Tables, symbols and payloads of the range coder as the oracle has them, in hexadecimal.")
    print("enum RangeFixture {\n  /// Of the first symbols, by their number.")
    print("  struct Case: Sendable {\n    let alphabetSize, height, width, channels: Int")
    print("    let tables, symbols: String\n    let payloads: [Int: String]\n  }\n")
    print("  static let cases = [")
    for alphabet, height, width, channels, contexts in (
            (2, 1, 1, 1, 1), (3, 1, 9, 2, 3), (8, 4, 5, 4, 12), (8, 6, 1, 3, 5), (5, 3, 2, 6, 9),
            (17, 5, 4, 2, 4), (64, 4, 4, 3, 3), (256, 3, 6, 2, 2), (1, 2, 2, 2, 1)):
        blob = random_tables(generator, alphabet, channels, contexts)
        tables = Tables(blob)
        symbols = bytes(min(int(generator.expovariate(1.2)), alphabet - 1) if generator.random() < 0.8
                        else generator.randrange(alphabet) for _ in range(height * width * channels))
        counts = sorted({0, 1, min(2, len(symbols)), len(symbols) // 2, len(symbols) - 1, len(symbols)})
        print("    Case(\n      alphabetSize: %d, height: %d, width: %d, channels: %d," % (
            alphabet, height, width, channels))
        for name, data in (("tables", blob), ("symbols", symbols)):
            text = data.hex()
            print('      %s: """' % name)
            for start in range(0, len(text), 96):
                last = start + 96 >= len(text)
                print("        " + text[start:start + 96] + ("" if last else "\\"))
            print('        """,')
        print("      payloads: [")
        for count in counts:
            print('        %d: "%s",' % (count, encode(tables, symbols, height, width, count).hex()))
        print("      ]),")
    print("  ]\n}")


def measure(tables_path, symbols_path, height, width):
    with open(tables_path, "rb") as file:
        tables = Tables(file.read())
    with open(symbols_path, "rb") as file:
        data = file.read()
    size = len(tables.channels) * height * width
    images = len(data) // size
    counts = [[0] * tables.alphabet for _ in tables.contexts]
    coded = 0
    for image in range(images):
        flat = data[image * size:(image + 1) * size]
        coded += len(encode(tables, flat, height, width))
        for context, symbol in intervals(tables, flat, height, width, size):
            counts[context][symbol] += 1
    least = modelled = 0
    for context, row in enumerate(counts):
        for symbol, count in enumerate(row):
            if count:
                cumulative = tables.contexts[context]
                share = cumulative[symbol + 1] - cumulative[symbol]
                modelled += count * (TOTAL_BITS - math.log2(share))
                least += count * math.log2(sum(row) / count)
    print("%d images: %.1f bytes each; the tables' frequencies allow %.1f, "
          "the conditional entropy of these images' contexts is %.1f: %+.2f %%" % (
              images, coded / images, modelled / 8 / images, least / 8 / images,
              100 * (8 * coded / least - 1)))


if __name__ == "__main__":
    if sys.argv[1:] == ["fixture"]:
        fixture()
    elif len(sys.argv) == 6 and sys.argv[1] == "measure":
        measure(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
    else:
        sys.exit(__doc__.split("\n\n")[1])

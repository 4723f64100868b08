from trainkit.lzw import encoded_bytes


def test_the_specifications_example():
    # docs/protocol.md: 2 + 3 + 3 + 3 + 3 bits.
    assert encoded_bytes([0, 1, 0, 1, 0, 1, 0, 2], 4) == 2
    # Two more take a code of 3 bits each at most: the 17th bit opens a third byte.
    assert encoded_bytes([0, 1, 0, 1, 0, 1, 0, 2, 3], 4) == 3


def test_edges():
    assert encoded_bytes([], 8) == 0
    assert encoded_bytes([0], 1) == 1
    # A run of one symbol takes codes for strings of 1, 2, 3, ... symbols: 3 + 9 * 4 bits.
    assert encoded_bytes([0] * 55, 8) == -(-(3 + 8 * 4 + 5) // 8)


def test_a_full_dictionary_begins_anew():
    import random

    generator = random.Random(1)
    symbols = [generator.randrange(8) for _ in range(40_000)]
    size = encoded_bytes(symbols, 8)
    assert 40_000 * 3 / 8 < size < 40_000 * 4.6 / 8

"""The payload's size under LZW, for logs: codes widen from the alphabet's up to 12 bits, and the
full dictionary stays. The device's coder is specified in `docs/protocol.md`.
"""


def encoded_bytes(symbols: list[int], alphabet: int, limit_bits: int = 12) -> int:
    table = {(s,): s for s in range(alphabet)}
    bits, prefix = 0, ()
    width = max(1, (alphabet - 1).bit_length())
    for symbol in symbols:
        extended = prefix + (symbol,)
        if extended in table:
            prefix = extended
            continue
        bits += width
        if len(table) < 1 << limit_bits:
            table[extended] = len(table)
            width = max(width, (len(table) - 1).bit_length())
        prefix = (symbol,)
    return (bits + (width if prefix else 0) + 7) // 8

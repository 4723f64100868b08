"""The payload's size under the LZW of `docs/protocol.md`, for logs and the manifest."""

ENTRIES = 4096


def encoded_bytes(symbols: list[int], alphabet: int) -> int:
    """Bytes that the symbols take: codes widen with the dictionary, which begins anew at 4096."""
    table: dict[tuple[int, int], int] = {}
    count, bits, code = alphabet, 0, None
    for symbol in symbols:
        if code is None:
            code = symbol
            continue
        longer = table.get((code, symbol))
        if longer is not None:
            code = longer
            continue
        bits += max(1, (count - 1).bit_length())
        if count == ENTRIES:
            table.clear()
            count = alphabet
        else:
            table[code, symbol] = count
            count += 1
        code = symbol
    if code is not None:
        bits += max(1, (count - 1).bit_length())
    return (bits + 7) // 8

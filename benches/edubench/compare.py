"""Whether two engines gave the same rows: in any order, whole numbers and decimals exactly, floats to a tolerance."""

import datetime
import decimal
import math

# Sums of floats depend on their order; relative to the larger of both, and absolute below one.
TOLERANCE = 1e-9


def typed(value):
    """A cell of a peer without the differences that are only its language's."""
    if value is None or isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return decimal.Decimal(value)
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()[:10]
    return value


def kinds(rows, width):
    """What each column holds: float, number or text; a column without values is text."""
    found = [None] * width
    for row in rows:
        for index, value in enumerate(row):
            if isinstance(value, float):
                found[index] = "float"
            elif found[index] is None and value is not None:
                found[index] = "number" if isinstance(value, decimal.Decimal) else "text"
    return [kind or "text" for kind in found]


def parsed(text, kind):
    """A cell of a CSV as the peer's column has it."""
    if text == "":
        return None
    if kind == "float":
        return typed(float(text))
    return decimal.Decimal(text) if kind == "number" else text


def ordered(rows, types):
    exact = [index for index, kind in enumerate(types) if kind != "float"]
    rest = [index for index, kind in enumerate(types) if kind == "float"]

    def key(row):
        return [(row[index] is None, str(normal(row[index]))) for index in exact] + [
            (row[index] is None, float(row[index] or 0)) for index in rest
        ]

    return sorted(rows, key=key)


def normal(value):
    return value.normalize() if isinstance(value, decimal.Decimal) else value


def same(left, right, tolerance):
    if left is None or right is None:
        return left is right
    if isinstance(left, float) or isinstance(right, float):
        left, right = float(left), float(right)
        return abs(left - right) <= tolerance * max(1.0, abs(left), abs(right))
    return left == right


def as_text(table):
    """A typed table as a CSV would hold it."""
    columns, rows = table
    return columns, [tuple("" if typed(cell) is None else str(typed(cell)) for cell in row) for row in rows]


def difference(ours, peer, tolerance=TOLERANCE):
    """None when both tables say the same, else what differs first. `ours` is text, `peer` typed."""
    (columns, rows), (peer_columns, peer_rows) = ours, peer
    columns, peer_columns = [[name.lower() for name in names] for names in (columns, peer_columns)]
    if sorted(columns) != sorted(peer_columns):
        return f"columns {columns} against {peer_columns}"
    # `select *` puts partition columns where the engine likes.
    places = [peer_columns.index(name) for name in columns]
    peer_rows = [tuple(row[place] for place in places) for row in peer_rows]
    if len(rows) != len(peer_rows):
        return f"{len(rows)} rows against {len(peer_rows)}"
    peer_rows = [tuple(typed(value) for value in row) for row in peer_rows]
    types = kinds(peer_rows, len(columns))
    try:
        rows = [tuple(parsed(cell, kind) for cell, kind in zip(row, types)) for row in rows]
    except (ValueError, decimal.InvalidOperation) as error:
        return f"a cell is of another type: {error}"
    for left, right in zip(ordered(rows, types), ordered(peer_rows, types)):
        for name, one, other in zip(columns, left, right):
            if not same(one, other, tolerance):
                return f"{name}: {one} against {other} in {left}"
    return None

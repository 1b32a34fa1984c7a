"""Ratios as a bar chart, SVG written by hand: one group a case, one bar a peer, logarithmic, 1 in the middle."""

import math

COLOURS = ["#0b6e99", "#d9730d", "#6940a5"]
LEFT, TOP, HEIGHT, GROUP = 60, 60, 320, 44
LOWEST, HIGHEST = 0.125, 4.0


def place(value):
    """Vertical place of a ratio."""
    share = math.log(min(max(value, LOWEST), HIGHEST) / LOWEST) / math.log(HIGHEST / LOWEST)
    return TOP + HEIGHT * (1 - share)


def text(x, y, content, size=12, anchor="middle"):
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="#333">{content}</text>'


def ratios(title, ours, series):
    """`series`: peer -> [(case, ratio or None)]; a bar upwards from 1 is a loss, downwards a gain."""
    numbers = [number for number, _ in next(iter(series.values()))]
    width = LEFT + GROUP * len(numbers) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TOP + HEIGHT + 60}" font-family="sans-serif">',
        f'<rect width="{width}" height="{TOP + HEIGHT + 60}" fill="white"/>',
        text(LEFT, 22, f"{title}: time of {ours} to that of the peer, below 1 is faster", 14, "start"),
    ]
    for index, peer in enumerate(series):
        x = LEFT + 110 * index
        parts.append(f'<rect x="{x}" y="33" width="11" height="11" fill="{COLOURS[index]}"/>')
        parts.append(text(x + 16, 43, peer, 12, "start"))
    value = LOWEST
    while value <= HIGHEST:
        y = place(value)
        stroke = "#333" if value == 1 else "#ddd"
        parts.append(f'<line x1="{LEFT}" x2="{width - 20}" y1="{y:.1f}" y2="{y:.1f}" stroke="{stroke}"/>')
        parts.append(text(LEFT - 6, y + 4, f"{value:g}", 11, "end"))
        value *= 2
    bar = (GROUP - 8) / len(series)
    for index, points in enumerate(series.values()):
        for at, (_, found) in enumerate(points):
            x = LEFT + GROUP * at + 4 + bar * index
            if found is None:
                parts.append(text(x + bar / 2, place(1) - 4, "×", 11))
                continue
            top, bottom = sorted((place(found), place(1)))
            height = max(bottom - top, 1)
            parts.append(
                f'<rect x="{x:.1f}" y="{top:.1f}" width="{bar - 1:.1f}" height="{height:.1f}" fill="{COLOURS[index]}"/>'
            )
            if not LOWEST <= found <= HIGHEST:
                # The bar ends at the edge; its number says how far it would go.
                parts.append(text(x + bar / 2, top - 3 if found > 1 else bottom + 10, f"{found:.3g}", 8))
    for at, number in enumerate(numbers):
        parts.append(text(LEFT + GROUP * (at + 0.5), TOP + HEIGHT + 20, f"{number:02}"))
    parts.append(text(LEFT, TOP + HEIGHT + 44, "× = the peer cannot answer, or answers otherwise", 11, "start"))
    return "\n".join(parts + ["</svg>"]) + "\n"

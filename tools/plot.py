"""Curves over time as one SVG file that needs nothing else; light and dark by the reader's choice."""
import html

WIDTH, LEFT, RIGHT, TOP, HEIGHT, GAP = 960, 76, 132, 64, 150, 46
COLOURS = ["#0b6bcb", "#c2410c", "#15803d", "#7e22ce", "#a16207", "#0e7490", "#be123c"]
STYLE = """
  svg { font: 12px system-ui, sans-serif; background: #fff; }
  text { fill: #1f2328; } .quiet { fill: #59636e; } .title { font-size: 15px; font-weight: 600; }
  .grid { stroke: #d1d9e0; stroke-width: 1; } .mark { stroke: #9aa4af; stroke-dasharray: 2 3; }
  .curve { fill: none; stroke-width: 1.4; stroke-linejoin: round; }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; } text { fill: #f0f6fc; } .quiet { fill: #9198a1; }
    .grid { stroke: #3d444d; } .mark { stroke: #656c76; } .curve { filter: brightness(1.5); }
  }
"""


def nice_step(most, parts=4):
    """A round distance between lines, so that about so many fit below the greatest value."""
    step = 1e-6
    while True:
        for factor in (1, 2, 5):
            if most / (step * factor) <= parts:
                return step * factor
        step *= 10


def number(value):
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def thinned(points, most=900):
    """Fewer points, of each group the greatest, so that no peak is lost."""
    stride = max(1, -(-len(points) // most))
    return [max(points[at:at + stride], key=lambda point: point[1])
            for at in range(0, len(points), stride)]


def panel(top, title, curves, end, marks, limit=None):
    """One diagram: curves are (name, [(seconds, value)])."""
    values = [value for _, points in curves for _, value in points]
    most = max([*values, limit or 0, 1e-9]) * 1.06
    step, inner = nice_step(most), WIDTH - LEFT - RIGHT

    def x(seconds):
        return LEFT + inner * seconds / end

    def y(value):
        return top + HEIGHT * (1 - value / most)

    parts = [f'<text x="{LEFT}" y="{top - 10}">{html.escape(title)}</text>']
    level = 0.0
    while level <= most:
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{LEFT + inner}" y1="{y(level):.1f}" '
                     f'y2="{y(level):.1f}"/><text class="quiet" x="{LEFT - 8}" '
                     f'y="{y(level) + 4:.1f}" text-anchor="end">{number(level)}</text>')
        level += step
    for seconds in marks:
        parts.append(f'<line class="mark" x1="{x(seconds):.1f}" x2="{x(seconds):.1f}" '
                     f'y1="{top}" y2="{top + HEIGHT}"/>')
    if limit:
        parts.append(f'<line x1="{LEFT}" x2="{LEFT + inner}" y1="{y(limit):.1f}" '
                     f'y2="{y(limit):.1f}" stroke="#cf222e" stroke-width="1.2"/>'
                     f'<text x="{LEFT + inner + 8}" y="{y(limit) + 4:.1f}">bound '
                     f'{number(limit)}</text>')
    for index, (name, points) in enumerate(curves):
        colour = COLOURS[index % len(COLOURS)]
        line = " ".join(f"{x(seconds):.1f},{y(value):.1f}"
                        for seconds, value in thinned(points))
        parts.append(f'<polyline class="curve" stroke="{colour}" points="{line}"/>')
        place = top + 14 + 16 * index
        parts.append(f'<rect x="{LEFT + inner + 8}" y="{place - 9}" width="10" height="10" '
                     f'fill="{colour}"/><text x="{LEFT + inner + 24}" y="{place}">'
                     f'{html.escape(name)}</text>')
    return "\n".join(parts)


def time_axis(top, end):
    """Minutes or seconds below the last diagram."""
    unit, word = (60, "min") if end >= 240 else (1, "s")
    step, inner, parts = nice_step(end / unit, 10), WIDTH - LEFT - RIGHT, []
    at = 0.0
    while at * unit <= end:
        parts.append(f'<text class="quiet" x="{LEFT + inner * at * unit / end:.1f}" y="{top}" '
                     f'text-anchor="middle">{at:g} {word}</text>')
        at += step
    return "\n".join(parts)


def svg(title, words, panels, end, marks=()):
    """The whole picture; panels are (title, curves, limit or None)."""
    height = TOP + len(panels) * (HEIGHT + GAP) + 8
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
             f'role="img"><title>{html.escape(title)}</title><style>{STYLE}</style>',
             f'<text class="title" x="16" y="22">{html.escape(title)}</text>',
             f'<text class="quiet" x="16" y="40">{html.escape(words)}</text>']
    for index, (name, curves, limit) in enumerate(panels):
        parts.append(panel(TOP + 14 + index * (HEIGHT + GAP), name, curves, end, marks, limit))
    parts.append(time_axis(TOP + 14 + len(panels) * (HEIGHT + GAP) - 26, end))
    return "\n".join([*parts, "</svg>", ""])

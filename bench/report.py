# SPDX-License-Identifier: GPL-2.0-or-later
"""
What a bench found, as JSON, as a table in markdown, and as a plot in SVG.

A result is a dict:

    bench, title, parameters {name: value}, machine (machine.describe())
    sides {name: [sample, ...]}, a sample having 'seconds', 'cpu' {program: seconds}, more if it likes
    values [(what, value, unit)]        figures that are no times of sides
    ratios [(what, value, target)]      target: what the issue asks for, or None
    notes [text]
"""

import json
import os
import statistics
from xml.sax.saxutils import escape

from machine import spread

CPU_COLUMNS = ("netstackd", "zebra", "mgmtd", "staticd")


def median_of(samples, key="seconds"):
    return statistics.median(sample[key] for sample in samples)


def median_cpu(samples):
    """{program: median of its CPU seconds over the samples}, largest first."""
    names = {name for sample in samples for name in sample["cpu"]}
    cpu = {
        name: statistics.median(sample["cpu"].get(name, 0) for sample in samples) for name in names
    }
    return dict(sorted(cpu.items(), key=lambda item: -item[1]))


def ratio(sides, one, other):
    return median_of(sides[one]) / median_of(sides[other])


def seconds_text(seconds):
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds:.2f} s"


def table(rows):
    lines = ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    return "\n".join(lines)


def sides_table(sides):
    """Times of each side, and its CPU: our and FRR's daemons, the commands, all the rest."""
    rows = [("side", "median", "min to max", "runs", *CPU_COLUMNS, "commands", "all else")]
    for name, samples in sides.items():
        median, low, high = spread([sample["seconds"] for sample in samples])
        cpu = median_cpu(samples)
        shown = [cpu.pop(column, 0) for column in (*CPU_COLUMNS, "commands")]
        cells = [f"{seconds:.2f}" if seconds else "" for seconds in (*shown, sum(cpu.values()))]
        between = f"{seconds_text(low)} to {seconds_text(high)}"
        rows.append((name, seconds_text(median), between, len(samples), *cells))
    return table(rows)


def markdown(result):
    parameters = ", ".join(f"{name} {value}" for name, value in result["parameters"].items())
    parts = [f"### {result['bench']}: {result['title']}", f"{parameters}."]
    if result["sides"]:
        parts.append(sides_table(result["sides"]) + "\n\nCPU in seconds, median, by program.")
    if result.get("values"):
        rows = [("what", "value")]
        rows += [(what, f"{value:g} {unit}".strip()) for what, value, unit in result["values"]]
        parts.append(table(rows))
    if result["ratios"]:
        rows = [("ratio", "is", "to reach")]
        rows += [(what, f"{value:.2f}", target or "") for what, value, target in result["ratios"]]
        parts.append(table(rows))
    parts += result.get("notes", [])
    return "\n\n".join(parts) + "\n"


# ---- the plot: a bar for each side, its parts the CPU of programs, a whisker from min to max -------

COLOURS = ("#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951", "#ff8ab7", "#a463f2", "#97bbf5")
OTHER = "#9498a0"
WIDTH, LEFT, RIGHT, ROW, TOP = 860, 190, 90, 34, 64


def svg(result):
    """Median time of each side; coloured: whose processor time it was, grey: waiting and others'."""
    sides = result["sides"]
    programs = _programs(sides)
    longest = max(max(s["seconds"] for s in samples) for samples in sides.values())
    scale = (WIDTH - LEFT - RIGHT) / longest
    height = TOP + ROW * len(sides) + 46
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        _text(10, 20, f"{result['bench']}: {result['title']}", size=15),
        *_legend(programs),
    ]
    for row, (name, samples) in enumerate(sides.items()):
        out += _bar(TOP + ROW * row, name, samples, programs, scale)
    out += _axis(TOP + ROW * len(sides), longest, scale)
    return "\n".join(out + ["</svg>", ""])


def _programs(sides):
    """Those that matter, by the most that any side used: coloured alike in all bars."""
    most = {}
    for samples in sides.values():
        for name, seconds in median_cpu(samples).items():
            most[name] = max(most.get(name, 0), seconds)
    return sorted(most, key=lambda name: -most[name])[: len(COLOURS)]


def _text(x, y, words, size=12, anchor="start"):
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="{anchor}">{escape(words)}</text>'


def _legend(programs):
    x, out = 10, []
    for name, colour in zip((*programs, "waiting, others"), (*COLOURS[: len(programs)], OTHER)):
        out.append(f'<rect x="{x}" y="32" width="11" height="11" fill="{colour}"/>')
        out.append(_text(x + 15, 42, name))
        x += 26 + 7 * len(name)
    return out


def _bar(y, name, samples, programs, scale):
    """CPU can be more than the time where there are several processors: it is scaled then."""
    median, low, high = spread([sample["seconds"] for sample in samples])
    cpu = median_cpu(samples)
    shrink = min(1, median / sum(cpu.values())) if cpu else 1
    x, out = LEFT, [_text(LEFT - 8, y + 18, name, anchor="end")]
    out.append(
        f'<rect x="{LEFT}" y="{y + 4}" width="{median * scale:.1f}" height="20" fill="{OTHER}"/>'
    )
    for program, colour in zip(programs, COLOURS):
        width = cpu.get(program, 0) * shrink * scale
        out.append(
            f'<rect x="{x:.1f}" y="{y + 4}" width="{width:.1f}" height="20" fill="{colour}">'
            f"<title>{escape(program)}: {cpu.get(program, 0):.2f} s</title></rect>"
        )
        x += width
    a, b = LEFT + low * scale, LEFT + high * scale
    out.append(
        f'<path d="M{a:.1f} {y + 14}H{b:.1f}M{a:.1f} {y + 9}v10M{b:.1f} {y + 9}v10" stroke="black"/>'
    )
    out.append(_text(b + 8, y + 18, seconds_text(median)))
    return out


def _axis(y, longest, scale):
    step = 10 ** len(str(int(longest))) / 10 if longest >= 1 else 0.1
    while longest / step < 4:
        step /= 2
    out = [f'<path d="M{LEFT} {y + 4}H{WIDTH - RIGHT}" stroke="black"/>']
    at = 0
    while at <= longest:
        out.append(f'<path d="M{LEFT + at * scale:.1f} {y + 4}v5" stroke="black"/>')
        out.append(_text(LEFT + at * scale, y + 22, f"{at:g}", anchor="middle"))
        at += step
    return out + [_text(WIDTH - RIGHT + 14, y + 22, "seconds")]


def write(result, folder):
    """The three files; the names begin with the bench's."""
    os.makedirs(folder, exist_ok=True)
    base = os.path.join(folder, result["bench"])
    with open(base + ".json", "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.write("\n")
    with open(base + ".md", "w", encoding="utf-8") as file:
        file.write(markdown(result))
    if result["sides"]:
        with open(base + ".svg", "w", encoding="utf-8") as file:
            file.write(svg(result))

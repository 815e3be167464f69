# SPDX-License-Identifier: GPL-2.0-or-later
"""
What a bench found, as JSON, as a table in markdown, and as a plot in SVG.

A result is a dict:

    bench, title, parameters {name: value}, machine (machine.describe())
    sides {name: [sample, ...]}, a sample having 'seconds', 'cpu' {program: seconds}, more if it likes
    values [(what, value, unit)]        figures that are no times of sides
    ratios [(what, value, target)]      target: what the issue asks for, or None
    notes [text]
    distributions [{what, unit, target or None, sides {name: [value, ...]}}]
                                        of single events; the first one is plotted in place of sides
    bars {unit, values {name: value}}   of a bench without times: what is plotted of it
"""

import json
import math
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


def percentile(values, percent):
    """The smallest value that so many percent of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(percent / 100 * len(ordered)), 1) - 1]


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


PERCENTILES = (50, 90, 99, 100)


def distribution_table(distribution):
    unit, target = distribution["unit"], distribution["target"]
    head = [f"p{percent}" if percent < 100 else "max" for percent in PERCENTILES]
    rows = [(distribution["what"], *head, "events", "to reach")]
    for name, values in distribution["sides"].items():
        cells = [f"{round(percentile(values, p), 1):g} {unit}" for p in PERCENTILES]
        rows.append((name, *cells, len(values), f"p99 {target} {unit}" if target else ""))
    return table(rows)


def machine_line(machine):
    """What it was measured on, and with: of machine.describe()."""
    processors = machine["processors"]
    return (
        f"{machine['date']}, commit {machine['commit']}; {machine['processor']}, "
        f"{processors} processor{'s' if processors > 1 else ''}, {machine['kernel']}, backend "
        f"{machine['backend']}; FRR {machine['frr']}, libyang {machine['libyang']}, "
        f"iproute2 {machine['iproute2']}."
    )


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
    parts += [distribution_table(each) for each in result.get("distributions", [])]
    parts += result.get("notes", [])
    if result.get("machine"):
        parts.append(machine_line(result["machine"]))
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
    used = sum(cpu.values())  # 0: less than half of the runs took a tick
    shrink = min(1, median / used) if used else 1
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


# ---- the plot of figures that are no times ---------------------------------------------------------


def svg_bars(result):
    values, unit = result["bars"]["values"], result["bars"]["unit"]
    scale = (WIDTH - LEFT - RIGHT) / max(*values.values(), 1e-9)
    height = TOP + ROW * len(values) + 10
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        _text(10, 20, f"{result['bench']}: {result['title']}", size=15),
        _text(10, 42, unit),
    ]
    for row, (name, value) in enumerate(values.items()):
        y = TOP + ROW * row
        out.append(_text(LEFT - 8, y + 18, name, anchor="end"))
        out.append(
            f'<rect x="{LEFT}" y="{y + 4}" width="{value * scale:.1f}" height="20" fill="{COLOURS[0]}"/>'
        )
        out.append(_text(LEFT + value * scale + 8, y + 18, f"{value:g}"))
    return "\n".join(out + ["</svg>", ""])


# ---- the plot of a distribution: which share of the events took longer, both axes logarithmic -----

PLOT_HEIGHT, LEFT_D = 300, 70


def svg_distribution(result):
    distribution = result["distributions"][0]
    sides, unit = distribution["sides"], distribution["unit"]
    values = [max(value, 1e-3) for each in sides.values() for value in each]
    low, high = (10 ** math.floor(math.log10(min(values))), 10 ** math.ceil(math.log10(max(values))))
    high = max(high, 10 * low)
    least = 1 / (2 * max(len(each) for each in sides.values()))
    width = WIDTH - LEFT_D - RIGHT

    def x_of(value):
        return LEFT_D + width * math.log10(max(value, low) / low) / math.log10(high / low)

    def y_of(share):
        return TOP + PLOT_HEIGHT * math.log10(max(share, least)) / math.log10(least)

    height = TOP + PLOT_HEIGHT + 56
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        _text(10, 20, f"{result['bench']}: {result['title']}", size=15),
        *_grid(x_of, y_of, low, high, least),
        _text(LEFT_D + width / 2, height - 10, f"{distribution['what']}, {unit}", anchor="middle"),
        _text(10, TOP - 8, "share that took longer"),
    ]
    if distribution["target"]:
        at = x_of(distribution["target"])
        out.append(f'<path d="M{at:.1f} {TOP}v{PLOT_HEIGHT}" stroke="black" stroke-dasharray="4"/>')
        out.append(_text(at + 4, TOP + 14, "to reach, 99 %"))
    x = LEFT_D + 140
    for (name, each), colour in zip(sides.items(), COLOURS):
        out.append(f'<rect x="{x}" y="32" width="11" height="11" fill="{colour}"/>')
        out.append(_text(x + 15, 42, name))
        out.append(f'<path d="{_steps(sorted(each), x_of, y_of)}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x += 40 + 7 * len(name)
    return "\n".join(out + ["</svg>", ""])


def _steps(ordered, x_of, y_of):
    """From the left, where all take longer, down by one event at each value."""
    path = f"M{LEFT_D} {y_of(1):.1f}"
    for number, value in enumerate(ordered, 1):
        path += f"H{x_of(value):.1f}V{y_of(1 - number / len(ordered)):.1f}"
    return path


def _grid(x_of, y_of, low, high, least):
    out, value, share = [], low, 1.0
    while value <= high * 1.001:
        out.append(f'<path d="M{x_of(value):.1f} {TOP}v{PLOT_HEIGHT + 5}" stroke="#ddd"/>')
        out.append(_text(x_of(value), TOP + PLOT_HEIGHT + 20, f"{value:g}", anchor="middle"))
        value *= 10
    while share >= least:
        out.append(f'<path d="M{LEFT_D - 5} {y_of(share):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        out.append(_text(LEFT_D - 8, y_of(share) + 4, f"{100 * share:g} %", anchor="end"))
        share /= 10
    return out


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
    elif result.get("distributions"):
        with open(base + ".svg", "w", encoding="utf-8") as file:
            file.write(svg_distribution(result))
    elif result.get("bars"):
        with open(base + ".svg", "w", encoding="utf-8") as file:
            file.write(svg_bars(result))

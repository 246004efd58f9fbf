# SPDX-License-Identifier: Apache-2.0
"""Compares the planner with the exact optimum, measures its time, and writes what it finds.

Usage: report.py PROGRAM WASM, both built from this directory's crate (see run.sh).
Writes REPORT.md, report.svg and optima.txt next to this file.
"""

import json
import math
import pathlib
import subprocess
import sys
import time
from collections import Counter, defaultdict
from fractions import Fraction

import highspy
import matplotlib
import numpy as np
import wasmtime

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "holdfast"})
import matplotlib.pyplot as plt  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
CANDIDATES = [10, 30, 100, 300, 1000, 2000]
STASHES = [4, 16, 64]
SEEDS = [0, 1, 2]
HARD = ["equal", "mixed"]
RUNS = 20
# Computation time of a block, and the planner's part of it, in milliseconds.
BLOCK, PART = 2_000, 0.05
TIME_LIMIT = 300.0


def counted(assignment):
    return Counter(place for place in assignment if place >= 0)


def worth(instance, place, count):
    """What `count` stashes earn on a validator, exactly."""
    payout, others = instance["candidates"][place][:2]
    ours = count * instance["stash"]
    return Fraction(payout * ours, others + ours) if count else Fraction(0)


def value(instance, counts):
    return sum(worth(instance, place, count) for place, count in counts.items())


def stable(instance):
    """Stashes that were not forced to leave."""
    return sum(counted(instance["current"]).values()) - instance["forced"]


def faults(instance, counts):
    """What is wrong with an assignment, told from the instance alone."""
    found = []
    loads = defaultdict(int)
    for place, count in counts.items():
        _, _, limit, *clusters, fit = instance["candidates"][place]
        if not fit:
            found.append(f"{place} is unfit")
        if count > limit:
            found.append(f"{count} on {place}, which may have {limit}")
        for dimension, cluster in enumerate(clusters):
            loads[dimension, cluster] += count
    for (dimension, cluster), load in loads.items():
        limits = instance["limits"][dimension]
        limit = limits[cluster] if cluster < len(limits) else 0
        if load > limit:
            found.append(f"{load} in cluster {cluster} of dimension {dimension}: {limit}")
    placed = sum(counts.values())
    if placed > len(instance["current"]):
        found.append(f"{placed} stashes")
    kept = sum((counts & counted(instance["current"])).values())
    if kept < stable(instance) - instance["churn"]:
        found.append(f"only {kept} stay")
    if placed < stable(instance):
        found.append(f"only {placed} have a place")
    return found


def optimum(instance):
    """The best counts, and whether HiGHS has proved that they are.

    One binary variable for each further stash on a validator: as each adds less than the one before,
    and counts as much for every cap, they are used in order.
    """
    stashes = len(instance["current"])
    unit = max(candidate[0] for candidate in instance["candidates"]) or 1
    columns, gains = [], []
    for place, (_, _, limit, *_, fit) in enumerate(instance["candidates"]):
        for k in range(1, (min(limit, stashes) if fit else 0) + 1):
            gain = worth(instance, place, k) - worth(instance, place, k - 1)
            columns.append((place, k))
            gains.append(float(100 * gain / unit))
    solver = highspy.Highs()
    solver.silent()
    for option, setting in {
        "mip_rel_gap": 1e-9,
        "mip_abs_gap": 1e-9,
        "mip_feasibility_tolerance": 1e-9,
        "time_limit": TIME_LIMIT,
        "threads": 1,
    }.items():
        solver.setOptionValue(option, setting)
    solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
    size = len(columns)
    index = np.arange(size, dtype=np.int32)
    for _ in columns:
        solver.addVar(0, 1)
    solver.changeColsCost(size, index, np.array(gains))
    solver.changeColsIntegrality(size, index, np.array([highspy.HighsVarType.kInteger] * size))

    def row(low, high, members):
        members = np.array(members, dtype=np.int32)
        solver.addRow(low, high, len(members), members, np.ones(len(members)))

    row(stable(instance), stashes, index)
    for dimension, limits in enumerate(instance["limits"]):
        members = defaultdict(list)
        for column, (place, _) in enumerate(columns):
            members[instance["candidates"][place][3 + dimension]].append(column)
        for cluster, list_ in members.items():
            row(0, limits[cluster] if cluster < len(limits) else 0, list_)
    current = counted(instance["current"])
    stay = stable(instance) - instance["churn"]
    if stay > 0:
        kept = [column for column, (place, k) in enumerate(columns) if k <= current[place]]
        row(stay, highspy.kHighsInf, kept)
    solver.run()
    proved = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    solution = solver.getSolution().col_value
    counts = Counter(place for (place, _), x in zip(columns, solution) if x > 0.5)
    return counts, proved


def compare(program, which):
    """Runs all instances. Returns the ratios by family, the lines of optima.txt, and what has no ratio:
    instances without a proven optimum, and those whose caps leave no place at all."""
    output = subprocess.run([program, which], check=True, capture_output=True, text=True)
    families, optima = defaultdict(list), []
    unproved, hopeless = [], []
    for line in output.stdout.splitlines():
        instance = json.loads(line)
        name = f"{instance['family']} {instance['seed']}"
        plan = counted(instance["assignment"])
        wrong = faults(instance, plan)
        if wrong:
            sys.exit(f"{name}: the plan breaks a cap: {wrong}")
        best, proved = optimum(instance)
        if not proved:
            unproved.append(name)
            continue
        wrong = faults(instance, best)
        if wrong:
            sys.exit(f"{name}: the optimum breaks a cap: {wrong}")
        most = value(instance, best)
        optima.append(f"{name} {math.floor(most)}")
        if not most:
            hopeless.append(name)
            continue
        ratio = float(value(instance, plan) / most)
        if ratio > 1 + 1e-6:
            sys.exit(f"{name}: {ratio} of what should be the optimum")
        families[instance["family"]].append((ratio, instance["seed"]))
    return families, optima, unproved, hopeless


def measure(program, module):
    """The least time of some runs in milliseconds, natively and in Wasm: by size, and of the hard ones."""
    store = wasmtime.Store()
    exports = wasmtime.Instance(store, wasmtime.Module.from_file(store.engine, module), []).exports(store)

    def run(words, address):
        output = subprocess.run([program, *words], check=True, capture_output=True, text=True)
        result = json.loads(output.stdout)
        spans = []
        for _ in range(RUNS):
            began = time.perf_counter_ns()
            checksum = exports["run"](store, address) % 2**64
            spans.append(time.perf_counter_ns() - began)
        if checksum != result["checksum"]:
            sys.exit(f"{' '.join(words)}: Wasm plans otherwise")
        return min(result["nanos"]) / 1e6, min(spans) / 1e6

    native, wasm = {}, {}
    for stashes in STASHES:
        for candidates in CANDIDATES:
            key = candidates, stashes
            results = [
                run(["timing", *map(str, (*key, seed))], exports["prepare"](store, *key, seed))
                for seed in SEEDS
            ]
            native[key], wasm[key] = (max(spans) for spans in zip(*results))
    hard = [run(["hard", kind], exports["prepare_hard"](store, i)) for i, kind in enumerate(HARD)]
    return native, wasm, hard


def exponent(times, stashes):
    """How time grows with candidates, fitted from 100 on: time ~ candidates ** exponent."""
    sizes = [n for n in CANDIDATES if n >= 100]
    return np.polyfit(np.log(sizes), np.log([times[n, stashes] for n in sizes]), 1)[0]


def plot(families, native, wasm):
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2))
    for name, results in families.items():
        losses = sorted((max(1 - ratio, 1e-6) for ratio, _ in results), reverse=True)
        if losses[0] > 1e-6:
            left.plot(range(1, len(losses) + 1), losses, label=name, linewidth=1.2)
    left.axhline(0.01, color="black", linestyle="--", linewidth=0.8)
    left.axhline(0.03, color="black", linewidth=0.8)
    left.set(xscale="log", yscale="log", xlabel="instances, worst first", ylabel="lost of the optimum")
    left.set_title("Quality, of families not always optimal (black: 1 % and 3 %)", fontsize=10)
    left.legend(fontsize=7)
    for stashes, colour in zip(STASHES, ["tab:blue", "tab:orange", "tab:green"]):
        for times, style, name in [(native, "--", "native"), (wasm, "-", "Wasm")]:
            spans = [times[n, stashes] for n in CANDIDATES]
            right.plot(CANDIDATES, spans, style, color=colour, label=f"{stashes} stashes, {name}")
    right.axhline(BLOCK * PART, color="black", linewidth=0.8)
    right.set(xscale="log", yscale="log", xlabel="candidates", ylabel="milliseconds")
    right.set_title("Time (line: 5 % of a block)", fontsize=10)
    right.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(HERE / "report.svg", metadata={"Date": None})


def percent(ratio):
    """Rounded down, so that only the optimum is 100 %."""
    return f"{math.floor(ratio * 1e6 + 1e-3) / 1e4:.4f} %"


def write(families, unproved, hopeless, further, native, wasm, hard):
    ratios = [ratio for results in families.values() for ratio, _ in results]
    exact = sum(ratio > 1 - 1e-9 for ratio in ratios)
    largest = 1000, 64
    lines = [
        "# The planner: quality and time",
        "",
        "Written by `make planner-report`. Instances are drawn from seeds (`src/lib.rs`); each is solved",
        "exactly as a mixed integer program by HiGHS (`report.py`), under the same caps and churn limit, with",
        "a gap of 1e-9. The hysteresis is not in the program: what it costs is counted as lost. Plans and",
        "optima are checked against the caps by code that shares nothing with the planner.",
        "",
        "## Quality",
        "",
        f"{len(ratios)} instances; {exact} plans are the optimum. On average "
        f"{percent(sum(ratios) / len(ratios))} of it, at worst {percent(min(ratios))}. The bars are 99 % and 97 %.",
        f"Not solved to the proof, and not counted: {', '.join(unproved) or 'none'}.",
        f"Without any place that the caps allow, and not counted: {', '.join(hopeless) or 'none'}.",
        "",
        "| family | instances | average | worst | seed of the worst | optimum found |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, results in families.items():
        worst, seed = min(results)
        average = sum(ratio for ratio, _ in results) / len(results)
        found = sum(ratio > 1 - 1e-9 for ratio, _ in results)
        seed = seed if worst < 1 - 1e-9 else "-"
        lines.append(
            f"| {name} | {len(results)} | {percent(average)} | {percent(worst)} | {seed} | {found} |"
        )
    others = sorted((ratio, name, seed) for name, l in further[0].items() for ratio, seed in l)
    low = [f"{name} {seed} ({percent(ratio)})" for ratio, name, seed in others if ratio < 0.97]
    lines += [
        "",
        "The search was tuned while these instances were looked at. On further ones, on which it was not:",
        f"{len(others)} instances; on average {percent(sum(o[0] for o in others) / len(others))}, at worst "
        f"{percent(others[0][0])}.",
        f"Below 97 %: {', '.join(low) or 'none'}. Not solved to the proof: {', '.join(further[2]) or 'none'}. "
        f"Without any place: {', '.join(further[3]) or 'none'}.",
        "",
        "![Quality and time](report.svg)",
        "",
        "## Time",
        "",
        f"Milliseconds: the least of {RUNS} runs, for the worst of {len(SEEDS)} instances with skewed stakes and",
        "tight caps, half of the stashes placed and free to move. Both builds have the profile `production`; Wasm",
        "runs in Wasmtime, which compiles it with Cranelift, as the node does. Plans of both are the same. Other",
        "programs ran on the machine; the ratios say more than the milliseconds.",
        "",
        "| candidates | " + " | ".join(f"{n} stashes, native | Wasm" for n in STASHES) + " |",
        "| ---: | " + " | ".join("---: | ---:" for _ in STASHES) + " |",
    ]
    for candidates in CANDIDATES:
        cells = [f"{t[candidates, n]:.2f}" for n in STASHES for t in (native, wasm)]
        lines.append(f"| {candidates} | " + " | ".join(cells) + " |")
    lines += [
        "",
        f"- 1,000 candidates and 64 stashes take {wasm[largest]:.1f} ms in Wasm: "
        f"{wasm[largest] / BLOCK * 100:.2f} % of a block's {BLOCK:,} ms. The bar is {PART * 100:.0f} %.",
        f"- Wasm takes {wasm[largest] / native[largest]:.1f} times as long as native code there.",
        "- The worst that a search for bad instances has found (`hard` in `src/lib.rs`): "
        + "; ".join(f"stashes of {kind} sizes, {n:.1f} ms natively, {w:.1f} ms in Wasm" for kind, (n, w) in zip(HARD, hard))
        + ".",
        "- The search has a budget of probes, which all but the smallest instances use up: time hardly grows with",
        "  candidates. From 100 on it grows as candidates to the power of "
        + ", ".join(f"{exponent(wasm, n):.2f} ({n} stashes)" for n in STASHES) + ".",
        "",
    ]
    (HERE / "REPORT.md").write_text("\n".join(lines))
    slowest = max(wasm[largest], *(w for _, w in hard))
    if sum(ratios) / len(ratios) < 0.99 or min(ratios) < 0.97 or slowest > BLOCK * PART:
        sys.exit("a bar is missed: see REPORT.md")


def main():
    program, module = sys.argv[1:]
    families, optima, unproved, hopeless = compare(program, "instances")
    further = compare(program, "further")
    if not unproved:
        head = "# Written by `make planner-report`: family, seed, the most that a plan can earn (rounded down)."
        (HERE / "optima.txt").write_text("\n".join([head, *optima]) + "\n")
    native, wasm, hard = measure(program, module)
    plot(families, native, wasm)
    write(families, unproved, hopeless, further, native, wasm, hard)
    print(f"wrote {HERE / 'REPORT.md'}")


main()

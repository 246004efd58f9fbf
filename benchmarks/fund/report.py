# SPDX-License-Identifier: Apache-2.0
"""Makes REPORT.md and its plots of what holdfast-fund-report has found."""

import json
import pathlib
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "holdfast"
import matplotlib.pyplot as plt

HERE = pathlib.Path(__file__).parent
STRESS = {
    1.0: "As often as in public",
    3.0: "Three times as often",
    10.0: "Ten times as often",
}

HEAD = """# The insurance fund over {histories} histories of {years} years

Written by `make fund-report`: do not edit. The fund's books, provisions, premium and target are the
pallet's own code, compiled natively (`FundState`, `ClaimLedger`, `Parameters`). The same slashes hit every
scheme.

## Results

- *not in full*: histories in which the scheme did not last: some loss was not paid to the unit.
- *covered*: of all that was lost; *mean cover*: the mean over histories with losses.
- *lost*, *borne*: basis points of the pool a year; *borne* is what the holders are left with.
- *premium*, *fee*: what the holders pay, in per cent of the rewards.
- *return*: of the underwriters, a year, over all histories; and between which bounds nine of ten lie.
- *at stake*: what underwriters have in the fund, on average, in per cent of the pool.
"""

TAIL = """
## What it says

- Bonds of operators pay for the usual equivocation of one validator in full, and for next to nothing of what
  is lost: that is correlated failures, which are no single operator's.
- As often as in public, the fund with a floor of 2 % covers more than a fee of 5 % that is set aside for ever,
  and costs the holders less: underwriters stand in before there is a reserve, and the fee stops at the
  target.
- The target counts the largest loss that one operator can cause. What hits many of them at once, a provider or
  a client, costs several times as much. With the floor at 0.3 % of the pool the fund covers less than half of
  what is lost. So the floor matters, and is to be set by what a provider or a client can cost.
- More often than that, the fixed fee covers more. Underwriters who know how often slashes come stay away,
  since the premium is at most 0.1 % of what they bring in an era; and of the reserve at most a half pays in one
  era. It does not last either: nothing that is built from 5 % of the rewards outlasts losses of 12 % of them.

## What is assumed

| what | how often, a year | what it costs | by |
| --- | --- | --- | --- |
| one validator equivocates | 1 % of the validators | `(3/n)^2` | assumed; single cases are public, such as [Kusama, era 7126](https://kusama.subsquare.io/referenda/459) |
| all validators of an operator equivocate | 0.5 % of the operators | `(3k/n)^2` | assumed |
| all validators with a provider are offline | 0.1, one of the providers | `7 % * min(1, 3 (k - n/10 - 1) / n)` | assumed |
| 20 % to 40 % of the set are offline by a defect | 0.21 | the same | two such (Kusama, eras 2249 and [4543](https://forum.polkadot.network/t/kusama-era-4543-slashing/1410)) in about twelve years of Kusama and Polkadot, with the prior of Jeffreys: (0.5 + 2) / 12 |
| one validator loses all | 0.04 | 100 % | none in public: 0.5 / 12 |

Half of the reports are cancelled before they are applied, as that of era 4543 was. A slash is applied 28 eras
after its report. {seats} validators; operators of 30 seats down to one; ten providers, the largest with 60
seats. The pool has 64 stashes, at most three with an operator and ten with a provider, and earns 12 % a
year; half of a fee of 10 % is for the fund. A bond is a tenth of what its operator can make the pool lose,
at least a thousandth of what the pool has with it, and fills up within a year. Underwriters come while the premium
less the losses they expect is above 15 % a year, a tenth more each month, and leave in the same steps below 5 %.
Premium from 1 % to 10 % of the rewards, at most 0.1 % of what is underwritten in an era; half of the reserve for one
era; target at most 5 % of the pool.

The frequencies rest on few cases, and "ten times as often" is there for that reason. No offence that costs
more than the formulas say, no loss but by slashes, and a pool that does not grow.
"""


def table(rows):
    head = (
        "| scheme | not in full | covered | mean cover | lost | borne | premium | fee | return | at stake |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    )
    lines = []
    for row in rows:
        mean, low, high = row["returned"]
        staked = row["at_stake"] > 0
        cells = [
            row["scheme"],
            f"{row['short']:.1%}",
            f"{row['covered']:.1%}",
            f"{row['mean_cover']:.1%}",
            f"{row['lost'] * 1e4:.1f}",
            f"{row['borne'] * 1e4:.1f}",
            f"{row['premium'] * 100:.2f}",
            f"{row['fee'] * 100:.2f}",
            f"{mean:.1%} ({low:.0%} to {high:.0%})" if staked else "",
            f"{row['at_stake'] * 100:.2f}" if staked else "",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return head + "\n".join(lines) + "\n"


def plot(name, rows, key, label, scale):
    figure, axes = plt.subplots(figsize=(8, 4.5))
    for row in rows:
        values = [value * scale for value in row[key]]
        part = [i / (len(values) - 1) * 100 for i in range(len(values))]
        axes.plot(part, values, label=row["scheme"])
    axes.set_xlabel("histories that fared better, per cent" if key == "worst" else "histories, per cent")
    axes.set_ylabel(label)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(HERE / name, metadata={"Date": None})
    plt.close(figure)


def main():
    histories, years = sys.argv[1:3]
    rows = json.load(sys.stdin)
    usual = [row for row in rows if row["stress"] == 1.0]
    plot("worst.svg", usual, "worst", "largest loss that was not paid, per cent of the pool", 100)
    fund = [row for row in usual if row["at_stake"] > 0]
    plot("returns.svg", fund, "returns", "return of underwriters, per cent a year", 100)
    text = HEAD.format(histories=f"{int(histories):,}", years=years)
    for stress, title in STRESS.items():
        text += f"\n### {title}\n\n" + table([row for row in rows if row["stress"] == stress])
    text += "\n![The largest loss that was not paid](worst.svg)\n\n![Returns](returns.svg)\n"
    text += TAIL.format(seats=300)
    (HERE / "REPORT.md").write_text(text)


main()

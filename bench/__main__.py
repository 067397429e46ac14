"""`make bench`: what the service costs, as ratios to what the machine can do at all.

Every figure is the median of several windows; the windows of all cases take turns, so that drift hits all alike.
`--only verify,bare` measures these alone: cases, or `bcrypt`, `trips` (round trips per request) and `boot`.
"""

import argparse
import os
import time

from bench import boot, raw_bcrypt, report, round_trips, stage

BCRYPT, TRIPS, BOOT = "bcrypt", "trips", "boot"
EVERYTHING = (*stage.CASES, BCRYPT, TRIPS, BOOT)


def main() -> None:
    """Run what was asked for and print one table."""
    options = _options()
    began, figures, cases = time.monotonic(), report.Figures(), [name for name in stage.CASES if name in options.only]
    with stage.surroundings() as around:
        if TRIPS in options.only:
            figures.trips = round_trips.count(around)
        with stage.serve(around, cases) as running:
            for _ in range(options.windows):
                for name in cases:
                    figures.add(name, running.measure(name, options.seconds))
                if BCRYPT in options.only:
                    figures.add_raw(raw_bcrypt.rate(options.seconds))
    if BOOT in options.only:
        figures.boot = boot.measure()
    report.show(figures, windows=options.windows, took=time.monotonic() - began)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--windows", type=int, default=3, help="windows of each case (default 3)")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a window; logins take twice as long")
    parser.add_argument("--only", type=_chosen, default=EVERYTHING, help=f"some of {','.join(EVERYTHING)}")
    return parser.parse_args()


def _chosen(text: str) -> list[str]:
    names = text.split(",")
    unknown = sorted(set(names) - set(EVERYTHING))
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(unknown)}; there are {', '.join(EVERYTHING)}")
    return names


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    main()

"""The program of a Hopsworks job: it runs the command line. Upload this file and set it as the job's `appPath`.

A scheduler appends `-start_time` and sometimes `-end_time` with the time at which it fired. The command line has no
such options and would refuse them, so this program removes them. The time range of a run is in `HOPS_START_TIME` and
`HOPS_END_TIME`.
"""

import sys

APPENDED = ("-start_time", "-end_time")


def arguments(given: list[str]) -> list[str]:
    "Remove the options that a scheduler appends to those `given`, with their values"
    appended = [i for i, a in enumerate(given) if a in APPENDED]
    return [a for i, a in enumerate(given) if i not in appended and i - 1 not in appended]


if __name__ == "__main__":
    from art_recsys.cli import main

    sys.argv[1:] = arguments(sys.argv[1:])
    main()

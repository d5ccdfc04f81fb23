"""What a Hopsworks job runs: the command line. Upload this file and name it as the job's `appPath`.

A scheduler appends `-start_time` and perhaps `-end_time` with the moment at which it fired. The stretch of time that a
run stands for is in `HOPS_START_TIME` and `HOPS_END_TIME`; the command line knows neither of the two and would refuse
them.
"""

import sys

APPENDED = ("-start_time", "-end_time")


def arguments(given: list[str]) -> list[str]:
    "The arguments without what a scheduler appends"
    appended = [i for i, a in enumerate(given) if a in APPENDED]
    return [a for i, a in enumerate(given) if i not in appended and i - 1 not in appended]


if __name__ == "__main__":
    from art_recsys.cli import main

    sys.argv[1:] = arguments(sys.argv[1:])
    main()

"""`python -m art_recsys.embedded.jobs HOME NAME`, which 0.1.0 printed for crontabs: says what it is called now."""

import sys


def main() -> None:
    "Print the new command and end with exit code 2"
    arguments = " ".join(sys.argv[1:]) or "HOME NAME"
    print(
        "art_recsys.embedded.jobs is called art_recsys.platform.embedded.jobs now.\n"
        f"  -> write in your crontab: python -m art_recsys.platform.embedded.jobs {arguments}",
        file=sys.stderr,
    )
    sys.exit(2)


if __name__ == "__main__":
    main()

"""Whether two builds of the screen say the same of every file: what makes it quicker must not change what it says.

    screen_same.py BEFORE AFTER FOLDER...

BEFORE and AFTER are builds of the example `bench_screen`. Prints what differs, and how many bytes a second each went through.
"""

import json
import pathlib
import subprocess
import sys


def answers(program, files):
    names = "".join(f"{file}\n" for file in files)
    out = subprocess.run([program], input=names, text=True, capture_output=True, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def main():
    before, after, *folders = sys.argv[1:]
    files = sorted(file for folder in folders for file in pathlib.Path(folder).rglob("*") if file.is_file())
    size = sum(file.stat().st_size for file in files)
    ran, differing = [], 0
    for program in (before, after):
        told = answers(program, files)
        ran.append(told)
        seconds = sum(answer.pop("seconds") for answer in told)
        print(f"{program}: {len(told)} files, {size / 1e6:.1f} MB, {seconds:.2f} s, {size / 1e6 / seconds:.1f} MB/s")
    for one, other in zip(*ran):
        for answer in (one, other):
            answer.get("report", {}).pop("rules", None)
        if one != other:
            differing += 1
            print("differs:", one["file"])
            findings = [{json.dumps(finding, sort_keys=True) for finding in answer.get("report", {}).get("findings", [])} for answer in (one, other)]
            for sign, only in (("-", findings[0] - findings[1]), ("+", findings[1] - findings[0])):
                for finding in sorted(only):
                    print("  ", sign, finding[:300])
    print(f"{differing} of {len(files)} files differ")
    return differing > 0


if __name__ == "__main__":
    sys.exit(main())

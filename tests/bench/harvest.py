#!/usr/bin/env python3
"""Harvest throughput and peak memory, end to end into search, of the built program.

usage: harvest.py PROGRAM GENERATOR [COUNT] [DATABASE_URL]

Writes a data.json and a Turtle catalogue of COUNT (100,000) generated datasets into a throw-away folder, harvests each
into an empty store, then once more unchanged, and prints datasets per second and peak resident memory. The command ends
when the search index has caught up, so the time is end to end. A plain byte copy of the same file is timed beside it, to tell
how fast the disk was in the same run.
"""
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time


def run(arguments, env):
    began = time.monotonic()
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, env=env)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    if status != 0:
        sys.exit(f"{arguments}: status {status}: {output.decode()[-500:]}")
    return json.loads(output.decode().strip().splitlines()[-1]), seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


def main():
    program, generator = map(os.path.abspath, sys.argv[1:3])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 100_000
    database = sys.argv[4] if len(sys.argv) > 4 else None
    env = {name: value for name, value in os.environ.items() if not name.startswith("FAIRGROUND_")}
    if database:
        env["FAIRGROUND_DATABASE_URL"] = database
    folder = tempfile.mkdtemp(prefix="fairground-bench-")
    try:
        for kind, name in (("dcat-us", "catalogue.json"), ("turtle", "catalogue.ttl")):
            path = os.path.join(folder, name)
            subprocess.run([generator, "--count", str(count), "--format", kind, path], check=True, stdout=subprocess.DEVNULL)
            size = os.path.getsize(path)
            began = time.monotonic()
            shutil.copyfile(path, path + ".copy")
            copy = time.monotonic() - began
            os.remove(path + ".copy")
            data = os.path.join(folder, kind)
            arguments = [program, "harvest", path, "--source", kind, "--no-tables", "--json", "--data-dir", data]
            for what in ("first", "again"):
                report, seconds, peak, cpu = run(arguments, env)
                outcome = "created" if what == "first" else "unchanged"
                assert report["found"] == count and report[outcome] == count, report
                print(f"{kind:8} {what:6} {count / seconds:8.0f} datasets/s  {seconds:6.1f} s (cpu {cpu:.1f} s)  peak {peak:5.0f} MB"
                      f"  source {size / 1e6:.0f} MB (copied in {copy:.2f} s)", flush=True)
            if not database:
                began = time.monotonic()
                check = subprocess.run([program, "check", "--json", "--data-dir", data], capture_output=True, env=env)
                assert json.loads(check.stdout.decode().strip().splitlines()[-1])["ok"]
                index = sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(os.path.join(data, "index")) for f in fs)
                store = sum(os.path.getsize(os.path.join(data, f)) for f in os.listdir(data) if f.startswith("fairground.db"))
                print(f"{kind:8} index {index / 1e6:.0f} MB, store {store / 1e6:.0f} MB, check {time.monotonic() - began:.1f} s")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()

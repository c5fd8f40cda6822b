#!/usr/bin/env python3
"""Search over HTTP, start-up and idle memory with a large catalogue.

usage: search.py PROGRAM GENERATOR [COUNT]

Harvests COUNT (100,000) generated datasets (or takes the data folder that BENCH_DATA names, with what is in it), starts the
server, times until it is ready, reads its memory, then lets wrk (a Debian package) ask 40 different questions with facets at 1
and at 32 connections with a key of the public `high-volume` plan. BENCH_SECONDS says how long each question is asked (8).
/health/live, which does nothing, is asked beside it: the ceiling of this machine in the same run.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

WORDS = ["water", "school", "traffic", "air quality", "budget", "trees", "energy use", "transport stops", "health", "annual report"]
SCRIPT = """
local key = "%s"
local paths = { %s }
local at = 0
request = function()
  at = at %% #paths + 1
  return wrk.format("GET", paths[at], { ["X-Api-Key"] = key })
end
local bad = 0
response = function(status) if status ~= 200 then bad = bad + 1 end end
"""


def memory(pid, what):
    """A line of a process's status, in MB."""
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(what + r":\s+(\d+)", status.read()).group(1)) / 1024


def main():
    program, generator = map(os.path.abspath, sys.argv[1:3])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 100_000
    env = {name: value for name, value in os.environ.items() if not name.startswith("FAIRGROUND_")}
    folder = tempfile.mkdtemp(prefix="fairground-bench-")
    given = os.environ.get("BENCH_DATA")
    data = given or os.path.join(folder, "data")
    server = None
    try:
        if count > 0 and not given:
            path = os.path.join(folder, "catalogue.json")
            subprocess.run([generator, "--count", str(count), "--format", "dcat-us", path], check=True, stdout=subprocess.DEVNULL)
            subprocess.run([program, "harvest", path, "--no-tables", "--json", "--data-dir", data], check=True, stdout=subprocess.DEVNULL, env=env)
            os.remove(path)
        made = subprocess.run([program, "key", "create", "--app", "bench", "--email", "bench@example.org", "--plan", "high-volume",
                               "--json", "--data-dir", data], check=True, capture_output=True, env=env)
        key = json.loads(made.stdout)["key"]
        began = time.monotonic()
        server = subprocess.Popen([program, "serve", "--listen", "127.0.0.1:0", "--data-dir", data], env=env,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        address = server.stdout.readline().strip().removeprefix("Portal: ")
        while True:
            try:
                urllib.request.urlopen(address + "/health/ready").read()
                break
            except OSError:
                time.sleep(0.002)
        ready = time.monotonic() - began
        time.sleep(3)
        rss, anonymous = memory(server.pid, "VmRSS"), memory(server.pid, "RssAnon")
        one = json.load(urllib.request.urlopen(urllib.request.Request(address + "/api/v1/datasets?limit=1", headers={"X-Api-Key": key})))
        print(f"start to ready {ready * 1000:.0f} ms, idle memory {rss:.0f} MB (of which not file-backed {anonymous:.0f} MB), {one['total']} datasets")
        facets = "&facets=publisher,theme,keyword,format,licence"
        questions = [f"/api/v1/datasets?q={word.replace(' ', '+')}{facets}{extra}" for word in WORDS
                     for extra in ("", "&format=CSV", "&limit=10", "&sort=modified")]
        slug = one["items"][0]["slug"] if one["items"] else ""
        plans = {
            "live": ["/health/live"],
            "search": questions,
            "search uncached": [q + f"&from=1{n:03}-01-01" for n in range(900) for q in questions[:10]],
            "dataset": [f"/api/v1/datasets/{slug}"],
            "suggest": [f"/api/v1/suggest?q={word[:3]}" for word in WORDS],
            "page search": [f"/datasets?q={word.replace(' ', '+')}" for word in WORDS],
            "page dataset": [f"/datasets/{slug}"],
        }
        for name, paths in plans.items():
            script = os.path.join(folder, "ask.lua")
            with open(script, "w") as file:
                file.write(SCRIPT % (key, ", ".join(json.dumps(path) for path in paths)))
            for connections in (1, 32):
                result = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{os.environ.get('BENCH_SECONDS', '8')}s", "--latency", "-s", script, address],
                                        capture_output=True, text=True, check=True).stdout
                find = lambda what: (re.search(what + r"\s+([\d.]+\w*)", result) or [None, "?"])[1]
                errors = re.search(r"Non-2xx or 3xx responses: (\d+)", result)
                print(f"{name:16} c={connections:<3} p50 {find('50%'):>9} p99 {find('99%'):>9}  {find('Requests/sec:'):>10} requests/s"
                      + (f"  ({errors[1]} errors)" if errors else ""), flush=True)
        print(f"memory after load {memory(server.pid, 'VmRSS'):.0f} MB")
    finally:
        if server:
            server.terminate()
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


main()

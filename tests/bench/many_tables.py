#!/usr/bin/env python3
"""Many tables: what 10,000 registered tables cost at the start, in memory and in the time of an answer.

usage: many_tables.py PROGRAM [COUNT]

A small server on loopback offers a data.json with COUNT (10,000) datasets, each with one CSV of 50 rows. It is harvested with
its tables, once with 100 of them and once with all, each into a store of its own. Then each store is served: time to ready,
resident memory, and what wrk sees at one connection when it asks for rows of 64 of the tables in turn, after a first round. Both
stores are asked one after the other in the same run: compare the lines with each other.
"""
import http.client
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

FEW = 100
ROWS = 50
ASKED = 64
SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))


def table(number):
    lines = ["id,station,measured_on,value"]
    lines += [f"{row},station {(number + row) % 7},2026-{1 + row % 12:02}-{1 + row % 28:02},{number % 100 + row / 8}" for row in range(ROWS)]
    return ("\n".join(lines) + "\n").encode()


def catalogue(address, count):
    publisher = {"@type": "org:Organization", "name": "Bench"}
    return json.dumps({
        "@context": "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld", "@type": "dcat:Catalog",
        "conformsTo": "https://project-open-data.cio.gov/v1.1/schema",
        "dataset": [{
            "@type": "dcat:Dataset", "identifier": f"table-{number}", "title": f"Measurements of area {number}",
            "description": "Generated for a measurement.", "modified": "2026-01-01", "accessLevel": "public", "keyword": ["bench"],
            "publisher": publisher, "contactPoint": {"@type": "vcard:Contact", "fn": "Bench", "hasEmail": "mailto:bench@example.org"},
            "distribution": [{"@type": "dcat:Distribution", "title": "Values", "mediaType": "text/csv",
                              "downloadURL": f"{address}/{number}.csv"}],
        } for number in range(count)],
    }).encode()


class Agency(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are written one after the other: the body must not wait for the head to be acknowledged.
    disable_nagle_algorithm = True

    def do_GET(self):
        name = self.path.strip("/")
        if name.startswith("data-"):
            body, kind = catalogue(f"http://127.0.0.1:{self.server.server_port}", int(name[5:-5])), "application/json"
        else:
            body, kind = table(int(name.removesuffix(".csv"))), "text/csv"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def memory(pid, what):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(what + r":\s+(\d+)", status.read()).group(1)) / 1024


def main():
    program = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    env = {name: value for name, value in os.environ.items() if not name.startswith("FAIRGROUND_")}
    env |= {"FAIRGROUND_HARVEST_ALLOW": "127.0.0.1", "FAIRGROUND_LOG": "warn"}
    folder = tempfile.mkdtemp(prefix="fairground-bench-", dir=os.environ.get("BENCH_DIR"))
    agency = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Agency)
    threading.Thread(target=agency.serve_forever, daemon=True).start()
    try:
        for many in (FEW, count):
            data = os.path.join(folder, str(many))
            began = time.monotonic()
            harvested = subprocess.run([program, "harvest", f"http://127.0.0.1:{agency.server_port}/data-{many}.json", "--source", "bench", "--json",
                                        "--data-dir", data], env=env, capture_output=True)
            spent = time.monotonic() - began
            report = json.loads(harvested.stdout.decode().strip().splitlines()[-1])
            print(f"{many:6} tables: harvested and loaded in {spent:.1f} s, {many / spent:.0f} tables/s; {report.get('tables')}", flush=True)
            ask(program, data, env, many, folder)
    finally:
        agency.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


def ask(program, data, env, many, folder):
    made = subprocess.run([program, "key", "create", "--app", "bench", "--email", "bench@example.org", "--plan", "high-volume", "--json",
                           "--data-dir", data], check=True, capture_output=True, env=env)
    key = json.loads(made.stdout)["key"]
    began = time.monotonic()
    server = subprocess.Popen([program, "serve", "--role", "web", "--listen", "127.0.0.1:0", "--data-dir", data], env=env, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    try:
        address = server.stdout.readline().strip().removeprefix("Portal: ").rstrip("/")
        while True:
            try:
                urllib.request.urlopen(f"{address}/health/ready", timeout=10).read()
                break
            except (OSError, http.client.HTTPException):
                time.sleep(0.005)
        ready = time.monotonic() - began
        resident = memory(server.pid, "VmRSS")
        ids = []
        cursor = ""
        while len(ids) < ASKED:
            request = urllib.request.Request(f"{address}/api/v1/datasets?limit=64{cursor}", headers={"X-Api-Key": key})
            page = json.load(urllib.request.urlopen(request))
            for item in page["items"]:
                found = json.load(urllib.request.urlopen(
                    urllib.request.Request(f"{address}/api/v1/datasets/{item['id']}", headers={"X-Api-Key": key})))
                ids += [distribution["table"]["id"] for distribution in found["distribution"] if distribution.get("table")]
            if not page.get("next"):
                break
            cursor = "&cursor=" + page["next"]
        script = os.path.join(folder, "ask.lua")
        with open(script, "w") as file:
            file.write("local ids = {" + ", ".join(f'"{table}"' for table in ids[:ASKED]) + "}\nlocal at = 0\n"
                       "request = function()\n  at = at % #ids + 1\n"
                       '  return wrk.format("GET", "/api/v1/tables/" .. ids[at] .. "/rows?limit=20&sortby=-value")\nend\n')
        for seconds in (1, SECONDS):
            result = subprocess.run(["wrk", "-t1", "-c1", f"-d{seconds:g}s", "--latency", "-s", script, "-H", f"X-Api-Key: {key}", address],
                                    capture_output=True, text=True, check=True).stdout
        find = lambda what: (re.search(what + r"\s+([\d.]+\w*)", result) or [None, "?"])[1]
        errors = re.search(r"Non-2xx or 3xx responses: (\d+)", result)
        print(f"{many:6} tables: ready after {ready:.2f} s, {resident:.0f} MB then, {memory(server.pid, 'VmRSS'):.0f} MB after it all; "
              f"rows of {len(ids[:ASKED])} tables: p50 {find('50%')}, p99 {find('99%')}, {find('Requests/sec:')} requests/s"
              + (f" ({errors[1]} errors)" if errors else ""), flush=True)
    finally:
        server.terminate()
        server.wait()


main()

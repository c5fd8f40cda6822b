#!/usr/bin/env python3
"""Hostile questions to tables over HTTP: every one is answered or refused in words, in bounded memory.

usage: hostile.py PROGRAM GENERATOR [ROWS]

GENERATOR is the example `generate_table` of fairground-tables-intake; the table has 200,000 rows of 12 columns unless ROWS says
otherwise. Asserted: the status of each answer, that refusals are problem+json, that the program is alive and its own memory (not
file-backed) stays below HOSTILE_MEMORY_MB (900 unless set). Printed, not asserted: the p99 of a bystander who asks for a page of
rows all the while, before and during each attack, on whatever machine this is. The attackers take part of that machine, so another
bystander asks the same of a second program, `idle`, which nobody attacks: what the first waits longer than the second is ours.
"""
import asyncio
import http.client
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

MEMORY_MB = float(os.environ.get("HOSTILE_MEMORY_MB", "900"))
# What a refusal may be: wrong, not allowed, not there, too much, too often, too late. Anything else is a fault of ours.
REFUSALS = {400, 403, 404, 408, 413, 414, 422, 429, 431, 503, 504}
UNREADABLE = {400, 414, 431}
# The largest body that these questions send is some 8 MB; nothing waits longer than this for an answer.
PATIENCE = 120
BYSTANDER_EVERY = 0.01


class Failed(Exception):
    """The program did not do what it should."""


def memory(pid):
    """What the process itself holds, in MB; files that it has mapped are the system's to drop."""
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"RssAnon:\s+(\d+)", status.read()).group(1)) / 1024


async def connect(place):
    host, port = place
    for _ in range(200):
        try:
            return await asyncio.open_connection(host, port, limit=1 << 20)
        except ConnectionRefusedError:
            await asyncio.sleep(0.05)
    raise Failed("nobody takes connections any more")


def head_of(method, target, place, fields, length):
    lines = [f"{method} {target} HTTP/1.1", f"Host: {place[0]}:{place[1]}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    if length is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {length}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def begin(place, target, fields, body=None):
    """Sends a question; gives status, fields and the stream of its answer."""
    reader, writer = await connect(place)
    writer.write(head_of("POST" if body is not None else "GET", target, place, fields, len(body) if body is not None else None))
    try:
        if body is not None:
            writer.write(body)
        await writer.drain()
    except ConnectionError:
        pass  # Refused before all of it was sent: the answer says so.
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(head[0].split()[1])
    found = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
    return status, found, reader, writer


async def ask(place, target, fields, body=None):
    """The whole answer: status, fields, bytes."""
    async def whole():
        status, found, reader, writer = await begin(place, target, fields, body)
        read = bytearray()
        while piece := await reader.read(1 << 16):
            # Only the beginning is looked at; the rest is read and let go.
            if len(read) < 1 << 16:
                read += piece
        writer.close()
        return status, found, bytes(read)
    return await asyncio.wait_for(whole(), PATIENCE)


def judge(what, status, found, expected):
    if status not in expected:
        raise Failed(f"{what}: {status} is none of {sorted(expected)}")
    # What is no request by the protocol's own rules is refused by the HTTP library, before anybody could choose words.
    wordless = status in (408, 431) or expected is UNREADABLE
    if status in REFUSALS and "json" not in found.get("content-type", "") and not wordless:
        raise Failed(f"{what}: a refusal ({status}) without words: {found.get('content-type')}")


def stand_by(pipe, place, target, fields):
    """Asks for a page of rows all the while, over one connection, and tells the times whenever it is asked."""
    times, refused, connection = [], 0, None
    while True:
        began = time.perf_counter()
        try:
            connection = connection or http.client.HTTPConnection(*place, timeout=PATIENCE)
            connection.request("GET", target, headers=fields)
            answer = connection.getresponse()
            answer.read()
            refused += answer.status != 200
        except (OSError, http.client.HTTPException):
            refused, connection = refused + 1, None
        times.append(time.perf_counter() - began)
        if pipe.poll(BYSTANDER_EVERY):
            if pipe.recv() == "end":
                return
            pipe.send((sorted(times), refused))
            times, refused = [], 0


class Bystander:
    """A process of its own, so that it does not wait for the attackers' loop."""

    def __init__(self, place, target, fields):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=stand_by, args=(theirs, place, target, fields), daemon=True)
        self.process.start()

    def told(self):
        self.pipe.send("tell")
        times, refused = self.pipe.recv()
        part = lambda share: times[min(len(times) - 1, int(len(times) * share))] * 1e3 if times else 0
        return f"p50 {part(0.5):6.2f} ms p99 {part(0.99):7.2f} ms of {len(times)}" + (f", {refused} refused" if refused else "")

    def end(self):
        self.pipe.send("end")
        self.process.join(PATIENCE)


def questions(base, columns):
    """What is asked one by one: name, target, body, statuses that will do."""
    fine, refused = {200}, REFUSALS
    either = fine | refused
    query = lambda **words: base + "/rows?" + urllib.parse.urlencode(words)
    body = lambda **words: json.dumps(words).encode()
    rows, groups = base + "/rows", base + "/aggregate"
    numbers = lambda count: ",".join(str(number) for number in range(count))
    yield "pattern of many runs", query(filter="description like '" + "%a" * 400 + "%'"), None, either
    yield "pattern of many runs, folded", query(filter="casei(description) like casei('" + "%e_" * 300 + "%')"), None, either
    yield "pattern beyond its limit", rows, body(filter="description like '" + "%ab" * 50_000 + "'"), refused
    yield "a list as long as it may be", rows, body(filter=f"id in ({numbers(9_000)})", limit=1), either
    yield "a list of a million", rows, body(filter=f"id in ({numbers(1_000_000)})", limit=1), refused
    yield "a parameter given 50,000 times", rows, body(category=[f"category {at}" for at in range(50_000)]), refused
    yield "brackets 100,000 deep", rows, body(filter="(" * 100_000 + "id = 1" + ")" * 100_000), refused
    yield "not, 100,000 times", rows, body(filter="not " * 100_000 + "id = 1"), refused
    yield "100,000 conditions", rows, body(filter=" or ".join(["id = 1"] * 100_000)), refused
    yield "JSON 100,000 deep", rows, b'{"filter":' + b"[" * 100_000 + b"]" * 100_000 + b"}", refused
    yield "10,000 columns", rows, body(properties=[f"column_{at}" for at in range(10_000)]), refused
    yield "a column 10,000 times", rows, body(properties=[columns[0]] * 10_000), refused
    yield "10,000 keys to sort by", rows, body(sortby=[columns[0]] * 10_000), refused
    yield "50,000 words", rows, body(q=" ".join(f"word{at}" for at in range(50_000))), refused
    yield "50,000 columns to group by", groups, body(groupby=["x" * 10] * 50_000), refused
    yield "10,000 measures", groups, body(aggregate=["count"] * 10_000), refused
    yield "an address of 100,000 bytes", query(filter="x" * 100_000), None, UNREADABLE
    yield "a page of a billion rows", query(limit=1_000_000_000), None, refused
    yield "a page far beyond the end", query(offset=2**63), None, either
    yield "groups as many as rows", groups, body(groupby=["id", "code", "description"], aggregate=["count"], limit=10_000), either
    yield "different values of all columns", groups, body(aggregate=[f"count_distinct({name})" for name in columns]), either
    yield "percentiles by row", groups, body(groupby="id", aggregate=["median(price)", "percentile(score,0.9)"]), either
    yield "everything sorted by a text", query(sortby="-description,code,id", offset=150_000), None, either
    yield "a body of 64 MB", rows, b'{"filter":"' + b"x" * (64 << 20) + b'"}', refused
    yield "SQL", "/api/3/action/datastore_search_sql?sql=" + urllib.parse.quote("select * from a, b, c, d"), None, refused
    yield "a place that is no shape", query(filter="s_intersects(geometry, POLYGON((" + "0 0," * 2_000 + "0 0)))"), None, refused
    yield "a cursor of nobody", query(cursor="v1." + "A" * 5_000), None, refused


async def one_by_one(place, base, columns, fields):
    for what, target, body, expected in questions(base, columns):
        began = time.perf_counter()
        try:
            status, found, _ = await ask(place, target, fields, body)
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            # Cut off in the middle of a body that nobody wants is an answer too, if the body was beyond every limit.
            if body is None or len(body) < 8 << 20:
                raise Failed(f"{what}: no answer ({error!r})") from error
            status = "cut off"
        else:
            judge(what, status, found, expected)
        print(f"  {what:36} {status} in {(time.perf_counter() - began) * 1e3:8.1f} ms", flush=True)


async def exports(place, base, fields, count):
    """So many exports at once, of all kinds, read to their end or refused."""
    kinds = ["csv?filter=id%3E10", "ndjson?sortby=-price", "json?filter=active%3Dtrue", "parquet?sortby=description", "xlsx?filter=id%3C5000"]
    results = {}

    async def one(at):
        status, found, _ = await ask(place, f"{base}/export.{kinds[at % len(kinds)]}", fields)
        judge("an export", status, found, {200} | REFUSALS)
        if status in (429, 503) and "retry-after" not in found:
            raise Failed(f"{status} without Retry-After")
        results[status] = results.get(status, 0) + 1

    await asyncio.gather(*(one(at) for at in range(count)))
    return results


async def slow_readers(place, base, fields, count, seconds):
    """So many who begin an export and hardly read on."""
    async def one():
        try:
            status, found, reader, writer = await asyncio.wait_for(begin(place, f"{base}/export.csv?filter=id%3E10", fields), PATIENCE)
            judge("a slow export", status, found, {200} | REFUSALS)
            end = time.monotonic() + seconds
            while status == 200 and time.monotonic() < end and await reader.read(64):
                await asyncio.sleep(0.5)
            writer.close()
            return status
        except (ConnectionError, asyncio.IncompleteReadError):
            return "cut off"
    found = await asyncio.gather(*(one() for _ in range(count)))
    return {status: found.count(status) for status in set(found)}


async def unfinished(place, base, count, seconds):
    """So many who never finish their question."""
    async def one():
        _, writer = await connect(place)
        for byte in f"GET {base}/rows HTTP/1.1\r\nHost: x\r\nX: ".encode() * 2:
            writer.write(bytes([byte]))
            await asyncio.sleep(seconds / 100)
            if writer.is_closing():
                break
        writer.close()
    await asyncio.gather(*(one() for _ in range(count)), return_exceptions=True)


async def attack(server, place, idle, table, columns, ours, theirs):
    base = f"/api/v1/tables/{table}"
    bystander, elsewhere = (Bystander(one, f"{base}/rows?limit=20&offset=1000", theirs) for one in (place, idle))
    worst = 0.0

    async def watched(name, work):
        nonlocal worst
        peak = 0.0
        job = asyncio.ensure_future(work)
        while not job.done():
            await asyncio.wait([job], timeout=0.05)
            if server.poll() is not None:
                raise Failed(f"{name}: the program ended")
            peak = max(peak, memory(server.pid))
        found = await job
        worst = max(worst, peak)
        print(f"{name:24} bystander {bystander.told()}; idle {elsewhere.told()}; peak {peak:.0f} MB{f'; {found}' if found else ''}", flush=True)
        if peak > MEMORY_MB:
            raise Failed(f"{name}: {peak:.0f} MB is more than {MEMORY_MB:.0f}")

    await watched("nothing else", asyncio.sleep(3))
    await watched("questions one by one", one_by_one(place, base, columns, ours))
    await watched("1,000 exports at once", exports(place, base, ours, 1_000))
    await watched("200 slow readers", slow_readers(place, base, ours, 200, 8))
    await watched("200 unfinished questions", unfinished(place, base, 200, 5))
    await watched("afterwards", asyncio.sleep(3))
    bystander.end()
    elsewhere.end()
    status, _, body = await ask(place, f"{base}/rows?limit=1", theirs)
    if status != 200 or b'"items":[{' not in body:
        raise Failed(f"afterwards a page is refused: {status}")
    print(f"peak of it all: {worst:.0f} MB of the program's own, {MEMORY_MB:.0f} allowed")


def main():
    program, generator = map(os.path.abspath, sys.argv[1:3])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 200_000
    env = {name: value for name, value in os.environ.items() if not name.startswith("FAIRGROUND_")} | {"FAIRGROUND_LOG": "warn"}
    folder = tempfile.mkdtemp(prefix="fairground-hostile-", dir=os.environ.get("BENCH_DIR"))
    running = []
    try:
        path, data = os.path.join(folder, "measurements.csv"), os.path.join(folder, "data")
        subprocess.run([generator, "--rows", str(count), path], check=True, stdout=subprocess.DEVNULL)

        def key(name):
            made = subprocess.run([program, "key", "create", "--app", name, "--email", f"{name}@example.org", "--plan", "high-volume",
                                   "--json", "--data-dir", data], check=True, capture_output=True, env=env)
            return {"X-Api-Key": json.loads(made.stdout)["key"]}

        ours, theirs = key("attacker"), key("bystander")
        out = subprocess.run([program, "table", "load", path, "--json", "--data-dir", data], check=True, capture_output=True, env=env).stdout
        loaded = json.loads(out.decode().strip().splitlines()[-1])
        shutil.copytree(data, data + "-idle")

        def serve(folder):
            server = subprocess.Popen([program, "serve", "--listen", "127.0.0.1:0", "--data-dir", folder], env=env, stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, text=True)
            running.append(server)
            address = server.stdout.readline().strip().removeprefix("Portal: ").rstrip("/")
            while not json.load(urllib.request.urlopen(f"{address}/api/v1/tables/{loaded['table']}")).get("indexed", True):
                time.sleep(0.1)
            parts = urllib.parse.urlsplit(address)
            return server, (parts.hostname, parts.port)

        server, place = serve(data)
        _, idle = serve(data + "-idle")
        columns = [column["name"] for column in loaded["columns"]]
        asyncio.run(attack(server, place, idle, loaded["table"], columns, ours, theirs))
    except Failed as failure:
        print(f"FAILED: {failure}", file=sys.stderr)
        raise SystemExit(1) from failure
    finally:
        for server in running:
            server.terminate()
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


main()

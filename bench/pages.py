"""Time home, list, detail, search and placing an order on both databases.

Starts the product with demo data on free loopback ports, loads it with a bounded number of requests
from 16 threads, and prints requests/s, p50 and p99 in milliseconds. Run: ``make bench``.
"""

import re
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from queue import Empty, Queue

import requests

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.support.databases import PostgresServer
from tests.support.product import Product

CLIENTS = 16
REQUESTS = 800
ORDERS = 160
TOKEN = re.compile(r'name="csrf_token"(?: type="hidden")? value="([^"]+)"')


def load(work, total):
    """Run ``work(http)`` ``total`` times from all clients; gives milliseconds and wall seconds."""
    todo: Queue = Queue()
    for _ in range(total):
        todo.put(None)
    taken: list[float] = []

    def client():
        http = requests.Session()
        http.trust_env = False
        while True:
            try:
                todo.get_nowait()
            except Empty:
                return
            started = time.perf_counter()
            work(http)
            taken.append((time.perf_counter() - started) * 1000)

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken, time.perf_counter() - started


def row(database, name, work, total):
    taken, seconds = load(work, total)
    cuts = statistics.quantiles(taken, n=100)
    print(
        f"| {database} | {name} | {len(taken) / seconds:.0f} | {cuts[49]:.1f} | {cuts[98]:.1f} |",
        flush=True,
    )


def reader(url):
    def work(http):
        http.get(url, timeout=30).raise_for_status()

    return work


def placer(base, listing):
    """Place one order as the demo applicant; each thread signs in once."""
    signed_in = threading.local()
    form = f"{base}/applicant/orders/new?listing={listing}"

    def token(http, url):
        page = http.get(url, timeout=30).text
        return page, TOKEN.search(page).group(1)

    def work(http):
        if not getattr(signed_in, "done", False):
            _, found = token(http, f"{base}/account/sign-in")
            data = {"login": "applicant@demo", "password": "sunlit-demo", "csrf_token": found}
            http.post(f"{base}/account/sign-in", data=data, timeout=30).raise_for_status()
            signed_in.done = True
        page, found = token(http, form)
        fields = {
            name: re.search(rf'name="{name}"[^>]* value="([^"]*)"', page).group(1)
            for name in ("key", "version")
        }
        data = {"csrf_token": found, "fund_source": "private", **fields}
        answer = http.post(form, data=data, timeout=30, allow_redirects=False)
        assert answer.status_code == 302, answer.status_code

    return work


def measure(database, url):
    settings = {"SUNLIT_DATABASE_URL": url} if url else {}
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder), settings).start()
        try:
            base = product.url
            page = requests.get(f"{base}/services", timeout=30).text
            listing = re.search(r"/services/([0-9a-f-]{36})", page).group(1)
            row(database, "home", reader(f"{base}/"), REQUESTS)
            row(database, "list", reader(f"{base}/services"), REQUESTS)
            row(database, "detail", reader(f"{base}/services/{listing}"), REQUESTS)
            row(database, "search", reader(f"{base}/services?q=%E7%8E%AF%E8%AF%84"), REQUESTS)
            row(database, "form + place order", placer(base, listing), ORDERS)
        finally:
            product.stop()


def main():
    print(f"{CLIENTS} clients on the same machine, demo data")
    print("| database | page | requests/s | p50 ms | p99 ms |")
    print("|---|---|---|---|---|")
    measure("SQLite", "")
    server = PostgresServer.start()
    try:
        measure("PostgreSQL", server.url())
    finally:
        server.stop()


if __name__ == "__main__":
    main()

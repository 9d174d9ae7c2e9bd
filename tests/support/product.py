"""The whole product in processes of its own, on free loopback ports and a fresh folder."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parent.parent.parent
READY_SECONDS = 60
ASK_AGAIN_SECONDS = 0.1


def free_ports(count: int) -> list[int]:
    """Find loopback ports that nobody listens on, all different."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def wait_until(condition, *, seconds: float = READY_SECONDS, what: str = "it"):
    """Ask again until ``condition`` gives something true, and give that."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        pause.wait(ASK_AGAIN_SECONDS)
    return found


@dataclass
class Product:
    """``python -m market serve`` as a person starts it."""

    data: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = 0
    sandbox_port: int = 0
    process: subprocess.Popen | None = None

    def start(self) -> "Product":
        if not self.port:
            self.port, self.sandbox_port = free_ports(2)
        self.data.mkdir(parents=True, exist_ok=True)
        with (self.data / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "market", "serve"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self.is_ready, what="the product")
        return self

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PORT": str(self.port),
            "DATA": str(self.data),
            "SUNLIT_SANDBOX_PORT": str(self.sandbox_port),
            "SUNLIT_ARGON2_MEMORY_KIB": "64",
            **self.settings,
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise AssertionError((self.data / "serve.log").read_text("utf-8")[-3000:])
        try:
            sandbox = requests.get(f"http://127.0.0.1:{self.sandbox_port}/healthz", timeout=2)
            return sandbox.ok and requests.get(f"{self.url}/readyz", timeout=2).ok
        except requests.RequestException:
            return False

    def children(self, name: str) -> list[int]:
        """Find the process ids of one part of this product ("worker", "gunicorn", "sandbox")."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().split(b"\0")
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, ValueError, IndexError):
                continue
            if name.encode() in command and self.process and parent == self.process.pid:
                found.append(int(folder.name))
        return found

    def kill(self, name: str) -> int:
        """Kill -9 one part and everything below it; gives how many processes died."""
        victims = self.children(name)
        for pid in list(victims):
            victims += _descendants(pid)
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return len(victims)

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run an operator command on this product's data."""
        return subprocess.run(
            [sys.executable, "-m", "market", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def stop(self) -> int:
        """End it as a person does, and give its exit code."""
        if self.process is None:
            return 0
        self.process.terminate()
        return self.process.wait(30)


def _descendants(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    found = [int(child) for child in children]
    for child in list(found):
        found += _descendants(child)
    return found

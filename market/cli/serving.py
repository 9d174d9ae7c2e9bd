"""Start and stop: the supervisor, the worker, the sandbox of outside parties."""

import shutil
import sys
from pathlib import Path

import click

from market.cli.data import prepare
from market.cli.program import Program
from market.cli.supervisor import Child, Supervisor

WEB_THREADS = 4
ROOT = Path(__file__).resolve().parent.parent.parent


@click.command()
@click.pass_obj
def serve(program: Program) -> None:
    """Run the whole product: schema, demo data, web, worker and sandbox, until a signal."""
    settings = program.settings
    prepare(program)
    metrics = settings.data / "metrics"
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir(parents=True)
    children = [
        Child("web", _gunicorn(program), {"PROMETHEUS_MULTIPROC_DIR": str(metrics)}),
        Child("worker", [sys.executable, "-m", "market", "worker"]),
    ]
    if not settings.is_production:
        children.append(Child("sandbox", [sys.executable, "-m", "market", "sandbox"]))
    click.echo(_greeting(program), err=True)
    sys.exit(Supervisor(children, folder=ROOT).run())


def _gunicorn(program: Program) -> list[str]:
    settings = program.settings
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "wsgi:application",
        "--bind",
        f"{settings.host}:{settings.port}",
        "--workers",
        str(settings.web_workers),
        "--worker-class",
        "gthread",
        "--threads",
        str(WEB_THREADS),
        "--graceful-timeout",
        "10",
        "--log-level",
        "warning",
        "--no-control-socket",
    ]


def _greeting(program: Program) -> str:
    lines = [f"Sunlit: http://{program.settings.host}:{program.settings.port}/"]
    if program.settings.demo:
        lines += [
            "demo accounts, password sunlit-demo:",
            "  applicant@demo  owner@demo  agency1@demo … agency12@demo",
            "  regulator@demo  supervisor@demo  operator@demo",
        ]
    return "\n".join(lines)


@click.command()
@click.pass_obj
def worker(program: Program) -> None:
    """Work off messages and periodic work until a signal."""
    found = program.open_worker(program.open_world())
    found.stop_on_signals()
    found.run()


@click.command()
@click.pass_obj
def sandbox(program: Program) -> None:
    """Serve the outside parties of the demo: payment provider, carrier, beacon."""
    if program.settings.is_production:
        raise click.ClickException("the sandbox does not exist in production")
    program.serve_sandbox()

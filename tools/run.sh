#!/bin/sh
# The whole product on this machine: PORT= and DATA= choose port and data folder.
set -eu
cd "$(dirname "$0")/.."
sh tools/setup.sh requirements/run.txt .venv
exec .venv/bin/python -m market serve

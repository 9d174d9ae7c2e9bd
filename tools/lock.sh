#!/bin/sh
# Pin again what pyproject.toml asks for: hashes, no download addresses.
set -eu
cd "$(dirname "$0")/.."
uv=.venv-dev/bin/uv
options="-q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate"
# shellcheck disable=SC2086 # a list of options
"$uv" pip compile $options "$@" pyproject.toml -o requirements/run.txt
# shellcheck disable=SC2086
"$uv" pip compile $options "$@" pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt
if grep -nE 'https?://|index-url|find-links' requirements/*.txt; then
  echo "锁文件里有下载地址" >&2
  exit 1
fi

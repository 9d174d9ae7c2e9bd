#!/bin/sh
# Everything that must hold: lint, types, contracts, then all tests. T=path runs only that path.
set -eu
cd "$(dirname "$0")/.."
sh tools/setup.sh requirements/dev.txt .venv-dev
bin=.venv-dev/bin

if [ -n "${T:-}" ]; then
  exec "$bin/python" -m pytest -q "$T"
fi

missing=""
command -v chromium >/dev/null || missing="$missing chromium"
[ -n "$(find /usr/lib /lib -name 'libatomic.so.1*' 2>/dev/null | head -n 1)" ] || missing="$missing libatomic1"
[ -e /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc ] || missing="$missing fonts-noto-cjk"
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -q
    # shellcheck disable=SC2086 # a list of packages
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
  else
    echo "浏览器测试缺少系统软件，请先安装: apt-get install --no-install-recommends$missing" >&2
    exit 1
  fi
fi

"$bin/ruff" check .
"$bin/ruff" format --check .
"$bin/mypy"
"$bin/lint-imports"
exec "$bin/python" -m pytest -n 2 --dist loadfile

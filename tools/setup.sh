#!/bin/sh
# tools/setup.sh LOCK VENV: make VENV hold exactly what LOCK pins. Does nothing when it already does.
# POSIX sh; needs only python3 (with venv, which root gets from Debian when it is missing).
set -eu
lock=$1
venv=$2
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "需要 Python 3.11 或更高版本 (python3 --version)" >&2
  exit 1
}
fingerprint=$("$python" -c 'import hashlib, sys
print(hashlib.sha256(open(sys.argv[1], "rb").read() + sys.version.encode()).hexdigest()[:16])' "$lock")
stamp="$venv/.lock-$fingerprint"
[ -e "$stamp" ] && exit 0

if ! "$python" -c 'import ensurepip' 2>/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends python3-venv
  else
    echo "缺少 python3-venv，请先安装: apt-get install python3-venv" >&2
    exit 1
  fi
fi
echo "安装依赖 ($lock) …" >&2
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/python" -m pip install --disable-pip-version-check --quiet --require-hashes \
  --only-binary :all: -r "$lock"
rm -f "$venv"/.lock-*
: > "$stamp"

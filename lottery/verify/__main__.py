"""``python -m lottery.verify BUNDLE [--json] [--policy-sha256 HEX] [--plain]``.

Exit code: 0 PASS, 1 FAIL, 2 INCOMPLETE, 3 PASS-UNWITNESSED, 64 wrong usage.
"""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from lottery.override import override
from lottery.verify import verify_path

USAGE_EXIT = 64


class _Parser(argparse.ArgumentParser):
    @override
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE_EXIT, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="lottery.verify", description="Check a draw's proof bundle.")
    parser.add_argument("bundle", type=Path, help="zip file, or folder of the unpacked files")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.add_argument("--plain", action="store_true", help="use plain Python cryptography only")
    parser.add_argument(
        "--policy-sha256", default="", help="SHA-256 of the policy text that you trust"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the verifier and return its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not re.fullmatch(r"(?:[0-9a-f]{64})?", options.policy_sha256):
        parser.error("--policy-sha256 is not 64 lowercase hex digits")
    if not options.bundle.exists():
        parser.error("bundle does not exist")
    report = verify_path(options.bundle, pinned_policy=options.policy_sha256, plain=options.plain)
    if options.json:
        sys.stdout.write(json.dumps(report.to_json(), ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write(report.to_text())
    return int(report.verdict)


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(main())

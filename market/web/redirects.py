"""Where a form may send people back to: this site only."""

from urllib.parse import urlsplit


def own_path(target: str) -> str:
    """Keep a return address only if it stays on this site."""
    parts = urlsplit(target)
    safe = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if safe and not parts.netloc and not parts.scheme else ""

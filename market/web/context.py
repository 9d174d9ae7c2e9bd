"""What every template may use besides what its view gives."""

from flask import Flask, request
from flask import session as cookie

from market.draws.log_head import find_log_head
from market.web.request import world
from market.web.viewer import viewer

REGION_NAMES = {"360700": "赣州市", "360000": "江西省"}
THEMES = ("auto", "light", "dark")


def install(app: Flask) -> None:
    """Give templates the viewer, the preferences and the frame's facts."""

    @app.context_processor
    def frame() -> dict[str, object]:
        settings = world().runtime.settings
        return {
            "viewer": viewer(),
            "care": bool(cookie.get("care")),
            "theme": cookie.get("theme", "auto"),
            "region_name": REGION_NAMES.get(settings.region, settings.region),
            "demo": settings.demo,
            "now": world().runtime.now(),
            "here": request.full_path.rstrip("?"),
            "checkpoint": find_log_head(settings.data),
        }

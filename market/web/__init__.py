"""The web application, made from a world: no environment is read here, no socket opened."""

from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined

from market.web import context, errors, filters, health, i18n, notice_texts, security, viewer
from market.web.csrf import protect
from market.web.routes import blueprints
from market.world import World

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"


def create_app(world: World) -> Flask:
    """Make the application; sandbox and developer pages only outside production."""
    settings = world.runtime.settings
    app = Flask("market.web", template_folder=str(TEMPLATES), static_folder="static")
    app.secret_key = settings.secret_key
    app.extensions["world"] = world
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    i18n.install(app.jinja_env)
    security.secure(app, settings)
    health.measure(app)
    viewer.install(app)
    protect(app)
    filters.register_filters(app)
    notice_texts.install(app)
    context.install(app)
    errors.register_errors(app)
    for blueprint in blueprints(production=settings.is_production):
        app.register_blueprint(blueprint)
    return app

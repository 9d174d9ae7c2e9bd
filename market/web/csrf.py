"""The CSRF token of every form; callbacks of other machines prove themselves by signature."""

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from market.web.hooks.blueprint import bp as hooks


def protect(app: Flask) -> None:
    """Ask for the token on every unsafe request but those of the callbacks."""
    protection = CSRFProtect()
    protection.exempt(hooks)
    protection.init_app(app)

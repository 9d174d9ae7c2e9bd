"""The application for a WSGI server: ``gunicorn wsgi:application``."""

import os

from market.start import web_app

application = web_app(os.environ)

"""Signed-in browsers for tests of pages: read a page, send a form with its token."""

import html
import io
import re
from dataclasses import dataclass

from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from market.accounts.models import Duty, Membership, User
from market.accounts.services import open_session
from market.act import SYSTEM

TOKEN = re.compile(r'name="csrf_token"(?: type="hidden")? value="([^"]+)"')
PASSWORD = "今天的阳光 sunlight"


@dataclass
class Visitor:
    """One browser."""

    client: object

    def get(self, path, **options):
        return self.client.get(path, **options)

    def text(self, path):
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.get_data(as_text=True)

    def token(self, path="/account/sign-in"):
        return TOKEN.search(self.client.get(path).get_data(as_text=True)).group(1)

    def post(self, path, **fields):
        """Send a form; a pair (name, bytes) is a file."""
        data = {
            name: FileStorage(io.BytesIO(value[1]), filename=value[0])
            if isinstance(value, tuple)
            else value
            for name, value in fields.items()
        }
        data["csrf_token"] = self.token()
        boundary, body = encode_multipart(data)  # in memory: the client would leave a file open
        kind = f'multipart/form-data; boundary="{boundary}"'
        return self.client.post(path, data=body, content_type=kind)

    def hidden(self, path, name):
        """Read the value of one hidden input of a page."""
        found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', self.text(path))
        return html.unescape(found.group(1))


def give_account(world, actor):
    """Let an actor of a test sign in with ``PASSWORD``; gives the login."""

    def work(act):
        user = act.session.get_one(User, actor.user_id)
        user.password_hash = world.passwords.hash(PASSWORD)
        known = select(Membership).where(Membership.user_id == actor.user_id)
        membership = act.session.execute(known).scalar_one_or_none()
        if membership is None:
            membership = Membership(
                user_id=actor.user_id,
                organisation_id=actor.organisation_id,
                duty=Duty.ADMIN,
                created_at=act.at,
            )
            act.session.add(membership)
            act.session.flush()
        return user.login, membership.id

    return world.runtime.act(SYSTEM, work)


def visit(app, world, actor):
    """Open a browser that is signed in as ``actor``."""
    _, membership_id = give_account(world, actor)
    token = world.runtime.act(SYSTEM, lambda act: open_session(act, membership_id))
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    return Visitor(client)

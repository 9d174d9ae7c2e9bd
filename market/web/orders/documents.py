"""Giving out documents: always as an attachment, never shown inside of this site."""

from io import BytesIO
from uuid import UUID

from flask import Response, send_file

from market.errors import NotFoundError
from market.files import Document, get_own_document
from market.handling.queries import open_document
from market.web.request import current_actor, reading, world

SANDBOX = "sandbox; default-src 'none'"


def send_document(document_id: UUID) -> Response:
    """Send a document of an order that the viewer is a party of, or of the viewer's own.

    Raises:
        NotFoundError: there is none that the viewer may see, or the file is damaged.
    """
    actor, store = current_actor(), world().files
    with reading() as session:
        found = session.get(Document, document_id)
        if found is None:
            raise NotFoundError(kind="document")
        if found.order_id is None:
            own = get_own_document(session, actor, document_id)
            document, data = own, store.read(own.sha256)
        else:
            document, data = open_document(
                session, store, actor, order_id=found.order_id, document_id=document_id
            )
    response = send_file(
        BytesIO(data), mimetype=document.media_type, as_attachment=True, download_name=document.name
    )
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "private, no-store"
    return response

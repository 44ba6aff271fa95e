"""A board's titles and how they stand, one a line; a form that is posted becomes one."""

import urllib.parse

from sqlalchemy import select
from sqlalchemy.orm import Session

from board.models import Notice, engine


def application(environ, start_response):
    if environ["PATH_INFO"] == "/healthz":
        start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"well"]
    form = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
    fields = dict(urllib.parse.parse_qsl(form))
    with Session(engine) as session:
        if fields:
            session.add(Notice(title=fields["title"]))
            session.commit()
        notices = session.scalars(select(Notice).order_by(Notice.id))
        lines = [f"{notice.title}, {notice.state.name}\n" for notice in notices]
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return ["".join(lines).encode()]

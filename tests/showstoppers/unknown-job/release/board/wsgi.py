"""A board's titles, one a line, below the jobs that have failed; a form that is posted becomes a title by a job."""

import urllib.parse

from rq.job import Job

from board.jobs import post, queue, store


def failed():
    """What the failed jobs were, and the last line of why."""
    jobs = Job.fetch_many(queue.failed_job_registry.get_job_ids(), connection=store)
    return [f"{job.func_name}: {job.latest_result().exc_string.splitlines()[-1]}" for job in jobs]


def application(environ, start_response):
    if environ["PATH_INFO"] == "/healthz":
        start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"well"]
    form = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
    for title in urllib.parse.parse_qs(form).get("title", []):
        queue.enqueue(post, title)
    lines = [title.decode() for title in store.lrange("titles", 0, -1)]
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return ["\n".join([f"failed: {'; '.join(failed()) or 'none'}", *lines]).encode()]

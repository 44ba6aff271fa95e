"""The pages and the API."""

import locale
import logging
from datetime import datetime
from pathlib import Path

import psycopg
from flask import Flask, abort, jsonify, redirect, render_template, request
from flask import send_from_directory, session, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from . import __version__, accounts, api_client, database, log, mail, notices
from .cache import Cache
from .settings import Settings

CACHED_NOTICES = "noticeboard:notices"


def create_app(settings: Settings) -> Flask:
    log.to_stderr()
    # Dates are written in the site's language. A locale that the host lacks must stop the start,
    # not surprise a reader later.
    locale.setlocale(locale.LC_CTYPE, "")
    locale.setlocale(locale.LC_TIME, "")

    app = Flask("noticeboard.web", root_path=str(Path(__file__).parent), static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="noticeboard",
        SESSION_COOKIE_PATH=settings.url_prefix,
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https:"),
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=1024 * 1024,
    )
    app.json.ensure_ascii = False
    app.jinja_env.filters["day"] = lambda iso: (
        datetime.fromisoformat(iso).astimezone().strftime("%A, %d %B %Y")
    )
    if settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_prefix=1)

    cache = Cache(settings.redis_url)
    add_helpers(app, settings)
    add_pages(app, settings, cache)
    add_accounts(app, settings)
    add_api(app, settings, cache)
    logging.getLogger("noticeboard.web").info("release %s, theme %s", __version__, settings.theme)
    return app


def add_helpers(app: Flask, settings: Settings) -> None:
    @app.context_processor
    def for_templates() -> dict:
        return {
            "account": session.get("account"),
            # The proxy in front serves these files, from where `collectstatic` has put them.
            "static": lambda name: f"{request.script_root}/static/{name}?{__version__}",
            "theme": settings.theme,
            "token": accounts.form_token,
            "version": __version__,
        }

    @app.errorhandler(HTTPException)
    def error_page(error: HTTPException):
        return render_template("error.html", error=error), error.code


def newest_notices(settings: Settings, cache: Cache) -> tuple:
    """Returns the notices, and where they come from: `hit`, `miss` or (no cache) `none`."""
    cached = cache.get(CACHED_NOTICES)
    if cached is not None:
        return cached, "hit"
    with database.connect(settings.database_url) as connection:
        rows = notices.newest(connection)
    cache.put(CACHED_NOTICES, rows, seconds=30)
    return rows, "miss" if settings.redis_url else "none"


def add_pages(app: Flask, settings: Settings, cache: Cache) -> None:
    @app.get("/")
    def board():
        rows, _ = newest_notices(settings, cache)
        return render_template("board.html", notices=rows)

    @app.post("/notices")
    @accounts.needs_account
    def post_notice():
        accounts.check_form_token()
        title = request.form.get("title", "").strip()
        if not title:
            abort(400, "a notice needs a title")
        attachment = request.files.get("attachment")
        with database.connect(settings.database_url) as connection:
            notice = notices.post(
                connection, title, request.form.get("body", ""), session["account"]
            )
            if attachment and attachment.filename:
                suffix = Path(attachment.filename).suffix
                notices.attach(
                    connection, notice, title, suffix, attachment.stream, settings.data
                )
        cache.forget(CACHED_NOTICES)
        mail.tell_editors(settings, title, session["account"])
        return redirect(url_for("board") + f"#notice-{notice}")

    @app.post("/notices/<int:notice>/remove")
    @accounts.needs_account
    def remove_notice(notice: int):
        accounts.check_form_token()
        with database.connect(settings.database_url) as connection:
            notices.remove(connection, notice, settings.data)
        cache.forget(CACHED_NOTICES)
        return redirect(url_for("board"))

    @app.get("/notices/<int:notice>/attachment")
    def attachment(notice: int):
        with database.connect(settings.database_url) as connection:
            found = notices.find(connection, notice)
        if not found or not found["attachment"]:
            abort(404)
        return send_from_directory(settings.data, found["attachment"], as_attachment=True)


def add_accounts(app: Flask, settings: Settings) -> None:
    @app.get("/login")
    def show_log_in():
        return render_template("login.html")

    @app.post("/login")
    def log_in():
        accounts.check_form_token()
        name, password = request.form.get("name", ""), request.form.get("password", "")
        with database.connect(settings.database_url) as connection:
            right = accounts.password_is_right(connection, name, password)
        if not right:
            return render_template("login.html", refused=True), 403
        accounts.log_in(name)
        return redirect(url_for("board"))

    @app.post("/logout")
    def log_out():
        accounts.check_form_token()
        accounts.log_out()
        return redirect(url_for("board"))


def add_api(app: Flask, settings: Settings, cache: Cache) -> None:
    @app.get("/api/notices")
    def api_notices():
        rows, source = newest_notices(settings, cache)
        response = jsonify(notices=rows)
        response.headers["X-Cache"] = source
        return response

    @app.get("/api/self")
    def api_self():
        """Asks the board's own API by its public address, as other boards would."""
        url = f"{settings.public_url}/api/notices"
        try:
            return jsonify(url=url, notices=len(api_client.get_json(url)["notices"]))
        except api_client.ApiError as error:
            return jsonify(url=url, error=str(error)), 502

    @app.get("/api/weather")
    def api_weather():
        """Passes on what the weather service says, where the site has one."""
        if not settings.weather_url:
            abort(404)
        try:
            return jsonify(api_client.get_json(settings.weather_url))
        except api_client.ApiError as error:
            return jsonify(error=str(error)), 502

    @app.get("/healthz")
    def health():
        migrations = "unknown"
        try:
            with database.connect(settings.database_url) as connection:
                missing = database.pending(connection)
            migrations = f"{len(missing)} pending" if missing else "up to date"
        except psycopg.Error as error:
            logging.getLogger("noticeboard.health").error("database: %s", error)
        alive = migrations != "unknown"
        state = {
            "database": alive,
            "cache": cache.state(),
            "version": __version__,
            "migrations": migrations,
        }
        return jsonify(state), 200 if alive else 503

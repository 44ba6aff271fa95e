"""Who may post: accounts, log-in, and the token that proves a form came from the board."""

import functools
import hmac
import secrets

import psycopg
from flask import abort, redirect, request, session, url_for
from werkzeug.security import check_password_hash, generate_password_hash


def create(connection: psycopg.Connection, name: str, password: str) -> bool:
    """Creates an account; one that exists stays as it is, and the answer is False."""
    created = connection.execute(
        "INSERT INTO accounts (name, password) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        [name, generate_password_hash(password)],
    )
    return created.rowcount == 1


def password_is_right(connection: psycopg.Connection, name: str, password: str) -> bool:
    row = connection.execute("SELECT password FROM accounts WHERE name = %s", [name]).fetchone()
    return bool(row and row["password"]) and check_password_hash(row["password"], password)


def log_in(name: str) -> None:
    session.clear()
    session["account"] = name


def log_out() -> None:
    session.clear()


def form_token() -> str:
    """Returns the token that every form of this session must carry."""
    if "token" not in session:
        session["token"] = secrets.token_urlsafe(24)
    return session["token"]


def check_form_token() -> None:
    sent = request.form.get("token", "")
    if not hmac.compare_digest(sent.encode(), session.get("token", "").encode()) or not sent:
        abort(403, "this form did not come from the board, or is too old: please load it again")


def needs_account(view):
    """Sends visitors who are not logged in to the log-in page."""

    @functools.wraps(view)
    def wrapped(*args, **kwargs):
        if "account" not in session:
            return redirect(url_for("show_log_in"))
        return view(*args, **kwargs)

    return wrapped

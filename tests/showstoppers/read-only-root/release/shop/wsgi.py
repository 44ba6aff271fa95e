"""A shop that remembers its visitors."""

from flask import Flask, session
from flask_session import Session

application = Flask(__name__)
application.config.update(SESSION_TYPE="filesystem")
Session(application)


@application.get("/")
def home():
    session["visits"] = session.get("visits", 0) + 1
    return "Ship in a bottle: 40 EUR\n"

"""A shop that takes pictures of its goods."""

import hashlib

from flask import Flask, request

application = Flask(__name__)


@application.get("/")
def home():
    return "Ship in a bottle: 40 EUR\n"


@application.post("/pictures")
def picture():
    return hashlib.sha256(request.files["picture"].read()).hexdigest()

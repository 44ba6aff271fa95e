"""Errands that somebody has to run: Flask and Redis, as a Procfile starts it."""

import os

from flask import Flask, jsonify, redirect, render_template, request
from redis import Redis
from werkzeug.middleware.proxy_fix import ProxyFix

app = Flask(__name__)
app.secret_key = os.environ["SECRET_KEY"]
# A balancer and the host's own nginx say where a request comes from.
app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)
redis = Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)


@app.before_request
def only_https():
    if os.environ.get("ERRANDS_HTTPS") == "only" and not request.is_secure:
        return redirect(request.url.replace("http:", "https:", 1), 301)


@app.get("/")
def front():
    todo, done = redis.lrange("errands:todo", 0, 19), redis.lrange("errands:done", 0, 19)
    return render_template("front.html", title=os.environ.get("ERRANDS_TITLE", "Errands"), todo=todo, done=done)


@app.post("/errands")
def add():
    redis.rpush("errands:todo", request.form["what"])
    return redirect("/", 303)


@app.get("/healthz")
def health():
    return jsonify(redis=redis.ping(), scheme=request.scheme)

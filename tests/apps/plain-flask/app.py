"""A small Flask app as a tutorial would leave it: nothing here knows of stagectl."""
import os

from flask import Flask, render_template

app = Flask(__name__)
app.secret_key = os.environ["SECRET_KEY"]


@app.route("/")
def front():
    return render_template("front.html", shop=os.environ.get("SHOP_NAME", "The shop"))

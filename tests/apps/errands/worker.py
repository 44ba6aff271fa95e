"""Runs the errands: takes one after the other from the list.  worker.py [--redis URL]"""

import argparse
import os

from redis import Redis

parser = argparse.ArgumentParser()
parser.add_argument("--redis", default=os.environ.get("REDIS_URL"))
redis = Redis.from_url(parser.parse_args().redis, decode_responses=True)
while True:
    errand = redis.blpop(["errands:todo"], timeout=5)
    if errand:
        redis.lpush("errands:done", errand[1])
        print("done:", errand[1], flush=True)

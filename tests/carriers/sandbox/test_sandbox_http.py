"""Over a real port: the official Python client unchanged, the controls, webhooks, silence."""

import asyncio
import contextlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
import requests
import uvicorn
from duffel_api import Duffel
from duffel_api.http_client import ApiError
from sandbox_client import DAY, Client, of_airline, order_form, person
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from carriers.sandbox.server import create_app


@contextlib.contextmanager
def serving(app):
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="on"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.005)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)

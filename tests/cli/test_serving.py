"""`faregate serve`: what it tells before it serves, and when it cannot."""

import socket

import pytest

from app.cli.main import main


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture(autouse=True)
def _development(monkeypatch, tmp_path):
    monkeypatch.setenv("FAREGATE_PROFILE", "development")
    monkeypatch.setenv("FAREGATE_DATA_DIR", str(tmp_path))


@pytest.mark.parametrize("option", ["--port", "--sandbox-port"])
def test_a_taken_port_is_one_sentence_with_the_way_out(option, taken, capsys):
    ports = {"--port": "0", "--sandbox-port": "0", option: str(taken)}
    assert main(["serve", *(word for pair in ports.items() for word in pair)]) == 2
    said = capsys.readouterr().err
    assert said == (
        f"faregate: Cannot listen on 127.0.0.1:{taken} (Address already in use); choose another port with {option}.\n"
    )

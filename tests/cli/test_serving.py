"""`faregate serve`: what it tells before it serves, and when it cannot."""

import socket

import pytest

from app.cli.main import main
from app.store.migrate import SchemaBehindError


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


@pytest.mark.parametrize("world", [0, 1])
def test_the_sandbox_needs_a_port_for_each_of_its_worlds(world, taken, capsys):
    assert main(["sandbox", "--port", str(taken - world)]) == 2
    assert f"Cannot listen on 127.0.0.1:{taken} " in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [["serve", "--no-sandbox", "--port", "0"], ["worker"], ["migrate"], ["token", "--partner", "Acme"]]
)
def test_a_database_that_does_not_answer_is_one_sentence_without_its_password(command, monkeypatch, capsys):
    monkeypatch.setenv("FAREGATE_DATABASE_URL", "postgresql://faregate:topsecret@127.0.0.1:1/faregate")
    assert main(command) == 2
    said = capsys.readouterr().err
    assert said.startswith("faregate: The database cannot be used: ")
    assert said.count("\n") == 1
    assert "topsecret" not in said


def test_an_unmigrated_database_says_what_to_run(monkeypatch, capsys):
    async def behind(_settings):
        raise SchemaBehindError("The database is at revision none, this version works with 0001.")

    monkeypatch.setattr("app.cli.databases.ready_store", behind)
    assert main(["worker"]) == 2
    assert capsys.readouterr().err == "faregate: The database is at revision none, this version works with 0001.\n"

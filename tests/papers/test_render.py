"""The pool around the press: workers die, hang and outlive nobody."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.papers import press, render, worker
from app.papers.press import PrintError
from app.papers.render import Renderer

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def renderer():
    renderer = Renderer()
    yield renderer
    renderer.close()


@pytest.fixture
async def alone():
    """A renderer of one worker, where it is all the same how many there are: each takes a second to start."""
    renderer = Renderer(workers=1)
    yield renderer
    renderer.close()


def workers(renderer):
    return list(renderer._pool._processes)


async def test_prints_what_the_press_prints(alone, receipts):
    receipt = receipts.receipt()
    assert await alone.pdf(receipt) == press.print_pdf(receipt)


async def test_workers_are_ready_after_warming_up(renderer):
    await renderer.warm_up()
    assert len(workers(renderer)) == render.WORKERS


@pytest.mark.proof
async def test_a_dead_worker_costs_no_ticket(renderer, receipts):
    receipt = receipts.one_way()
    await renderer.pdf(receipt)
    printing = [asyncio.create_task(renderer.pdf(receipt)) for _ in range(4)]
    await asyncio.sleep(0)
    os.kill(workers(renderer)[0], signal.SIGKILL)
    assert set(await asyncio.gather(*printing)) == {press.print_pdf(receipt)}


@pytest.mark.proof
async def test_a_worker_that_dies_over_every_ticket_is_an_error(alone, receipts, monkeypatch):
    monkeypatch.setattr(worker, "print_bounded", os._exit)
    with pytest.raises(PrintError, match="died twice"):
        await alone.pdf(3)
    monkeypatch.undo()
    assert await alone.pdf(receipts.one_way())


async def test_what_goes_wrong_in_a_worker_is_told_without_its_details(alone, receipts):
    too_much_for_a_code = receipts.one_way(verification_url="https://faregate.example/" + "x" * 8000)
    with pytest.raises(PrintError, match=r"could not be laid out \(DataOverflowError\)"):
        await alone.pdf(too_much_for_a_code)
    assert await alone.pdf(receipts.one_way())


async def test_nobody_waits_longer_than_the_limit(receipts):
    renderer = Renderer(answer_seconds=0.01)
    try:
        with pytest.raises(PrintError, match="not printed within"):
            await renderer.pdf(receipts.one_way())
    finally:
        renderer.close()


async def test_refuses_when_too_many_wait(receipts):
    renderer = Renderer(workers=1, max_waiting=1)
    first = asyncio.create_task(renderer.pdf(receipts.one_way()))
    await asyncio.sleep(0)
    try:
        with pytest.raises(PrintError, match="too many"):
            await renderer.pdf(receipts.one_way())
        assert await first
    finally:
        renderer.close()


async def test_a_closed_renderer_prints_nothing(receipts):
    renderer = Renderer()
    renderer.close()
    with pytest.raises(PrintError, match="closed"):
        await renderer.pdf(receipts.one_way())


@pytest.mark.proof
def test_a_stuck_worker_ends_itself():
    code = (
        "from app.papers import worker\n"
        "def stuck(receipt):\n"
        "    while True:\n"
        "        pass\n"
        "worker.LAST_RESORT_SECONDS, worker.print_pdf = 0.05, stuck\n"
        "worker.print_bounded(None)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=20, check=False)
    assert ended.returncode == -signal.SIGALRM


@pytest.mark.proof
def test_workers_do_not_outlive_a_killed_parent(tmp_path):
    """The workers share the parent's standard output, so reading it to its end waits for the last of them."""
    script = tmp_path / "parent.py"
    script.write_text(
        "import asyncio, os, signal\n"
        "from app.papers.render import Renderer\n"
        "if __name__ == '__main__':\n"
        "    renderer = Renderer()\n"
        "    asyncio.run(renderer.warm_up())\n"
        "    print(*renderer._pool._processes, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    parent = subprocess.run(
        [sys.executable, script],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert parent.returncode == -signal.SIGKILL
    assert len(parent.stdout.split()) == render.WORKERS

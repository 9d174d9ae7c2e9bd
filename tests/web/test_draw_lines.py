"""What a page offers to type into a terminal gives what it says, and the foot names the log."""

import io
import shutil
import subprocess
import zipfile

import pytest

from market.draws.log_head import find_log_head
from market.draws.verifying import BundleVerifier
from market.web.public import draw_page
from tests.support.draws import make_draw_world


@pytest.fixture
def hall(runtime, clock):
    return make_draw_world(runtime, clock)


@pytest.fixture
def found(hall):
    draw_id = hall.announced()
    for agency in hall.agencies:
        hall.enrol(agency, draw_id)
    hall.integrate()
    hall.drawn(draw_id)
    return hall.read(draw_id)


def run(line):
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=True)
    return done.stdout.split()[0]


def test_every_line_of_the_page_recomputes_what_stands_beside_it(found):
    assert run(draw_page.commit_line(found)) == found.operator_commit
    assert run(draw_page.seed_line(found)) == found.seed
    for proof in draw_page.proofs_of(found):
        assert run(proof.line) == proof.box.leaf_sha256
    for row in found.ranking:
        assert run(row.shell_line) == row.ticket
    if shutil.which("xxd"):
        assert run(draw_page.randomness_line(found.beacon)) == found.beacon.randomness


def test_a_quote_in_a_record_does_not_leave_the_line(hall):
    draw_id = hall.announced(title="演示'$(exit 3)'工程")
    for proof in draw_page.proofs_of(hall.read(draw_id)):
        assert run(proof.line) == proof.box.leaf_sha256


def test_the_foot_names_the_newest_checkpoint(hall, runtime):
    data = runtime.settings.data
    assert find_log_head(data) is None
    draw_id = hall.announced()
    before = find_log_head(data)
    hall.enrol(hall.agencies[0], draw_id)
    hall.integrate()
    after = find_log_head(data)
    assert after.size == before.size + 1
    assert after.root != before.root
    assert len(after.short_hash) == 16


def test_what_was_not_checked_is_not_called_passed():
    strange = io.BytesIO()
    with zipfile.ZipFile(strange, "w") as archive:
        archive.writestr("holiday.jpg", b"not of a bundle")
    report = BundleVerifier().verify(strange.getvalue())
    assert report.failed == ("V1",)
    assert {check.status for check in report.checks[1:]} == {"skip"}

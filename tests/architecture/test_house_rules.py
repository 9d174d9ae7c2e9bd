"""Rules of the house that no linter knows."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("market", "lottery", "billing")
PYTHON = sorted(p for name in PACKAGES for p in (ROOT / name).rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
CJK = re.compile(r"[\u4e00-\u9fff]")

CHINESE_MAY_STAND = ("market/web/", "market/notices/", "market/demo/", "market/sandbox/")
REPORT_FOR_PEOPLE = ("lottery/verify/", "lottery/bundle")
ENVIRONMENT_MAY_BE_READ = {"market/__main__.py", "market/cli/supervisor.py"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def plain_strings(tree: ast.AST) -> list[ast.Constant]:
    """All string constants but docstrings."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docs | bare
    ]


@pytest.mark.parametrize("path", PYTHON, ids=name_of)
def test_chinese_texts_stand_only_where_people_are_spoken_to(path):
    if name_of(path).startswith(CHINESE_MAY_STAND + REPORT_FOR_PEOPLE):
        return
    found = [
        n.value for n in plain_strings(ast.parse(path.read_text("utf-8"))) if CJK.search(n.value)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("pattern", "most"),
    [
        ("market/**/*.py", 400),
        ("lottery/**/*.py", 400),
        ("billing/**/*.py", 400),
        ("tests/**/*.py", 400),
        ("templates/**/*.html", 160),
        ("market/web/static/css/*.css", 400),
        ("market/web/static/js/*.js", 200),
        ("tests/conftest.py", 150),
    ],
)
def test_no_file_grows_beyond_what_one_reads_in_a_sitting(pattern, most):
    long = {
        name_of(path): count
        for path in ROOT.glob(pattern)
        if (count := len(path.read_text("utf-8").splitlines())) > most
    }
    assert long == {}


def test_the_environment_is_read_in_one_place():
    readers = {
        name_of(path)
        for path in PYTHON
        if re.search(r"os\.(environ|getenv)", path.read_text("utf-8"))
    }
    assert readers <= ENVIRONMENT_MAY_BE_READ


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_templates_hold_no_inline_script_or_style_and_trust_nothing(path):
    text = path.read_text("utf-8")
    assert not re.search(r"\|\s*safe\b", text)
    assert not re.search(r"\sstyle=", text)
    assert not re.search(r"\son[a-z]+=\"", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_every_form_that_changes_something_carries_the_token(path):
    if "sandbox" in path.parts:  # another party's page: it has neither cookie nor session
        return
    text = path.read_text("utf-8")
    for form in re.findall(r"<form[^>]*method=\"post\"[^>]*>.*?</form>", text, re.DOTALL):
        assert "csrf" in form, form[:120]


def test_no_unfinished_work_is_marked_in_code():
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")
    found = [name_of(p) for p in PYTHON + TEMPLATES if marks.search(p.read_text("utf-8"))]
    assert found == []


def test_tests_never_sleep():
    files = [p for p in (ROOT / "tests").rglob("*.py") if p != Path(__file__)]
    assert [name_of(p) for p in files if re.search(r"\btime\.sleep\(", p.read_text("utf-8"))] == []


def test_the_head_file_names_the_last_migration():
    last = max((ROOT / "migrations" / "versions").glob("*.py")).stem
    assert (ROOT / "migrations" / ".head").read_text("utf-8").strip() == last


def test_locks_hold_hashes_and_no_download_address():
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text("utf-8")
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|index-url|find-links", text), path


def test_every_dependency_has_its_sentence():
    reasons = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    wanted = re.findall(r'^  "([a-z0-9-]+)[\[=><]', project, re.MULTILINE)
    assert wanted
    assert [name for name in wanted if f"`{name}`" not in reasons] == []


def test_modules_named_after_nothing_do_not_exist():
    assert [
        name_of(p) for p in PYTHON if re.search(r"(util|helper|manager|common|misc)", p.stem)
    ] == []

"""``docs/spec.md``: the rules as small tables, taken from ``tests/spec``. ``python -m tests.spec_page`` writes it."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent

PROJECT = Path(__file__).resolve().parent.parent
PAGE = PROJECT / "docs" / "spec.md"
VERBS = {"given": "Given", "then": "Then"}


def spec_page() -> str:
    """The page's text: per module its docstring, per test its name, docstring and tables in order."""
    lines = [
        "# Specification",
        "",
        "Generated from `tests/spec` by `make docs`; do not edit. Each paragraph is a test that runs.",
        "",
    ]
    for path in sorted((PROJECT / "tests" / "spec").glob("test_*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        lines += [f"## {_sentence(ast.get_docstring(module) or path.stem)}", "", f"`tests/spec/{path.name}`", ""]
        for node in module.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                lines += _paragraph(node)
    return "\n".join(lines).rstrip() + "\n"


def _paragraph(test: ast.FunctionDef) -> list[str]:
    title = test.name.removeprefix("test_").replace("_", " ")
    lines = [f"### {title}", ""]
    if docstring := ast.get_docstring(test):
        lines += [docstring, ""]
    calls = sorted((n for n in ast.walk(test) if isinstance(n, ast.Call)), key=lambda n: (n.lineno, n.col_offset))
    for call in calls:
        verb = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        texts = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if verb in VERBS and len(texts) == 2:
            lines += [f"{VERBS[verb]} `{texts[0]}`:", "", "```", dedent(texts[1]).strip("\n"), "```", ""]
    return lines


def _sentence(docstring: str) -> str:
    return docstring.strip().splitlines()[0].rstrip(".")


if __name__ == "__main__":
    PAGE.write_text(spec_page(), encoding="utf-8")

"""Prints every text that people read, with its occasion and its translations: `make texts-list`."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hatch_build import read_catalogue

ROOT = Path(__file__).parent.parent
FOLDERS = (ROOT / "bot" / "ui" / "texts", ROOT / "cogs")
# What `make texts` gathers; each with how many of its arguments are texts.
KEYWORDS = {"_": 1, "_n": 2, "marked": 1, "locale_str": 1}


@dataclass(frozen=True)
class Text:
    """One entry of the catalogues, where it is used."""

    file: str
    occasion: str
    """What the code says of it: the docstring or name of its function, its key, its option."""
    forms: tuple[str, ...]
    """In English; two where it depends on a number."""


def texts() -> Iterator[Text]:
    """Every text in the code, in the order of the files."""
    for folder in FOLDERS:
        for path in sorted(folder.rglob("*.py")):
            file = path.relative_to(ROOT).as_posix()
            for occasion, forms in _of(ast.parse(path.read_text(encoding="utf-8")), ()):
                yield Text(file, " › ".join(occasion), forms)


def _of(node: ast.AST, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The texts below a node, each with the occasions that lead to it."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", None) in KEYWORDS:
        arguments = node.args[: KEYWORDS[getattr(node.func, "id", "")]]
        forms = tuple(one.value for one in arguments if isinstance(one, ast.Constant))
        if forms:
            yield above, tuple(str(form) for form in forms)
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            yield from _of(value, above if key is None else (*above, _key(key)))
        return
    here = (*above, *_occasion(node))
    for child in ast.iter_child_nodes(node):
        yield from _of(child, here)


def _key(node: ast.expr) -> str:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return ast.literal_eval(node) if is_text else ast.unparse(node)


def _occasion(node: ast.AST) -> tuple[str, ...]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            first, _, _ = (ast.get_docstring(node) or "").partition("\n")
            return (first.rstrip(".") or node.name.strip("_").replace("_", " "),)
        case ast.ClassDef():
            return (node.name,)
        case ast.keyword(arg=str(name)):
            return (name,)
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return (name.strip("_").lower().replace("_", " "),) if name.isupper() else ()
        case ast.match_case():
            return (ast.unparse(node.pattern),)
        case _:
            return ()


def page() -> str:
    """All of them as Markdown: a heading for each file, and for each text a line a language."""
    sources = sorted(ROOT.glob("bot/locale/*/LC_MESSAGES/flipbook.po"))
    catalogues = {path.parts[-3]: read_catalogue(path) for path in sources}
    lines: list[str] = []
    file = ""
    for text in texts():
        if text.file != file:
            file = text.file
            lines += ["", f"## {file}", ""]
        lines.append(f"- *{text.occasion}*" if text.occasion else "-")
        lines += [f"  - en: {_one_line(form)}" for form in text.forms]
        for language, catalogue in catalogues.items():
            message = catalogue.get(text.forms[0])
            translated = (message.string if message is not None else None) or ""
            forms = [translated] if isinstance(translated, str) else list(translated)
            lines += [f"  - {language}: {_one_line(form)}" for form in forms]
    return "\n".join(["# Every text that people read", *lines, ""])


def _one_line(text: str) -> str:
    return text.replace("\n", " ⏎ ")


if __name__ == "__main__":
    print(page())  # noqa: T201 - it is what the command is for

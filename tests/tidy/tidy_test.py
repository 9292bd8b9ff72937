#!/usr/bin/env python3
"""Holds the ban list of rules.py over the tree."""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tree")]
sys.dont_write_bytecode = True

import rules  # noqa: E402
import tree  # noqa: E402
from tree import Finding  # noqa: E402

_PATTERNS = {name: re.compile(pattern) for name, (_, pattern, _) in rules.PATTERNS.items()}
_ORDERED = re.compile(r"\b(?:std|absl)::(?:btree_)?(?:multi)?(?:map|set)\s*<")
_DRAW_OR_POST = re.compile(r"(?:\.|->)\s*(?:%s)\s*\(" % "|".join(rules.DRAWS_AND_POSTS))
_PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE)


def _in_scope(rule, path):
    scope = (rules.PATTERNS.get(rule) or rules.CHECKS[rule])[0]
    if not path.startswith(tuple(scope)):
        return False
    return not any(rule in names and tree.matches(path, files) for names, files, _ in rules.EXCEPTIONS)


def _end_of_argument(code, start, ends):
    """Offset of the first of the characters `ends` at the bracket depth of start. Inside parentheses > is no bracket."""
    depth = parens = 0
    for offset in range(start, len(code)):
        mark = code[offset]
        if not depth and not parens and mark in ends:
            return offset
        parens += (mark == "(") - (mark == ")")
        if not parens:
            depth += (mark == "<") - (mark == ">")
    return len(code)


def pointer_keys(code):
    """Offsets of ordered containers whose first template argument is a pointer, plain or smart."""
    for match in _ORDERED.finditer(code):
        key = code[match.end() : _end_of_argument(code, match.end(), ",>")]
        key = re.sub(r"\bconst\b", "", key).strip()
        if key.endswith("*") or re.match(r"(std::)?(unique|shared|weak)_ptr\b", key):
            yield match.start()


def two_draws(code):
    """Offsets of full expressions with more than one draw or post. Braces end one: a lambda's body is evaluated later."""
    start = 0
    for piece in re.split(r"([;{}])", code):
        calls = [match.start() for match in _DRAW_OR_POST.finditer(piece)]
        if len(calls) > 1:
            yield start + calls[0]
        start += len(piece)


# Annotations that look like calls.
_ANNOTATION = re.compile(r"\[\[.*?\]\]|\balignas\s*\([^()]*\)|\b[A-Z][A-Z_]{2,}\s*\([^()]*\)")
_ACCESS = re.compile(r"^(\s*(public|private|protected)\s*:(?!:))+")
_NOT_A_VARIABLE = re.compile(
    r"(using|typedef|friend|template|static_assert|class|struct|union|enum|(inline\s+)?namespace|return|goto|concept|asm)\b"
    r"|extern\s*\""
)
_VARIABLE = re.compile(r"[A-Za-z_][\w:<>,\s*&\[\].]*?[\s*&>]\w+\s*(\[[^\]]*\]\s*)*$")


# Parentheses are arguments of a base class if they come behind its colon, and of a function otherwise.
_CLASS = re.compile(r"(requires\b.*?)?\b(class|struct|union)\b[^(=]*((?<!:):(?!:)|$)", re.DOTALL)


def _without_template(head):
    """The head behind an access specifier and `template <...>`."""
    head = _ACCESS.sub("", head).strip()
    match = re.match(r"template\s*<", head)
    if not match:
        return head
    return _without_template(head[_end_of_argument(head, match.end(), ">") + 1 :])


def _scope_of(head):
    """What a brace behind `head` opens; "function" is whatever is no other: bodies, initializers."""
    head = _ANNOTATION.sub(" ", head)
    if re.search(r"\bnamespace\b[\w:\s]*$|\bextern\s*\"[^\"]*\"\s*$", head):
        return "namespace"
    if re.search(r"\benum\b[^()=]*$", head):
        return "enum"
    if _CLASS.match(_without_template(head)):
        return "class"
    return "function"


def _is_mutable_static(head, scope):
    """Whether the statement that starts with `head` declares a variable that outlives its scope and can change.

    At namespace scope `Foo x(1);` passes for a function.
    """
    head = _ACCESS.sub("", _ANNOTATION.sub(" ", head)).strip()
    declared = re.split(r"(?<![=!<>])=(?!=)", head)[0].strip()
    if _NOT_A_VARIABLE.match(declared):
        return False
    if scope == "namespace":
        if "(" in declared or not _VARIABLE.match(declared):
            return False
    elif not re.match(r"(inline\s+|constinit\s+)*static\b", declared) or (scope == "class" and "(" in declared):
        return False
    declared = declared.partition("(")[0]
    # const counts behind the last `*`: a pointer to const can change.
    return not re.search(r"\bconstexpr\b", declared) and not re.search(r"\bconst\b", declared.rpartition("*")[2])


def mutable_statics(code):
    """Offsets of variables at namespace or class scope, or static in a function, that can change."""
    code = _PREPROCESSOR.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), code)
    stack = ["namespace"]  # Of what the open braces opened, and "(".
    start = 0  # Of the statement
    for match in re.finditer(r"[;{}()]", code):
        mark, head = match[0], code[start : match.start()]
        if mark == "(":
            stack.append("(")
            continue
        if mark == ")":
            if stack[-1] == "(":
                stack.pop()
            continue
        if mark == ";" and stack[-1] == "(":  # for (;;)
            continue
        opens = _scope_of(head) if mark == "{" and stack[-1] != "(" else "function"
        scope = next(kind for kind in reversed(stack) if kind != "(")
        if mark != "}" and opens == "function" and scope != "enum" and _is_mutable_static(head, scope):
            yield match.start() - len(_ACCESS.sub("", head).lstrip())
        if mark == "{":
            stack.append(opens)
        if mark == "}" and len(stack) > 1:
            stack.pop()
        start = match.end()


def _check_code(path, text):
    code = tree.strip(text)
    for name, pattern in _PATTERNS.items():
        if _in_scope(name, path):
            for match in pattern.finditer(code):
                yield name, tree.line_of(code, match.start()), f"{match[0].strip()}: use {rules.PATTERNS[name][2]}"
    for name, function in (("pointer-key", pointer_keys), ("two-draws", two_draws), ("mutable-static", mutable_statics)):
        if _in_scope(name, path):
            for offset in function(code):
                yield name, tree.line_of(code, offset), rules.CHECKS[name][1]


def _check_proto(path, text):
    code = tree.strip(text)
    if _in_scope("proto-map", path):
        for match in re.finditer(r"\bmap\s*<", code):
            yield "proto-map", tree.line_of(code, match.start()), rules.CHECKS["proto-map"][1]


def _check_any(path, text):
    if _in_scope("file-name", path):
        if any(rules.FILE_NAMES.search(part.partition(".")[0]) for part in path.split("/") if not part.startswith(".")):
            yield "file-name", 1, rules.CHECKS["file-name"][1]
    if _in_scope("foreign-path", path):
        for number, line in enumerate(text.splitlines(), 1):
            if rules.FOREIGN_PATHS.search(line):
                yield "foreign-path", number, rules.CHECKS["foreign-path"][1]


def check(root):
    found = set()
    for path in tree.files(root):
        text = tree.read(root, path)
        results = [*_check_any(path, text)]
        if path.endswith((".h", ".cc")):
            results += _check_code(path, text)
        elif path.endswith(".proto"):
            results += _check_proto(path, text)
        found |= {Finding(path, line, rule, message) for rule, line, message in results}
    return found


if __name__ == "__main__":
    tree.main(HERE, check, [*rules.PATTERNS, *rules.CHECKS])

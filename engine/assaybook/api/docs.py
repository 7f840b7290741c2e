"""The reference of the API as one page, made from its OpenAPI document; it loads nothing else."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from fastapi import FastAPI, Response

from assaybook.domain.canonical import canonical

_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --quiet: light-dark(#666, #999) }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { border-bottom: 1px solid var(--line); margin-top: 2.5rem }
h3 { font: 600 1rem ui-monospace, monospace; margin: 2rem 0 .25rem }
h3 b { display: inline-block; min-width: 4.5rem }
table { border-collapse: collapse; margin: .5rem 0; width: 100% }
td, th { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0;
  border-bottom: 1px solid var(--line) }
th { font-weight: 600; white-space: nowrap }
code { font: .9em ui-monospace, monospace }
.quiet { color: var(--quiet) }
"""
_STYLE_DIGEST: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; frame-ancestors 'none'"
_METHODS: Final = ("get", "put", "post", "delete")
_OpenApi = Mapping[str, Any]


def add_docs(app: FastAPI) -> None:
    """Add the page ``/docs`` to an application."""

    async def docs() -> Response:
        return Response(
            page_of(app.openapi()),
            media_type="text/html",
            headers={"Content-Security-Policy": _POLICY, "Cache-Control": "max-age=300"},
        )

    app.add_api_route("/docs", docs, include_in_schema=False)


def page_of(document: _OpenApi) -> str:
    """Return the page of an OpenAPI document: each route, by topic."""
    info = document["info"]
    title = f"{escape(info['title'])} {escape(info['version'])}"
    topics: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                one = item[method]
                topics.setdefault(one.get("tags", [""])[0], []).append(
                    "".join(_operation(document, path, method, one))
                )
    body = "".join(f"<h2>{escape(topic)}</h2>{''.join(ops)}" for topic, ops in topics.items())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>"
        f"<p>{escape(info.get('description', ''))}</p>"
        '<p>The same for programs: <a href="/v1/openapi.json">/v1/openapi.json</a>. Send'
        " <code>Authorization: Bearer KEY</code>. Errors are"
        " <code>application/problem+json</code> (RFC 9457) with a stable <code>code</code>.</p>"
        f"{body}</body></html>"
    )


def _operation(document: _OpenApi, path: str, method: str, one: _OpenApi) -> Iterator[str]:
    yield f"<h3><b>{method.upper()}</b> {escape(path)}</h3>"
    for paragraph in one.get("description", "").split("\n\n"):
        yield f"<p>{escape(paragraph)}</p>"
    rows = [_parameter(each) for each in one.get("parameters", [])]
    rows += _body(document, one.get("requestBody", {}))
    if rows:
        yield f"<table>{''.join(rows)}</table>"
    yield f"<table>{''.join(_answers(document, one['responses']))}</table>"


def _parameter(one: _OpenApi) -> str:
    needed = "" if one.get("required") else ' <span class="quiet">optional</span>'
    where = f'<span class="quiet">{escape(one["in"])}</span> {_shape(one["schema"])}'
    return _row(
        f"<code>{escape(one['name'])}</code>{needed}", where, escape(one.get("description", ""))
    )


def _body(document: _OpenApi, body: _OpenApi) -> Iterator[str]:
    for media, content in body.get("content", {}).items():
        fields = _fields(document, content.get("schema", {}))
        yield _row(f"<code>{escape(media)}</code>", "body", fields)


def _answers(document: _OpenApi, responses: _OpenApi) -> Iterator[str]:
    for status, one in responses.items():
        good = status.startswith("2")
        contents = one.get("content", {}).values() if good else ()
        fields = " ".join(_fields(document, each.get("schema", {})) for each in contents)
        yield _row(f"<code>{escape(status)}</code>", escape(one["description"]), fields)


def _fields(document: _OpenApi, schema: _OpenApi) -> str:
    """Return the fields of a shape, each with its type."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if not name:
        return _shape(schema)
    shape = document["components"]["schemas"][name]
    fields = shape.get("properties", {}).items()
    listed = ", ".join(f"<code>{escape(key)}</code> {_shape(one)}" for key, one in fields)
    return f"{escape(name)}: {listed}"


def _shape(schema: _OpenApi) -> str:
    """Return a type in a few words."""
    if "$ref" in schema:
        return escape(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return escape(" | ".join(map(str, schema["enum"])))
    if "anyOf" in schema:
        return " or ".join(_shape(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_shape(schema.get('items', {}))}"
    if "const" in schema:
        return escape(canonical(schema["const"]).decode())
    return escape(str(schema.get("format") or schema.get("type", "any")))


def _row(head: str, second: str, third: str) -> str:
    return f"<tr><th>{head}</th><td>{second}</td><td>{third}</td></tr>"

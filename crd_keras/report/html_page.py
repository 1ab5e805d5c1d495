"""The frame of a page that needs nothing but itself."""

from html import escape


def html_page(title: str, body: str) -> str:
    """A whole HTML page, light or dark as the reader's system is.

    Args:
        title: Title of the page, as plain text.
        body: What the page shows, as HTML.
    """
    return _PAGE.format(title=escape(title), style=_STYLE, body=body)


# The policy makes the browser keep the promise: the page loads nothing.
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""

_STYLE = """
:root {
  --paper: #fff; --ink: #1d2127; --quiet: #5b6470; --line: #d9dde3;
  --accent: #2166ac; --label: #fff3cd; --label-ink: #5c4300; --label-edge: #e0a800;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181c; --ink: #e4e7eb; --quiet: #9aa4b1; --line: #3a414b;
    --accent: #6cb0f5; --label: #3a2f0b; --label-ink: #ffe39b; --label-edge: #b58900;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif;
}
main { max-width: 68rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .8rem; }
h2 { font-size: 1.25rem; margin: 2.4rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
h1, td, th, li, .label { overflow-wrap: anywhere; }
.label {
  margin: 0; padding: .7rem 1rem; font-weight: 600; border-radius: .4rem;
  background: var(--label); color: var(--label-ink);
  border-left: .4rem solid var(--label-edge);
}
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
th, td {
  padding: .4rem .8rem .4rem 0; border-bottom: 1px solid var(--line);
  text-align: left; vertical-align: top;
}
.scroll table { width: 100%; }
.scroll th, .scroll td { text-align: right; white-space: nowrap; }
.scroll th:first-child {
  text-align: left; white-space: normal; overflow-wrap: normal;
  position: sticky; left: 0; background: var(--paper);
}
.scroll td { font-variant-numeric: tabular-nums; }
thead th { color: var(--quiet); font-weight: 600; }
.notes { color: var(--quiet); font-size: .875rem; padding-left: 1.1rem; }
p.notes { padding: 0; margin: 0; }
.entries { width: 100%; font-size: .9rem; }
.entries th { width: 14rem; max-width: 40%; font-weight: 500; color: var(--quiet); }
figure { margin: 0; }
.grid img { max-width: 100%; height: auto; border-radius: .3rem; display: block; }
figcaption { color: var(--quiet); font-size: .875rem; }
.curves {
  display: grid; gap: 1rem 1.5rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr));
}
.front {
  display: grid; gap: 1rem 1.5rem; margin: .8rem 0 1rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 13.5rem), 1fr));
}
.front figure { max-width: 20rem; }
.curves svg, .front svg { width: 100%; height: auto; display: block; }
.legend {
  display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .6rem 0; padding: 0;
  list-style: none; font-size: .875rem;
}
@media (max-width: 40rem) {
  .scroll { font-size: .875rem; }
  .entries th { width: auto; }
}
.curves b { float: right; color: var(--ink); font-variant-numeric: tabular-nums; }
"""

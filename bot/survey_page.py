"""The pages of a survey: plain HTML without scripts, for any phone and reader of screens."""

import base64
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape

from bot.i18n import say
from core.message import Message, _
from core.question import Number, OneChoice, Question, SeveralChoices, YesNo
from core.survey import Given, field_of, questions
from storage.surveys import Survey

ONCE, SCHOOL = "once", "school"  # fields beside those of the questions

_STYLE = """
*{box-sizing:border-box}
body{margin:0;background:#f3f6fa;color:#16202c;
font:1.0625rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:40rem;margin:0 auto;padding:1rem 1rem 3rem}
h1{font-size:1.375rem;line-height:1.3;margin:.25rem 0 .5rem}
p{margin:.5rem 0}
.quiet{color:#44546a;font-size:.9375rem}
fieldset,.field{border:1px solid #c9d4e2;border-radius:.75rem;background:#fff;margin:1rem 0;
padding:.75rem 1rem 1rem;min-width:0}
legend{float:left;width:100%;padding:0;margin-bottom:.5rem}
legend+*{clear:both}
legend,.field>label{font-weight:600;display:block}
.field>label{margin-bottom:.5rem}
.pick{display:flex;align-items:center;gap:.75rem;min-height:2.75rem;padding:.25rem 0}
.pick input{flex:none;width:1.375rem;height:1.375rem;margin:0;accent-color:#0b5cad}
.pick span{overflow-wrap:anywhere}
input[type=text],select{width:100%;min-height:2.75rem;font:inherit;padding:.5rem .75rem;
border:1px solid #6b7c93;border-radius:.5rem;background:#fff;color:inherit}
.wrong{color:#a4161a;font-weight:600}
[aria-invalid=true]{border-color:#a4161a}
.summary{border:2px solid #a4161a;border-radius:.75rem;background:#fff;padding:.5rem 1rem}
.summary a{color:#a4161a}
button{width:100%;min-height:3rem;font:inherit;font-weight:600;border:0;border-radius:.75rem;
background:#0b5cad;color:#fff;cursor:pointer}
:focus-visible{outline:3px solid #f2a33a;outline-offset:2px}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
}


def form(
    language: str,
    office: str,
    survey: Survey,
    schools: Sequence[tuple[int, str]],
    once: str,
    given: Given,
    missing: Collection[str],
) -> str:
    """schools: of which one is picked; a single one is only named. once: see `bot.surveys`.

    given: what was filled in before. missing: keys of questions without an answer, or SCHOOL.
    """
    asked = questions(survey.asked)
    named = {SCHOOL: _("School"), **{one.key: one.text for one in asked}}
    promise = _(
        "Anonymous: nobody is told who answered what. Results are shown only once there are "
        "{count} answers.",
        count=survey.least,
    )
    parts = [
        _p(_said(Message("{office}", {"office": office}), language), "quiet"),
        f"<h1>{escape(survey.title)}</h1>",
        _p(_said(promise, language), "quiet"),
        _p(_said(_("Open until {day}.", day=survey.closes_on), language), "quiet"),
        *_summary(missing, named, language),
        '<form method="post" accept-charset="utf-8" novalidate>',
        f'<input type="hidden" name="{ONCE}" value="{escape(once)}">',
        _school(schools, given, SCHOOL in missing, language),
        *(_question(one, given, one.key in missing, language) for one in asked),
        f'<button type="submit">{_said(_SEND, language)}</button>',
        "</form>",
    ]
    return _page(survey.title, "\n".join(parts), language)


_SEND = _("Send my answers")  # no sentence is found inside of another string


def note(language: str, title: Message, words: Message) -> str:
    """A page that only says something."""
    body = f'<h1>{_said(title, language)}</h1>\n<p role="status">{_said(words, language)}</p>'
    return _page(say(title, language), body, language)


def _page(title: str, body: str, language: str) -> str:
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _summary(
    missing: Collection[str], named: Mapping[str, Message], language: str
) -> Iterator[str]:
    """What is missing, at the top, where a reader of screens begins."""
    if missing:
        words = _said(_("Please answer these, then send again:"), language)
        links = "".join(
            f'<li><a href="#f{key}">{_said(named[key], language)}</a></li>'
            for key in named
            if key in missing
        )
        yield f'<div class="summary" role="alert"><p>{words}</p><ul>{links}</ul></div>'


def _school(schools: Sequence[tuple[int, str]], given: Given, fault: bool, language: str) -> str:
    if len(schools) == 1:
        name = _said(_("About: {school}", school=schools[0][1]), language)
        return f'{_p(name)}<input type="hidden" name="{SCHOOL}" value="{schools[0][0]}">'
    chosen = (given.get(SCHOOL) or [""])[0]
    nothing = _said(_("Please choose"), language)
    options = [f'<option value="">{nothing}</option>']
    options += [
        f'<option value="{id}"{" selected" if str(id) == chosen else ""}>{escape(name)}</option>'
        for id, name in schools
    ]
    label = _said(_("Which school is it about?"), language)
    wrong = _fault(SCHOOL, fault, _("Please choose the school."), language)
    return (
        f'<div class="field" id="f{SCHOOL}"><label for="i{SCHOOL}">{label}</label>{wrong}'
        f'<select id="i{SCHOOL}" name="{SCHOOL}" required{_invalid(SCHOOL, fault)}>'
        f"{''.join(options)}</select></div>"
    )


def _question(question: Question, given: Given, fault: bool, language: str) -> str:
    key, name = question.key, field_of(question)
    said = given.get(name) or []
    text = _said(question.text, language)
    wrong = _fault(key, fault, _hint(question), language)
    if isinstance(question, Number):
        value = escape(said[0] if said else "")
        return (
            f'<div class="field" id="f{key}"><label for="i{key}">{text}</label>{wrong}'
            f'<input type="text" inputmode="numeric" autocomplete="off" maxlength="20" id="i{key}"'
            f' name="{name}" value="{value}" required{_invalid(key, fault)}></div>'
        )
    kind = "checkbox" if isinstance(question, SeveralChoices) else "radio"
    several = _("You may pick several.") if kind == "checkbox" else None
    hint = _p(_said(several, language), "quiet") if several else ""
    picks = "".join(
        f'<label class="pick"><input type="{kind}" name="{name}" value="{value}"'
        f"{' checked' if value in said else ''}><span>{_said(label, language)}</span></label>"
        for value, label in _picks(question)
    )
    described = f' aria-describedby="e{key}"' if fault else ""
    return (
        f'<fieldset id="f{key}"{described}><legend>{text}</legend>{hint}{wrong}{picks}</fieldset>'
    )


def _picks(question: Question) -> list[tuple[str, Message]]:
    if isinstance(question, YesNo):
        return [("yes", question.show(True)), ("no", question.show(False))]
    if isinstance(question, OneChoice | SeveralChoices):
        return list(question.options.items())
    raise TypeError(f"{type(question).__name__} is not picked")


def _hint(question: Question) -> Message:
    """Not the question's own: that speaks to teachers."""
    if isinstance(question, Number):
        return _("Please write a whole number here, such as 12.")
    return _("Please pick an answer here.")


def _fault(key: str, fault: bool, hint: Message, language: str) -> str:
    return f'<p class="wrong" id="e{key}">{_said(hint, language)}</p>' if fault else ""


def _invalid(key: str, fault: bool) -> str:
    return f' aria-invalid="true" aria-describedby="e{key}"' if fault else ""


def _p(html: str, kind: str = "") -> str:
    return f'<p class="{kind}">{html}</p>' if kind else f"<p>{html}</p>"


def _said(message: Message, language: str) -> str:
    return escape(say(message, language))

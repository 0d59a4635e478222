"""Chat templates: rendered as transformers renders them, where they can reach nothing."""

import json
import re
import resource

import pytest

import vulkan_forge as vf
from vulkan_forge.llm import render_chat

MESSAGES = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hi\n"}]


def test_blocks_leave_no_lines():
    template = (
        "{%- for m in messages %}\n    {%- if m.role == 'user' %}\nU:{{ m.content }}\n    {% endif %}\n{%- endfor %}"
    )
    assert render_chat(template, MESSAGES) == "U:hi\n\n"


def test_generation_prompt_tools_and_tokens():
    template = "{{ bos_token }}{{ tools | tojson }}{% if add_generation_prompt %}>{% endif %}"
    template += "{% for m in messages %}{% break %}{% endfor %}"
    assert render_chat(template, MESSAGES, bos_token="<s>", tools=[{"ü": 1}]) == '<s>[{"ü": 1}]>'
    assert render_chat(template, MESSAGES, add_generation_prompt=False, bos_token="", tools=[]) == "[]"


@pytest.mark.parametrize(
    "template",
    [
        "{{ messages.__class__ }}{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ cycler.__init__.__globals__.os.system('true') }}",
        "{{ messages.append(1) }}",
        "{% include '/etc/passwd' %}",
        "{{ range(10**9) | list }}",
        "{{ 1 / 0 }}",
        "{{ 'x' * 10**12 }}",
        "{{ 10**10 * 'x' }}",
        "{{ 9**(9**9) }}",
        "{{ nothing() }}",
        "{% if %}",
        "{% for a in [1] %}" * 25 + "{% endfor %}" * 25,
        "{{ dict(a=1).pop('a') }}",
    ],
)
def test_templates_reach_nothing(template):
    with pytest.raises(vf.InputError, match="chat template failed at line"):
        render_chat(template, MESSAGES)


def test_attributes_of_functions_are_undefined():
    assert render_chat("{{ messages[0].content.format.__globals__ }}", MESSAGES) == ""


DOUBLING = "{% set n = namespace(x='xxxxxxxxxx', y=[1]) %}{% for i in range(24) %}{% set n.x = {} %}{% endfor %}"


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'x'.ljust(300000000)|length }}",
        "{{ 'x'.rjust(300000000)|length }}",
        "{{ 'x'.center(300000000)|length }}",
        "{{ 'x'.zfill(300000000)|length }}",
        "{{ (1).to_bytes(300000000, 'big')|length }}",
        "{{ ('\t' * 9000).expandtabs(9000)|length }}",
        "{{ ('a' * 9000).replace('a', 'a' * 9000)|length }}",
        "{{ ('a' * 9000).replace('', 'a' * 9000)|length }}",
        "{{ ('a' * 9000).join(['a'] * 9000)|length }}",
        "{{ ('a' * 9000).translate({97: 'a' * 9000})|length }}",
        "{{ ('%300000000d' % 1)|length }}",
        "{{ ('%.300000000f' % 1)|length }}",
        "{{ ('%*d' % (300000000, 1))|length }}",
        "{{ ('%(a)s' * 9000 % {'a': 'a' * 9000})|length }}",
        "{{ '{:300000000d}'.format(1)|length }}",
        "{{ ('{0}' * 9000).format('a' * 9000)|length }}",
        "{{ '{a:{b}}'.format_map({'a': 1, 'b': 300000000})|length }}",
        "{{ 'x'|center(300000000)|length }}",
        "{{ 'x'|indent(300000000, true)|length }}",
        "{{ ('a' * 9000)|replace('a', 'a' * 9000)|length }}",
        "{{ ('%300000000d'|format(1))|length }}",
        "{{ (['a'] * 9000)|join('a' * 9000)|length }}",
        "{{ [1]|batch(300000000, 0)|list|length }}",
        "{{ [1]|slice(300000000)|list|length }}",
        "{{ [[1]]|sum(start=[])|length }}",
        "{{ 1|round(300000000, 'ceil') }}",
        "{{ [1]|tojson(indent=300000000)|length }}",
        "{{ (['a' * 9000] * 9000)|tojson|length }}",
        "{{ (['a' * 9000] * 9000)|string|length }}",
        "{{ ['a' * 9000] * 9000 }}",
        "{% set x %}{% for i in range(9000) %}{{ 'a' * 9000 }}{% endfor %}{% endset %}{{ x|length }}",
        "{% macro m() %}{% for i in range(9000) %}{{ 'a' * 9000 }}{% endfor %}{% endmacro %}{{ m()|length }}",
        DOUBLING.replace("{}", "n.x + n.x"),
        DOUBLING.replace("{}", "n.x ~ n.x"),
        DOUBLING.replace("n.x = {}", "n.y = n.y + n.y").replace("24", "30"),
        DOUBLING.replace("n.x = {}", "n.y = [n.y, n.y]").replace("24", "30") + "{{ n.y }}",
    ],
)
def test_templates_fill_no_memory(template):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(vf.InputError, match="too l"):
        render_chat(template, MESSAGES)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 600 << 10


def test_what_templates_may_do_with_texts():
    template = (
        "{{ 'x'.ljust(3) ~ 'a\tb'.expandtabs(4) ~ 'aa'.replace('a', 'bc') ~ ','.join(['a', 'b']) }}"
        "{{ '%05.1f|%s' % (1.25, 'x') }}{{ '{:>4}|{a!r}'.format(1, a='x') }}{{ 'x'|center(3) }}"
        "{{ 'a\nb'|indent(2) }}{{ [1, 2]|join('-') }}{{ messages|map(attribute='role')|join(',') }}"
        "{{ 2.345|round(1) }}{{ [1, 2]|sum }}{{ [1, 2, 3]|batch(2)|list }}{{ 'ab' in 'cab' }}"
    )
    expected = "x  a   bbcbca,b001.2|x   1|'x' x a\n  b1-2system,user2.33[[1, 2], [3]]True"
    assert render_chat(template, MESSAGES) == expected


def test_as_transformers_renders():
    template = "{% for m in messages %}{% generation %}{{ m.content }}{% endgeneration %};{% endfor %}"
    assert render_chat(template, MESSAGES) == "be brief;hi\n;"
    assert render_chat("{% if tools is none and documents is none %}neither{% endif %}", MESSAGES) == "neither"
    assert re.fullmatch(r"\d{4}-\d\d", render_chat("{{ strftime_now('%Y-%m') }}", MESSAGES))


@pytest.mark.parametrize(
    ("call", "more"),
    [
        ("tojson", {}),
        ("tojson(ensure_ascii=True)", {"ensure_ascii": True}),
        ("tojson(false, 2)", {"indent": 2}),
        ("tojson(separators=(',', ':'))", {"separators": (",", ":")}),
        ("tojson(indent=1, sort_keys=true)", {"indent": 1, "sort_keys": True}),
    ],
)
def test_json_is_pythons(call, more):
    value = [{"ü": "<a>", "b": [1, None, True, 0.5]}, {}]
    expected = json.dumps(value, **{"ensure_ascii": False, **more})
    assert render_chat("{{ tools | " + call + " }}", MESSAGES, tools=value) == expected


@pytest.mark.parametrize("messages", ["hi", b"hi", 5, None, {"role": "user"}, [5], ["hi"]])
def test_messages_are_a_list_of_mappings(messages):
    with pytest.raises(vf.ArgumentTypeError, match="message"):
        render_chat("x", messages)
    with pytest.raises(vf.ArgumentTypeError, match="template"):
        render_chat(5, MESSAGES)


def test_errors_name_the_line():
    with pytest.raises(vf.InputError, match=r"line 3.*roles must alternate"):
        render_chat("\n\n{{ raise_exception('roles must alternate') }}", MESSAGES)
    with pytest.raises(vf.InputError, match="line 2"):
        render_chat("\n{% endfor %}", MESSAGES)


def test_long_conversations_end_early():
    template = "{% for a in range(99999) %}{% for b in range(99999) %}{{ messages[0].content }}{% endfor %}{% endfor %}"
    with pytest.raises(vf.InputError, match="too long"):
        render_chat(template, [{"role": "user", "content": "x" * 100_000}])


def test_nothing_to_render():
    with pytest.raises(vf.InputError, match="no messages"):
        render_chat("x", [])
    with pytest.raises(vf.InputError, match="no chat template"):
        render_chat(None, MESSAGES)

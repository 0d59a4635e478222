"""Chat templates: rendered as transformers renders them, where they can reach nothing."""

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
    ],
)
def test_templates_reach_nothing(template):
    with pytest.raises(vf.InputError, match="chat template failed at line"):
        render_chat(template, MESSAGES)


def test_attributes_of_functions_are_undefined():
    assert render_chat("{{ messages[0].content.format.__globals__ }}", MESSAGES) == ""


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

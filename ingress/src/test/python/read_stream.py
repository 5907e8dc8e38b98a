"""Prints the text of one streamed chat completion and its finish reason, as the openai package reads them."""

import os

from openai import OpenAI

text = ""
finish = None
for chunk in OpenAI().chat.completions.create(
    model=os.environ["MODEL"],
    messages=[{"role": "user", "content": "Hi"}],
    stream=True,
):
    for choice in chunk.choices:
        text += choice.delta.content or ""
        finish = choice.finish_reason or finish
print(text, finish)

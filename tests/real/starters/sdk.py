"""One query through the Python Agent SDK: python sdk.py [client flags] [--env FILE]."""

import ast
import asyncio
import sys
from pathlib import Path

from claude_agent_sdk import ClaudeAgentOptions, ResultMessage, query

words = sys.argv[1:]
options = ClaudeAgentOptions(max_turns=1)
while words:
    match words.pop(0):
        case "--setting-sources":
            options.setting_sources = [name for name in words.pop(0).split(",") if name]
        case "--settings":
            options.settings = words.pop(0)
        case "--model":
            options.model = words.pop(0)
        case "--bare":
            options.extra_args = {"bare": None}
        case "--env":
            options.env = ast.literal_eval(Path(words.pop(0)).read_text(encoding="utf-8"))
        case "-p":
            words.pop(0)
        case word:
            sys.exit(f"unknown option {word}")


async def main() -> None:
    async for message in query(prompt="hi", options=options):
        if isinstance(message, ResultMessage):
            print(message.result)


asyncio.run(main())

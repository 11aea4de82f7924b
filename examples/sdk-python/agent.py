"""The SDK starts its own client, which inherits this process's environment.

Without setting sources, no settings file of the working directory can send the key elsewhere.
"""

import asyncio
import sys

from claude_agent_sdk import ClaudeAgentOptions, ResultMessage, query


async def main() -> int:
    """Ask once; returns the exit code."""
    async for message in query(prompt="Say hello.", options=ClaudeAgentOptions(setting_sources=[])):
        if isinstance(message, ResultMessage):
            print(message.result)
            return 1 if message.is_error else 0
    return 1


sys.exit(asyncio.run(main()))

// The SDK starts its own client, which inherits this process's environment. Without setting sources, no settings file
// of the working directory can send the key elsewhere.
import { query } from '@anthropic-ai/claude-agent-sdk';

for await (const message of query({ prompt: 'Say hello.', options: { settingSources: [] } })) {
  if (message.type === 'result') {
    console.log(message.result);
    process.exitCode = message.is_error ? 1 : 0;
  }
}

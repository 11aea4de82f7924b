// One prompt through the Agent Client Protocol adapter: node acp.mjs ADAPTER [-p PROMPT]
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const adapter = spawn(process.execPath, [process.argv[2]], { stdio: ["pipe", "pipe", "ignore"] });
const waiting = new Map();
let next = 0;
const ask = (method, params) =>
  new Promise((done) => {
    waiting.set(next, done);
    adapter.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: next++, method, params })}\n`);
  });
createInterface({ input: adapter.stdout }).on("line", (line) => {
  const message = JSON.parse(line);
  if (message.method === undefined) waiting.get(message.id)?.(message);
});
const or_stop = (answer) => {
  if (!answer.error) return answer.result;
  console.log(answer.error.message);
  adapter.kill();
  process.exit(1);
};
or_stop(await ask("initialize", { protocolVersion: 1, clientCapabilities: {} }));
const { sessionId } = or_stop(await ask("session/new", { cwd: process.cwd(), mcpServers: [] }));
or_stop(await ask("session/prompt", { sessionId, prompt: [{ type: "text", text: "hi" }] }));
adapter.kill();
process.exit(0);

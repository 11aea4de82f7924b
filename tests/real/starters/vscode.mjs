// One message as the VS Code extension sends it: node vscode.mjs SDK-FOLDER [client flags]
//
// The extension runs the client that it contains through the Agent SDK in its bundle. What its published bundles
// 2.1.156, 2.1.252 and 2.1.257 pass on is done here in the same way (facts/starters.py has the sources): the
// environment of the editor, then claudeCode.environmentVariables of the user's settings, then the entrypoint; a
// streamed input; permissions asked over the channel. Not done: its login check, its MCP server, and the PATH that it
// asks a login shell for.
import { existsSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, ...words] = process.argv.slice(2);
const { query } = await import(pathToFileURL(`${folder}/sdk.mjs`));

const settings = `${process.env.XDG_CONFIG_HOME || `${process.env.HOME}/.config`}/Code/User/settings.json`;
const listed = existsSync(settings) ? JSON.parse(readFileSync(settings, "utf8"))["claudeCode.environmentVariables"] : [];
const env = { ...process.env, MCP_CONNECTION_NONBLOCKING: "true", CLAUDE_CODE_ENABLE_TASKS: "0" };
for (const { name, value } of listed ?? []) if (name) env[name] = value || "";
env.CLAUDE_CODE_ENTRYPOINT = "claude-vscode";
delete env.CLAUDECODE;

const options = {
  env,
  extraArgs: {
    debug: null, "debug-to-stderr": null, "enable-auth-status": null, "no-chrome": null, "replay-user-messages": null,
  },
  settingSources: ["user", "project", "local"],
  systemPrompt: { type: "preset", preset: "claude_code" },
  includePartialMessages: true,
  permissionMode: "default",
  canUseTool: async () => ({ behavior: "deny", message: "no" }),
  maxTurns: 1,
};
for (let word; (word = words.shift()); ) {
  if (word === "-p") words.shift();
  else throw new Error(`unknown option ${word}`);
}

async function* prompts() {
  yield { type: "user", session_id: "", parent_tool_use_id: null, message: { role: "user", content: "hi" } };
}
try {
  for await (const message of query({ prompt: prompts(), options }))
    if (message.type === "result") console.log(message.result ?? message.errors);
} catch (error) {
  console.log(error.message);
  process.exitCode = 1;
}

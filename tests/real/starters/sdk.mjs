// One query through the TypeScript Agent SDK: node sdk.mjs PACKAGE-FOLDER [client flags] [--env JSON-OR-EXPRESSION-FILE]
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, ...words] = process.argv.slice(2);
const { query } = await import(pathToFileURL(`${folder}/sdk.mjs`));
const options = { maxTurns: 1 };
for (let word; (word = words.shift()); ) {
  if (word === "--setting-sources") options.settingSources = words.shift().split(",").filter(Boolean);
  else if (word === "--settings") options.settings = words.shift();
  else if (word === "--model") options.model = words.shift();
  else if (word === "--bare") options.extraArgs = { bare: null };
  else if (word === "--env") options.env = (0, eval)(`(${readFileSync(words.shift(), "utf8")})`);
  else if (word === "-p") words.shift();
  else throw new Error(`unknown option ${word}`);
}
try {
  for await (const message of query({ prompt: "hi", options }))
    if (message.type === "result") console.log(message.result ?? message.errors);
} catch (error) {
  console.log(error.message);
  process.exitCode = 1;
}

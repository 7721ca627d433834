/**
 * `npm run slot`: does to a served slot what happens to a real one from outside: faults come and go, the
 * board is pulled, the supply changes. `npm start -- --serve` starts such a slot.
 */
import { ServedClient, ServedSlotLostError, servedNames } from "../../simulator/serve/client.ts";
import { RequestError } from "../../simulator/serve/protocol.ts";
import { didYouMean } from "../nearest.ts";
import { safeLine } from "../safe-text.ts";
import { UsageError } from "../usage-error.ts";
import { type Action, commandLines, type Output, parseCommand, SEE_HELP } from "./commands.ts";

const USAGE = [
  "usage: npm run slot -- [--served=NAME] COMMAND",
  "",
  "Does to a slot that npm start -- --serve keeps running what happens to a real one from outside, for example:",
  "npm run slot -- fault short-5v, then npm run slot -- fault clear short-5v. Several faults can be in force.",
  "",
  "commands",
  ...commandLines(),
  `  ${"list [--json]".padEnd(31)}the slots that are served by name now`,
  "",
  "options",
  "  --served=NAME         the name or path that npm start -- --serve was given (default slot)",
  "  --json                status, fault and list as one document of JSON, with npm run -s slot -- ...",
  "  --help                this text",
  "",
  "exit status",
  "  0 done, 1 the served slot refused it or is gone, 2 a mistake in the command line",
  "",
].join("\n");
const OPTIONS = ["--served", "--json", "--help"];

interface CommandLine {
  readonly served: string;
  readonly wantsJson: boolean;
  readonly rest: readonly string[];
}

function readLine(args: readonly string[]): CommandLine {
  let served = "";
  let wantsJson = false;
  const rest: string[] = [];
  for (const arg of args) {
    const [name = "", value] = arg.split(/=(.*)/s);
    if (name === "--served") served = value ?? "";
    else if (arg === "--json") wantsJson = true;
    else if (arg.startsWith("-"))
      throw new UsageError(`unknown option ${arg}${didYouMean(name, OPTIONS, `; ${SEE_HELP}`)}`);
    else rest.push(arg);
  }
  return { served, wantsJson, rest };
}

async function list(output: Output): Promise<void> {
  const names = await servedNames();
  if (output.json) output.json({ served: names });
  else if (names.length > 0) output.say(...names);
  else output.say("no slot is served by name; to serve one: npm start -- --serve");
}

/** Reads the command. A name behind --served looks like one. */
function parseRest(rest: readonly string[], wantsJson: boolean): Action {
  try {
    return parseCommand(rest, wantsJson);
  } catch (error) {
    if (!(error instanceof UsageError && /^unknown command/.test(error.message))) throw error;
    throw new UsageError(`${error.message} (a served slot is named with --served=NAME)`);
  }
}

async function run({ served, wantsJson, rest }: CommandLine): Promise<number> {
  const output: Output = {
    say: (...lines) => process.stdout.write(`${lines.join("\n")}\n`),
    json: wantsJson ? (value) => process.stdout.write(`${JSON.stringify(value, null, 2)}\n`) : null,
  };
  if (rest.length === 1 && rest[0] === "list") {
    await list(output);
    return 0;
  }
  const action = parseRest(rest, wantsJson);
  const client = await ServedClient.connect(served);
  try {
    await action(client, output);
  } finally {
    client.close();
  }
  return 0;
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args[0] === "help") {
    process.stdout.write(USAGE);
    return 0;
  }
  try {
    const line = readLine(args);
    if (line.rest.length > 0) return await run(line);
    process.stderr.write(`no command is given\n\n${USAGE}`);
    return 2;
  } catch (error) {
    const isMistake = error instanceof UsageError;
    if (!(isMistake || error instanceof RequestError || error instanceof ServedSlotLostError)) throw error;
    process.stderr.write(`error: ${safeLine(error.message)}\n`);
    return isMistake ? 2 : 1;
  }
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // The reader of the output may have closed it, as `head` does.
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

process.exitCode = await main(process.argv.slice(2));

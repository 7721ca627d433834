/** The console's command table against its own rules, and a few lines of what is generated from it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  argumentKinds,
  CONFIRMATION,
  type ConsoleCommand,
  type ConsoleForm,
  consoleCommands,
  HELP_COLUMNS,
  usage,
  valuesOf,
} from "../../abi/console.ts";
import { commands as smbusCommands } from "../../abi/smbus.ts";
import {
  consoleLogicFile,
  formNames,
  helpList,
  helpOf,
  longestHelpBytes,
} from "../../scripts/generate/console.ts";
import { consoleDocument } from "../../scripts/generate/console-document.ts";
import { commandGraph, nodesOf } from "../../scripts/generate/console-graph.ts";

function eachForm(): { command: ConsoleCommand; form: ConsoleForm; shown: string }[] {
  return consoleCommands.flatMap((command) =>
    command.forms.map((form) => ({ command, form, shown: usage(command, form) })),
  );
}

/** A pattern for all lines of a form. A value that is not listed may be any word but an option. */
function pattern(command: ConsoleCommand, form: ConsoleForm): RegExp {
  const { words = [], options = [], confirmation } = form;
  const value = (kind: (typeof argumentKinds)[number]) => {
    const values = valuesOf(kind);
    return values.length > 0 ? `(?:${values.join("|")})` : kind.range === undefined ? "(?!-)\\S+" : "\\d+";
  };
  const fixed = words.map((word) => ` ${typeof word === "string" ? word : value(word)}`).join("");
  const free = options.map(({ name, argument }) => ` ${name}${argument ? ` ${value(argument)}` : ""}`);
  const yes = confirmation === undefined ? "" : ` ${CONFIRMATION}${confirmation === "needed" ? "" : "?"}`;
  return new RegExp(`^${command.name}${fixed}(?:${free.join("|")})*${yes}$`);
}

test("names are unique, and words that can be typed", () => {
  const names = consoleCommands.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { command, form } of eachForm()) {
    assert.match(command.name, /^[a-z]+$/);
    const { words = [], options = [] } = form;
    for (const word of words) {
      if (typeof word === "string") assert.match(word, /^(--)?[a-z]+(-[a-z]+)*$/, command.name);
      else assert.ok(argumentKinds.includes(word), `${word.name} is among the kinds of arguments`);
    }
    for (const { name } of options) assert.match(name, /^(-[a-z]|--[a-z]+)$/, command.name);
    assert.equal(new Set(options.map(({ name }) => name)).size, options.length, command.name);
  }
});

test("every form has a name and a way to type it of its own", () => {
  const shown = eachForm().map((one) => one.shown);
  assert.equal(new Set(shown).size, shown.length);
  assert.equal(new Set(formNames()).size, shown.length);
});

test("every command has an explanation, and every example is one of its forms", () => {
  for (const command of consoleCommands) {
    assert.ok(command.explanation.length > 0, command.name);
    const { example } = command;
    if (example === undefined) continue; // `exit` alone: the name is the example
    const matching = command.forms.filter((form) => pattern(command, form).test(example));
    assert.equal(matching.length, 1, `${example}, an example of ${command.name}`);
  }
});

test("help fits a window of 60 columns", () => {
  for (const line of [...helpList(), ...consoleCommands.flatMap(helpOf)]) {
    assert.ok(line.length <= HELP_COLUMNS, `${line.length} columns: ${line}`);
  }
  assert.equal(longestHelpBytes(), helpList().join("\r\n").length + 2, "the list is the longest");
});

test("what switches off, resets or restarts needs --yes", () => {
  const confirmed = eachForm().filter(({ form }) => form.confirmation === "needed");
  assert.deepEqual(
    confirmed.map(({ shown }) => shown),
    ["power off --yes", "power force-off --yes", "power cycle --yes", "power reset --yes", "reboot --yes"],
  );
});

test("policies are those of MFR_RESTORE_POLICY, by number", () => {
  const policy = smbusCommands.find(({ name }) => name === "MFR_RESTORE_POLICY");
  const kind = argumentKinds.find(({ name }) => name === "RESTORE_POLICY");
  assert.ok(policy?.values && kind);
  assert.deepEqual(
    policy.values.map(({ value }) => value),
    policy.values.map((_, index) => index),
  );
  assert.deepEqual(valuesOf(kind), ["last", "always-on", "always-off"]);
});

test("the graph has an end for every form, and no two edges of a node are alike", () => {
  const nodes = nodesOf(commandGraph());
  const ends = new Set(nodes.map(({ node }) => node.form).filter((form) => form !== undefined));
  assert.deepEqual(
    [...ends].sort((one, other) => one - other),
    formNames().map((_, index) => index),
  );
  for (const { node, path } of nodes) {
    const labels = node.edges.map(({ label }) => label);
    assert.equal(new Set(labels).size, labels.length, path);
    if (node.form === undefined) assert.ok(labels.length > 0, `"${path}" can be completed`);
  }
});

test("the graph: --yes, options in any order, and a value whose command checks it", () => {
  const nodes = nodesOf(commandGraph());
  const at = (line: string) => nodes.find(({ path }) => path === line)?.node;
  const form = (name: string) => formNames().indexOf(name);
  assert.equal(at("power off")?.form, undefined);
  assert.equal(at("power off --yes")?.form, form("PowerOff"));
  assert.equal(at("power on")?.form, form("PowerOn"));
  assert.equal(at("power on --yes")?.form, form("PowerOn"));
  assert.equal(at("calibrate SENSOR")?.form, form("CalibrateSensorReading"));
  const log = at("log");
  assert.deepEqual(
    log?.edges.filter(({ target }) => target === log).map(({ label }) => label),
    ["-f", "--raw"],
  );
  assert.equal(at("log -n")?.form, undefined);
  assert.ok(log !== undefined && at("log -n")?.edges[0]?.target === log);
});

test("what the logic gets", () => {
  const { text } = consoleLogicFile();
  const lines = text.split("\n");
  assert.match(text, /export const enum Form \{\n {2}Help,\n {2}HelpCommand,\n {2}Status,\n/);
  assert.ok(lines.includes("export const LINES_MAXIMUM: i32 = 100000;"));
  assert.ok(lines.includes("  // 8: help") && lines.includes("  0x04, 0x68, 0x65, 0x6c, 0x70,"));
  assert.ok(lines.includes(`export const LONGEST_HELP_BYTES: u32 = ${longestHelpBytes()};`));
});

test("what the document gets, between its marks and nowhere else", () => {
  const once = consoleDocument("# Title\n\nBy hand.\n");
  assert.match(once, /^# Title\n\nBy hand\.\n/);
  assert.match(once, /\n\| `power off --yes` \| ask the compute OS to shut down, then rails down \|\n/);
  assert.match(once, /\n\| `log` \| `-n LINES` \| only the last LINES lines \|\n/);
  assert.match(once, /\n\| `POLICY` \| .* \| `last`, `always-on`, `always-off` \|\n/);
  assert.equal(consoleDocument(once), once);
});

/**
 * The graph of all command lines. A node is a position in a line, an edge is a word that may stand there. The
 * logic walks it word by word; where no edge fits, the node's edges are what could have stood there.
 */
import {
  type ArgumentKind,
  CONFIRMATION,
  type ConsoleCommand,
  type ConsoleForm,
  consoleCommands,
  valuesOf,
} from "../../abi/console.ts";

export interface Edge {
  /** A word as it stands, or a kind of argument whose values only the logic can recognize. */
  readonly label: string | ArgumentKind;
  readonly target: CommandNode;
}

export interface CommandNode {
  /** Number of the form that a line is which ends here; undefined where something is missing. */
  form: number | undefined;
  /** What an error calls a word that may follow. */
  noun: string;
  /** An error lists all words that may follow, and not only the nearest. */
  isListed: boolean;
  readonly edges: Edge[];
}

const OPTION_NOUN = "option";

function node(): CommandNode {
  return { form: undefined, noun: OPTION_NOUN, isListed: false, edges: [] };
}

/** Forms are numbered in the order of the table. */
export function commandGraph(commands: readonly ConsoleCommand[] = consoleCommands): CommandNode {
  const root = { ...node(), noun: "command" };
  let form = 0;
  for (const command of commands) {
    for (const one of command.forms) addForm(root, command, one, form++);
  }
  return root;
}

/** Forms that begin alike share their first nodes. */
function addForm(root: CommandNode, command: ConsoleCommand, form: ConsoleForm, id: number): void {
  const { words = [], options = [], confirmation } = form;
  let at = follow(root, command.name);
  for (const word of words) {
    if (typeof word === "string") {
      if (!word.startsWith("-")) at.noun = `${command.name} command`;
      at = follow(at, word);
      continue;
    }
    // Without the value the command itself says what is missing.
    if (word.checkedByCommand) at.form = id;
    at = followArgument(at, word);
  }
  for (const { name, argument } of options) {
    const target = argument === undefined ? at : node();
    at.edges.push({ label: name, target });
    if (argument !== undefined) followArgument(target, argument, at);
  }
  if (confirmation !== "needed") at.form = id;
  if (confirmation !== undefined) follow(at, CONFIRMATION).form = id;
}

function follow(from: CommandNode, label: string | ArgumentKind, to?: CommandNode): CommandNode {
  const known = from.edges.find((edge) => edge.label === label);
  if (known !== undefined) return known.target;
  const target = to ?? node();
  from.edges.push({ label, target });
  return target;
}

/** One edge, or one for each of the values that are known; all lead to the same node. */
function followArgument(from: CommandNode, kind: ArgumentKind, to?: CommandNode): CommandNode {
  const values = valuesOf(kind);
  if (!kind.checkedByCommand) {
    from.noun = kind.range === undefined ? kind.noun : `${kind.noun}, ${kind.range.join(" to ")}`;
    from.isListed = kind.noun !== "command";
  }
  if (values.length === 0) return follow(from, kind, to);
  const target = follow(from, values[0] as string, to);
  for (const value of values.slice(1)) follow(from, value, target);
  return target;
}

/** All nodes that can be reached, each once, with the shortest line that leads there. */
export function nodesOf(root: CommandNode): { node: CommandNode; path: string }[] {
  const found = [{ node: root, path: "" }];
  for (const { node: from, path } of found) {
    for (const { label, target } of from.edges) {
      if (found.some((other) => other.node === target)) continue;
      const word = typeof label === "string" ? label : label.placeholder;
      found.push({ node: target, path: `${path} ${word}`.trim() });
    }
  }
  return found;
}

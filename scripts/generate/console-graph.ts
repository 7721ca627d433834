/**
 * The graph of all command lines. A node is a position in a line, and an edge is a choice at that position.
 * The logic walks the graph token by token. If no edge fits, the edges of the node are the possible choices.
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
  /** A literal choice, or a kind of argument whose values only the logic can recognize. */
  readonly label: string | ArgumentKind;
  readonly target: CommandNode;
  /** Another name for the target, which is not shown among the choices. */
  readonly isAlias?: boolean;
}

export interface CommandNode {
  /** Id of the form that a line is if it ends here; undefined if a token is missing. */
  form: number | undefined;
  /** The noun for the choices in an error message. */
  noun: string;
  /** An error message lists all choices, and not only the nearest one. */
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
  for (const { name, aliases = [] } of commands) {
    const target = follow(root, name);
    for (const label of aliases) root.edges.push({ label, target, isAlias: true });
  }
  return root;
}

/** Adds a form. Forms that begin with the same tokens share their first nodes. */
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

/** One edge, or one for each known value of an argument. They all lead to the same node. */
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

/**
 * Generates the logic's side of the console's command table from abi/console.ts: an id for each form, the
 * graph that a command line is matched with, and the texts of help.
 *
 * Texts are bytes and no strings, because a string takes two bytes for each character, and a header. Strings
 * would take twice the flash.
 */
import {
  argumentKinds,
  CONFIRMATION,
  type ConsoleCommand,
  type ConsoleForm,
  consoleCommands,
  FORM_COLUMNS,
  HELP_COLUMNS,
  usage,
  valuesOf,
} from "../../abi/console.ts";
import type { GeneratedFile } from "./abi.ts";
import { type CommandNode, commandGraph, type Edge, nodesOf } from "./console-graph.ts";

const CONSOLE_NOTICE = "Generated from abi/console.ts by `npm run generate`. Do not edit.";

/** Stands in place of the id of a form if a line that ends at this node is not complete. */
const INCOMPLETE = 0xffff;
/**
 * The highest bit of a number in the graph. In an edge, the other bits are a kind of argument, and no name.
 * In the noun of a node, it means that an error lists all choices.
 */
const FLAG = 0x8000;
/** The next bit. In an edge, the name is an alias, which is not shown among the choices. */
const ALIAS = 0x4000;
const WORD_BYTES = 2;
const VALUES_PER_LINE = 24;

/** Argument kinds whose values only the logic can recognize. */
const recognizedKinds = argumentKinds.filter((kind) => valuesOf(kind).length === 0);

/** A row of an array: its values, and a comment on them. */
interface Row {
  readonly comment: string;
  readonly values: readonly number[];
}

/** Breaks a text into lines at its spaces. */
function wrapped(text: string, columns: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) as string;
    const longer = last === "" ? word : `${last} ${word}`;
    if (longer.length <= columns) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** A tab stands for the spaces up to the column of the help. */
function formLines(command: ConsoleCommand): string[] {
  return command.forms.flatMap((form) => {
    const typed = usage(command, form);
    const [first = "", ...rest] = wrapped(form.help, HELP_COLUMNS - FORM_COLUMNS);
    const beginning = typed.length < FORM_COLUMNS ? [`${typed}\t${first}`] : [typed, `\t${first}`];
    return [...beginning, ...rest.map((line) => `\t${line}`)];
  });
}

function expanded(line: string): string {
  const [typed = "", help] = line.split("\t");
  return help === undefined ? typed : `${typed.padEnd(FORM_COLUMNS)}${help}`;
}

function explanationLines({ explanation, example }: ConsoleCommand): string[] {
  return [...wrapped(explanation, HELP_COLUMNS), ...(example ? [`example: ${example}`] : [])];
}

/** The answer of `help`. */
export function helpList(): string[] {
  return consoleCommands.flatMap(formLines).map(expanded);
}

/** The answer of `help COMMAND`. */
export function helpOf(command: ConsoleCommand): string[] {
  return [...formLines(command).map(expanded), ...explanationLines(command)];
}

/** Bytes of the longest of these answers. Each line ends with CR LF. */
export function longestHelpBytes(): number {
  const answers = [helpList(), ...consoleCommands.map(helpOf)];
  return Math.max(...answers.map((lines) => lines.reduce((sum, line) => sum + line.length + 2, 0)));
}

/**
 * The name of a form: PowerForceOff for "power force-off", CalibrateSensorReset for "calibrate SENSOR
 * --reset".
 */
function formName(command: ConsoleCommand, { words = [] }: ConsoleForm): string {
  const named = [command.name, ...words.map((word) => (typeof word === "string" ? word : word.name))];
  return pascalCase(named.join("-"));
}

function pascalCase(name: string): string {
  return name
    .split(/[-_]+/)
    .filter((part) => part !== "")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1).toLowerCase())
    .join("");
}

function ascii(text: string): number[] {
  if (!/^[\t\n\x20-\x7e]*$/.test(text)) throw new Error(`the console prints ASCII alone, not "${text}"`);
  return [...text].map((character) => character.charCodeAt(0));
}

/** Stores each text once, after a byte with its length. */
class Names {
  readonly rows: Row[] = [];
  private readonly offsets = new Map<string, number>();
  private bytes = 0;

  /** The offset of the text's length. */
  offset(text: string): number {
    const known = this.offsets.get(text);
    if (known !== undefined) return known;
    const offset = this.bytes;
    this.offsets.set(text, offset);
    this.rows.push({ comment: `${offset}: ${text}`, values: [text.length, ...ascii(text)] });
    this.bytes += 1 + text.length;
    return offset;
  }
}

/**
 * The graph as 16-bit numbers. A node is its form, its noun, the number of its edges, and two numbers for
 * each edge.
 */
function graphRows(root: CommandNode, names: Names): Row[] {
  const nodes = nodesOf(root);
  const offsets = new Map<CommandNode, number>();
  let words = 0;
  for (const { node } of nodes) {
    offsets.set(node, words * WORD_BYTES);
    words += 3 + 2 * node.edges.length;
  }
  return nodes.map(({ node, path }) => ({
    comment: `${offsets.get(node)}: ${path === "" ? "the beginning of a line" : path}`,
    values: [
      node.form ?? INCOMPLETE,
      names.offset(node.noun) | (node.isListed ? FLAG : 0),
      node.edges.length,
      ...node.edges.flatMap((edge) => [edgeWord(edge, names), offsets.get(edge.target) ?? INCOMPLETE]),
    ],
  }));
}

function edgeWord({ label, isAlias }: Edge, names: Names): number {
  if (isAlias) return ALIAS | names.offset(label as string);
  return typeof label === "string" ? names.offset(label) : FLAG | recognizedKinds.indexOf(label);
}

/** Joins texts, and gives the offset of each. The last offset is the end. */
function textRows(texts: readonly (readonly [name: string, text: string])[], first: number) {
  const starts = [first];
  const rows = texts.map(([comment, text]) => {
    starts.push((starts.at(-1) ?? 0) + text.length);
    return { comment, values: ascii(text) };
  });
  return { rows, starts };
}

function helpTexts() {
  const forms = consoleCommands.map((command): [string, string] => [
    command.name,
    formLines(command)
      .map((line) => `${line}\n`)
      .join(""),
  ]);
  const explanations = consoleCommands.map((command): [string, string] => [
    `explanation of ${command.name}`,
    explanationLines(command)
      .map((line) => `${line}\n`)
      .join(""),
  ]);
  const list = textRows(forms, 0);
  const details = textRows(explanations, list.starts.at(-1) ?? 0);
  return {
    rows: [...list.rows, ...details.rows],
    forms: list.starts,
    explanations: details.starts,
  };
}

function graphConstants(names: Names): string[] {
  return [
    ...constant("INCOMPLETE", hex(INCOMPLETE), "In place of a form: the line is not complete.", "i32"),
    ...constant("IS_ARGUMENT", hex(FLAG), "In the word of an edge: the rest is an Argument, not a name."),
    ...constant(
      "IS_ALIAS",
      hex(ALIAS),
      "In the word of an edge: a name that is not shown among the choices.",
    ),
    ...constant("IS_LISTED", hex(FLAG), "In a noun: an error lists all that could stand there."),
    ...constant("CONFIRMATION", `${names.offset(CONFIRMATION)}`, `${CONFIRMATION} in NAMES.`, "i32"),
    ...constant("EXIT_COMMAND", `${exitCommand()}`, "Index of `exit` among the commands.", "i32"),
  ];
}

export function consoleLogicFile(): GeneratedFile {
  const names = new Names();
  const graph = graphRows(commandGraph(), names);
  const help = helpTexts();
  const lines = [
    `// ${CONSOLE_NOTICE}`,
    "",
    ...enumeration("Form", "Every form of every command.", formNames()),
    "",
    ...enumeration(
      "Argument",
      "Kinds of arguments that the logic recognizes by itself.",
      recognizedKinds.map(({ name }) => pascalCase(name)),
    ),
    ...consoleCommands.flatMap((command) =>
      command.forms.flatMap((form) => optionNames(command, form, names)),
    ),
    ...argumentKinds.flatMap(({ name, range }) =>
      range === undefined
        ? []
        : [
            "",
            ...constant(`${name}_MINIMUM`, `${range[0]}`, `Smallest value of ${name}.`, "i32"),
            ...constant(`${name}_MAXIMUM`, `${range[1]}`, `Largest value of ${name}.`, "i32"),
          ],
    ),
    "",
    ...graphConstants(names),
    ...constant("LONGEST_NAME_BYTES", `${longestName()}`, "The longest word that can be typed."),
    ...constant(
      "MOST_CHOICES",
      `${mostChoices()}`,
      "Words that may stand at one position at most, sensors apart.",
    ),
    ...constant("HELP_COLUMN", `${FORM_COLUMNS}`, "The column for a tab in HELP."),
    ...constant("LONGEST_HELP_BYTES", `${longestHelpBytes()}`, "The longest answer of help."),
    "",
    ...array("NAMES", "u8", ["Words and nouns, each behind its length in bytes."], names.rows),
    "",
    ...array(
      "GRAPH",
      "u16",
      [
        "What may follow what: a node for each position in a line, in 16-bit words. Form of a line that ends here,",
        "noun in NAMES for what could follow, number of edges. Two words for each edge: word in NAMES or Argument,",
        "byte offset of the next node.",
      ],
      graph,
    ),
    "",
    ...offsets(
      "FORM_STARTS",
      "Where in HELP the forms of each command begin, and where the last end.",
      help.forms,
    ),
    "",
    ...offsets(
      "EXPLANATION_STARTS",
      "Where in HELP the explanation of each command begins, and where the last ends.",
      help.explanations,
    ),
    "",
    ...array("HELP", "u8", ["Forms of all commands, then explanations of all commands."], help.rows),
  ];
  return { path: "assembly/generated/console.ts", text: `${lines.join("\n")}\n` };
}

export function formNames(): string[] {
  return consoleCommands.flatMap((command) => command.forms.map((form) => formName(command, form)));
}

function exitCommand(): number {
  return consoleCommands.findIndex(({ name }) => name === "exit");
}

function longestName(): number {
  const labels = nodesOf(commandGraph()).flatMap(({ node }) => node.edges.map(({ label }) => label));
  return Math.max(...labels.map((label) => (typeof label === "string" ? label.length : 0)));
}

function mostChoices(): number {
  return Math.max(
    ...nodesOf(commandGraph()).map(({ node }) => node.edges.filter(({ isAlias }) => !isAlias).length),
  );
}

/** The enumeration of a form's options: "-n" of `log` is LogOption.N. */
function optionNames(command: ConsoleCommand, form: ConsoleForm, names: Names): string[] {
  const { options = [] } = form;
  if (options.length === 0) return [];
  const description = `Options of \`${usage(command, form)}\`, in NAMES.`;
  const members = options.map(({ name }) => `${pascalCase(name)} = ${names.offset(name)}`);
  return ["", ...enumeration(`${formName(command, form)}Option`, description, members)];
}

function enumeration(name: string, description: string, members: readonly string[]): string[] {
  return [
    `/** ${description} */`,
    `export const enum ${name} {`,
    ...members.map((member) => `  ${member},`),
    "}",
  ];
}

function constant(name: string, value: string, description: string, type = "u32"): string[] {
  return [`/** ${description} */`, `export const ${name}: ${type} = ${value};`];
}

function offsets(name: string, description: string, values: readonly number[]): string[] {
  return [`/** ${description} */`, `export const ${name}: StaticArray<u16> = [${values.join(", ")}];`];
}

function array(
  name: string,
  type: "u8" | "u16",
  description: readonly string[],
  rows: readonly Row[],
): string[] {
  return [
    "/**",
    ...description.map((line) => ` * ${line}`),
    " */",
    `export const ${name}: usize = memory.data<${type}>([`,
    ...rows.flatMap(rowLines),
    "]);",
  ];
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(2, "0")}`;
}

function rowLines({ comment, values }: Row): string[] {
  const lines = [`  // ${comment}`];
  for (let at = 0; at < values.length; at += VALUES_PER_LINE) {
    const line = values.slice(at, at + VALUES_PER_LINE).map(hex);
    lines.push(`  ${line.join(", ")},`);
  }
  return lines;
}

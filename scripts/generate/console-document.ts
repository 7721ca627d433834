/**
 * Generates parts of docs/console.md: commands, options and kinds of arguments. The rest is written by hand.
 */
import {
  type ArgumentKind,
  argumentKinds,
  CONFIRMATION,
  consoleCommands,
  usage,
  valuesOf,
} from "../../abi/console.ts";
import { table, withSection } from "./smbus-document.ts";

const SECTIONS: Readonly<Record<string, () => string>> = {
  commands: commandTable,
  options: optionTable,
  arguments: argumentTable,
};

/** The document with the text between each pair of its marks replaced. */
export function consoleDocument(document: string): string {
  return Object.entries(SECTIONS).reduce(
    (text, [name, section]) => withSection(text, name, section()),
    document,
  );
}

function code(text: string): string {
  return `\`${text}\``;
}

/** A row for each form of a command. Below the last one are its explanation and its example. */
function commandTable(): string {
  const rows = consoleCommands.flatMap((command) => [
    ...command.forms.map((form) => [code(usage(command, form)), form.help]),
    ["", [command.explanation, ...(command.example ? [`Example: ${code(command.example)}`] : [])].join(" ")],
  ]);
  return table(["type", "what it does"], rows);
}

function optionTable(): string {
  const options = consoleCommands.flatMap((command) =>
    command.forms.flatMap(({ options = [] }) =>
      options.map(({ name, argument, description }) => [
        code(command.name),
        code(argument === undefined ? name : `${name} ${argument.placeholder}`),
        description,
      ]),
    ),
  );
  const confirmed = consoleCommands.flatMap((command) =>
    command.forms
      .filter(({ confirmation }) => confirmation === "needed")
      .map((form) => code(usage(command, form).replace(` ${CONFIRMATION}`, ""))),
  );
  return table(
    ["command", "option", "meaning"],
    [...options, [confirmed.join(", "), code(CONFIRMATION), "needed, as the last word"]],
  );
}

function argumentTable(): string {
  return table(
    ["argument", "kind", "values"],
    argumentKinds.map((kind) => [code(kind.placeholder), kind.description, valuesText(kind)]),
  );
}

/** The values of an argument. The names of the commands are left out, since the first table has them. */
function valuesText(kind: ArgumentKind): string {
  if (kind.range !== undefined) return kind.range.join(" to ");
  return kind.noun === "command" ? "" : valuesOf(kind).map(code).join(", ");
}

/**
 * The commands of the debug console, written once: what can be typed, and how it is explained.
 *
 * `npm run generate` derives from it the table that the logic matches a line with, prints its help from and
 * completes words from (assembly/generated/console.ts), and the tables of docs/console.md.
 *
 * A command has one or more forms. A form is one way to type it: words as they stand, arguments, then
 * options.
 */

import { commands as smbusCommands } from "./smbus.ts";

/** A kind of argument. A value of it is one word of the line. */
export interface ArgumentKind {
  /** Name of the kind in generated constants. */
  readonly name: string;
  /** Stands for the argument wherever a form is shown. */
  readonly placeholder: string;
  /** Completes "unknown ..." and "... needs a ...". */
  readonly noun: string;
  readonly description: string;
  /** All its values, where they are known here. */
  readonly values?: readonly string[];
  /** The smallest and the largest value of a number that is checked before the command runs. */
  readonly range?: readonly [minimum: number, maximum: number];
  /** The command checks the value and reports what is wrong with it, also where it is missing. */
  readonly checkedByCommand?: boolean;
}

const COMMAND: ArgumentKind = {
  name: "COMMAND",
  placeholder: "COMMAND",
  noun: "command",
  description: "the first word of a command",
};

const SENSOR: ArgumentKind = {
  name: "SENSOR",
  placeholder: "SENSOR",
  noun: "sensor",
  description: "a sensor with a converter channel; `calibrate` lists those of the board",
};

const READING: ArgumentKind = {
  name: "READING",
  placeholder: "VALUE",
  noun: "value",
  description: "a whole number in the sensor's unit, within its fault limits",
  checkedByCommand: true,
};

const RESTORE_POLICY: ArgumentKind = {
  name: "RESTORE_POLICY",
  placeholder: "POLICY",
  noun: "policy",
  description: "a restore policy: what happens when input power returns",
  values: restorePolicies(),
};

const LINES: ArgumentKind = {
  name: "LINES",
  placeholder: "LINES",
  noun: "number of lines",
  description: "lines to print, counted from the end",
  range: [1, 100000],
};

/** Sensors depend on the board, so only the logic knows them. */
export const argumentKinds: readonly ArgumentKind[] = [COMMAND, SENSOR, READING, RESTORE_POLICY, LINES];

/** The values that are known here: none for numbers and sensors. */
export function valuesOf(kind: ArgumentKind): readonly string[] {
  return kind === COMMAND ? consoleCommands.map(({ name }) => name) : (kind.values ?? []);
}

/** The words for the values of MFR_RESTORE_POLICY, in the order of their numbers. */
function restorePolicies(): readonly string[] {
  const command = smbusCommands.find(({ name }) => name === "MFR_RESTORE_POLICY");
  return (command?.values ?? []).map(({ name }) => name.toLowerCase().replaceAll("_", "-"));
}

/** An option may stand anywhere behind the form's words and arguments, and more than once. */
export interface ConsoleOption {
  readonly name: string;
  readonly argument?: ArgumentKind;
  readonly description: string;
}

export interface ConsoleForm {
  /** What follows the command's name: words as they stand, and arguments. Left out: nothing. */
  readonly words?: readonly (string | ArgumentKind)[];
  readonly options?: readonly ConsoleOption[];
  /**
   * --yes at the end: "needed" for what could hurt. "accepted" where `power on` is typed like its neighbours;
   * help does not show it.
   */
  readonly confirmation?: "needed" | "accepted";
  /** One line for the list that `help` prints. */
  readonly help: string;
}

export interface ConsoleCommand {
  readonly name: string;
  /** Other names that are understood. They are neither listed nor completed. */
  readonly aliases?: readonly string[];
  readonly forms: readonly ConsoleForm[];
  /** What `help COMMAND` prints below the forms. It is broken into lines of HELP_COLUMNS. */
  readonly explanation: string;
  /** A line that a user might type. */
  readonly example?: string;
}

/**
 * The longest line of help and of tables. Our choice: they stay readable in a window of 60 columns, where two
 * consoles stand side by side.
 */
export const HELP_COLUMNS = 59;
/** The column of the help of a form. A longer form has a line of its own. */
export const FORM_COLUMNS = 25;

export const CONFIRMATION = "--yes";

/** In the order in which `help` lists them. */
export const consoleCommands: readonly ConsoleCommand[] = [
  {
    name: "help",
    aliases: ["?"],
    forms: [{ help: "this list" }, { words: [COMMAND], help: "explain a command, with an example" }],
    explanation: "Tab completes commands, their words, sensors and policies. `?` is short for help.",
    example: "help power",
  },
  {
    name: "status",
    forms: [{ help: "power, faults, boot log, memory" }],
    explanation:
      "Shows the power state and how long it has lasted, which rails are good, " +
      "a latched fault, what was lost on the lines, and the last reset's cause.",
    example: "status",
  },
  {
    name: "power",
    forms: [
      { help: "transitions, reasons and origins" },
      {
        words: ["on"],
        confirmation: "accepted",
        help: "rails up in order, then release the compute board",
      },
      {
        words: ["off"],
        confirmation: "needed",
        help: "ask the compute OS to shut down, then rails down",
      },
      { words: ["force-off"], confirmation: "needed", help: "rails down now" },
      { words: ["cycle"], confirmation: "needed", help: "rails down now, and up again" },
      { words: ["reset"], confirmation: "needed", help: "pulse the compute board's reset" },
    ],
    explanation:
      "`off` waits until the compute OS has halted or its time is up. `force-off`, " +
      "`cycle` and `reset` do not ask it: what it has not saved is lost.",
    example: "power off --yes",
  },
  {
    name: "fault",
    forms: [
      { help: "the last fault" },
      { words: ["trace"], help: "the readings around it" },
      { words: ["clear"], help: "clear a latched fault" },
    ],
    explanation:
      "A latched fault keeps the slot off until it is cleared. Clearing does not " +
      "switch it on. It also says that a shorted sensor is repaired, or that a " +
      "sensor is right and its rail is fed from outside. The trace has the readings " +
      "before and after the fault.",
    example: "fault trace",
  },
  {
    name: "events",
    forms: [{ help: "what happened, oldest first" }],
    explanation:
      "Times are seconds since power-on. Equal events in a row are one with a count. A warning, a sensor's " +
      "health or the power monitor that comes again is also one event: it moves to the end with its count. " +
      "They take no room from starts, power changes and faults.",
    example: "events",
  },
  {
    name: "log",
    forms: [
      {
        options: [
          { name: "-n", argument: LINES, description: "only the last LINES lines" },
          { name: "-f", description: "go on with what the compute board prints; Ctrl-C ends" },
          { name: "--raw", description: "the bytes exactly as they came" },
        ],
        help: "what the compute board printed; -f follows",
      },
    ],
    explanation:
      "-n prints the last lines only, --raw the bytes exactly as they came. " +
      "Ctrl-C ends it. What is typed meanwhile waits for the end.",
    example: "log -n 20 -f",
  },
  {
    name: "sensors",
    forms: [
      { help: "readings, extremes, limits, energy" },
      { words: ["--clear"], help: "forget the extremes" },
    ],
    explanation: "fault< and warn< are lower limits, warn> and fault> upper ones.",
    example: "sensors --clear",
  },
  {
    name: "calibrate",
    forms: [
      { help: "offset and gain of each sensor" },
      { words: [SENSOR, READING], help: "what a meter shows now, in mV, mA or mdeg" },
      { words: [SENSOR, "--reset"], help: "forget its calibration" },
    ],
    explanation:
      "Type what a meter shows: that sets the offset. To set the gain too, change what " +
      "is measured by as much as the answer says, and type the new value.",
    example: "calibrate V5 5043",
  },
  {
    name: "policy",
    forms: [
      { help: "the restore policy" },
      { words: [RESTORE_POLICY], help: "choose it: last, always-on or always-off" },
    ],
    explanation:
      "When input power returns, `last` switches the slot on if it was on before. " +
      "The policy outlasts a power cut.",
    example: "policy always-on",
  },
  {
    name: "version",
    forms: [{ help: "firmware and board" }],
    explanation: "Also the version of the contract between logic and host.",
    example: "version",
  },
  {
    name: "uptime",
    forms: [{ help: "time since power-on and since the BMC's last start" }],
    explanation: "A restart of the BMC does not end the time since power-on.",
    example: "uptime",
  },
  {
    name: "reboot",
    forms: [
      {
        confirmation: "needed",
        help: "restart the BMC; the compute board keeps its power",
      },
    ],
    explanation: "Events, boot log and extremes are lost; settings are kept.",
    example: "reboot --yes",
  },
  {
    name: "exit",
    aliases: ["quit", "logout"],
    forms: [{ help: "how to leave" }],
    explanation:
      "The console has no session to end. Leave the terminal program instead: Ctrl-] in `npm start`, " +
      "Ctrl-A Ctrl-X in picocom, Ctrl-A K in screen.",
  },
];

/** A form as it is shown: "log [-n LINES] [-f] [--raw]". */
export function usage({ name }: ConsoleCommand, form: ConsoleForm): string {
  const { words = [], options = [], confirmation } = form;
  return [
    name,
    ...words.map((word) => (typeof word === "string" ? word : word.placeholder)),
    ...options.map((option) => `[${option.name}${option.argument ? ` ${option.argument.placeholder}` : ""}]`),
    ...(confirmation === "needed" ? [CONFIRMATION] : []),
  ].join(" ");
}

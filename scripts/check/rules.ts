/** The rules whose exceptions are frozen, each a check of its own, and the renewal of the frozen figures. */
import {
  biomeReport,
  cFunctionFindings,
  type FunctionRule,
  fileFindings,
  folderFindings,
  functionFindings,
} from "./budgets.ts";
import { cycleFindings } from "./cycles.ts";
import { unusedExportFindings } from "./exports.ts";
import { exceeded, type Finding, outdated, readFrozen, renewed, WORDS_RULE, writeFrozen } from "./frozen.ts";
import type { Sources } from "./sources.ts";
import { subLayerFindings } from "./sub-layers.ts";
import { wordFindings } from "./words.ts";

export interface Rule {
  /** The name of the check, and of the rule's entries in `frozen.json`. */
  readonly name: string;
  /** The reader's next step when it fails. */
  readonly next: string;
  findings(): readonly Finding[] | Promise<readonly Finding[]>;
}

export function rulesFor(project: string, sources: Sources): readonly Rule[] {
  const report = biomeReport(project);
  const functions = (name: FunctionRule) => async () => functionFindings(name, await report, sources);
  return [
    {
      name: "import cycles",
      next: "move the shared type or function to a file that imports neither",
      findings: () => cycleFindings(sources),
    },
    {
      name: "sub-layers",
      next: "let the upper layer read what the lower one records; scripts/check/sub-layers.ts",
      findings: () => subLayerFindings(sources),
    },
    {
      name: "lines of files",
      next: "split a file that does several jobs",
      findings: () => fileFindings(sources),
    },
    {
      name: "files of folders",
      next: "sort the files into folders by what they are about",
      findings: () => folderFindings(sources),
    },
    {
      name: "lines of functions",
      next: "give a part of the function a name",
      findings: async () => [...(await functions("lines of functions")()), ...cFunctionFindings(sources)],
    },
    {
      name: "parameters of functions",
      next: "pass an object, or split the function",
      findings: functions("parameters of functions"),
    },
    {
      name: "complexity of functions",
      next: "give a branch or a loop's body a name",
      findings: functions("complexity of functions"),
    },
    {
      name: "unused exports",
      next: "delete what has no use, or drop the word export",
      findings: () => unusedExportFindings(sources),
    },
    {
      name: WORDS_RULE,
      next: "name the actor and say what it does; scripts/check/words.ts has the list",
      findings: () => wordFindings(sources),
    },
  ];
}

/**
 * One line for each violation that is not frozen, and for each frozen figure that could be lowered. Counts of
 * words may fall without the second, because several people remove them at the same time, file by file.
 */
export async function ruleProblems(rule: Rule, project: string): Promise<string[]> {
  const entries = readFrozen(project)[rule.name] ?? [];
  const findings = await rule.findings();
  const lowered = rule.name === WORDS_RULE ? [] : outdated(findings, entries);
  return [...exceeded(findings, entries), ...lowered];
}

/** Lowers every frozen figure to the figure of today. */
export async function renewFrozen(rules: readonly Rule[], project: string, sources: Sources): Promise<void> {
  const frozen = readFrozen(project);
  const exists = (path: string) =>
    sources.has(path) || [...sources.keys()].some((source) => source.startsWith(`${path}/`));
  const lowered = await Promise.all(
    rules.map(
      async ({ name, findings }) => [name, renewed(await findings(), frozen[name] ?? [], exists)] as const,
    ),
  );
  writeFrozen(project, Object.fromEntries(lowered));
}

/**
 * Mutants of the AssemblyScript sources. Stryker's instrumenter finds most of them. Stryker itself would
 * compile all of them into one program, behind switches that read a global of JavaScript, which
 * AssemblyScript has not. So only its list is used, and each change is planted as text.
 */
import { createInstrumenter } from "@stryker-mutator/instrumenter";
import { createInjector } from "typed-inject";
import type { Mutant } from "./mutant.ts";
import { furtherMutantsOfLogic } from "./token-mutants.ts";

/** The parts of Stryker that its instrumenter asks for. It logs nothing that matters here. */
const silence: Readonly<Record<string, () => boolean>> = Object.fromEntries(
  ["trace", "debug", "info", "warn", "error", "fatal"].flatMap((level) => [
    [level, () => false],
    [`is${level[0]?.toUpperCase()}${level.slice(1)}Enabled`, () => false],
  ]),
);

/** All mutants of a source text in AssemblyScript, in the order of the text. */
export async function mutantsOfLogic(file: string, text: string): Promise<Mutant[]> {
  const instrumenter = createInjector()
    .provideValue("logger", silence)
    .provideValue("getLogger", () => silence)
    .provideValue("options", { mutator: { excludedMutations: [] } })
    .injectFunction(createInstrumenter as never) as ReturnType<typeof createInstrumenter>;
  const { mutants } = await instrumenter.instrument([{ name: file, content: text, mutate: true }], {
    ignorers: [],
    excludedMutations: [],
    plugins: null,
    noHeader: true,
  });
  const begins = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) begins.push(at + 1);
  const offset = ({ line, column }: { line: number; column: number }) => (begins[line] ?? 0) + column;
  const found = mutants.map(({ location, replacement, mutatorName }) => ({
    file,
    from: offset(location.start),
    to: offset(location.end),
    replacement,
    kind: mutatorName,
  }));
  const all = [...found, ...furtherMutantsOfLogic(file, text)];
  return all.sort((left, right) => left.from - right.from || left.to - right.to);
}

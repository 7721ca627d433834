/** Reports the benchmark's figures as Markdown tables that are readable in a terminal too. */
import { ENGINES, type EngineName } from "../../boards/image.ts";
import type { ProfileRow } from "../../simulator/tools/profile.ts";
import type { FirmwareFigures, PassFigure } from "./firmware-runs.ts";
import { geometricMean, type KernelRow } from "./kernel-runs.ts";

const BEGIN = "<!-- npm run bench: from here -->";
const END = "<!-- npm run bench: to here -->";

const number = (value: number) => value.toLocaleString("en", { maximumFractionDigits: 4 });

/** Makes each column as wide as its widest cell. The first is aligned left, the others right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, 4, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(" | ")} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(header), line(rule), ...rows.map(line)].join("\n");
}

export function kernelTable(kernels: readonly KernelRow[]): string {
  const header = [
    "kernel",
    "native",
    "aot",
    "wasm3",
    "aot/native",
    "wasm3/native",
    "without misses: native",
    "aot",
    "wasm3",
  ];
  const rows = kernels.map(({ name, hits, misses }) => [
    name,
    number(misses.native),
    number(misses.aot),
    number(misses.wasm3),
    (misses.aot / misses.native).toFixed(2),
    (misses.wasm3 / misses.native).toFixed(1),
    number(hits.native),
    number(hits.aot),
    number(hits.wasm3),
  ]);
  const mean = (engine: EngineName) =>
    geometricMean(kernels.map(({ misses }) => misses[engine] / misses.native));
  const last = ["geometric mean", "", "", "", mean("aot").toFixed(2), mean("wasm3").toFixed(1), "", "", ""];
  return table(header, [...rows, last]);
}

/** Name, unit, goals by engine, value. */
type Figure = readonly [
  string,
  (figures: FirmwareFigures) => string,
  goals?: Partial<Record<EngineName, string>>,
];

const pass = (figure: PassFigure | undefined) =>
  figure === undefined ? "" : `${number(figure.mean)}, most ${number(figure.most)}`;

const FIGURES: readonly Figure[] = [
  ["reset to prompt, cycles", ({ prompt_cycles }) => number(prompt_cycles)],
  ["reset to prompt, ms", ({ prompt_ms }) => number(prompt_ms), { aot: "at most 20", wasm3: "at most 60" }],
  ["idle pass, cycles", ({ passes }) => pass(passes.idle)],
  ["boot log arriving, cycles a pass", ({ passes }) => pass(passes["boot log arriving"])],
  ["a kilobyte of boot log, cycles", ({ bootlog_kb_cycles }) => number(bootlog_kb_cycles)],
  ["input changed, cycles a pass", ({ passes }) => pass(passes["input changed"])],
  ["console input, cycles a pass", ({ passes }) => pass(passes["console input, commands included"])],
  ["start of the logic, cycles", ({ passes }) => number(passes.start?.mean ?? 0)],
  ["processor load, slot off, %", ({ load_off }) => number(load_off)],
  ["processor load, booting, log followed, %", ({ load_booting }) => number(load_booting)],
  [
    "flash used, bytes",
    ({ flash_bytes }) => number(flash_bytes),
    { aot: "at most 131,072", wasm3: "at most 294,912" },
  ],
  ["SRAM reserved, bytes", ({ sram_bytes }) => number(sram_bytes)],
  [
    "native stack, high-water, bytes",
    ({ stack_bytes, stack_reserved_bytes }) => `${number(stack_bytes)} of ${number(stack_reserved_bytes)}`,
  ],
  [
    "native stack a pass can need at most, bytes",
    ({ stack_bound_bytes }) => (stack_bound_bytes === null ? "" : number(stack_bound_bytes)),
  ],
];

export function firmwareTable(firmware: Readonly<Record<EngineName, FirmwareFigures>>): string {
  const header = ["firmware of slot-hat", ...ENGINES.flatMap((engine) => [engine, "goal"])];
  const rows = FIGURES.map(([name, value, goals = {}]) => [
    name,
    ...ENGINES.flatMap((engine) => [value(firmware[engine]), goals[engine] ?? ""]),
  ]);
  return table(header, rows);
}

/** Sorts by the time spent waiting. Functions with less than a hundredth of it share one row. */
export function profileTable(rows: readonly ProfileRow[]): string {
  const waiting = rows.reduce((sum, { missCycles }) => sum + missCycles, 0);
  const all = rows.reduce((sum, { cycles }) => sum + cycles, 0);
  const line = (name: string, bytes: string, of: readonly ProfileRow[]) => {
    const sum = (key: "cycles" | "fetchMissCycles" | "dataMissCycles" | "missCycles") =>
      of.reduce((total, row) => total + row[key], 0);
    const share = `${((sum("missCycles") / waiting) * 100).toFixed(1)} %`;
    return [
      name,
      bytes,
      number(sum("cycles")),
      number(sum("fetchMissCycles")),
      number(sum("dataMissCycles")),
      share,
    ];
  };
  const shown = rows.filter(({ missCycles }) => missCycles * 100 >= waiting);
  const rest = rows.filter((row) => !shown.includes(row));
  return [
    table(
      ["function", "bytes", "cycles", "of them waiting for code", "for data", "share of all waiting"],
      [
        ...shown.map((row) => line(row.name, number(row.bytes), [row])),
        line(`${rest.length} others`, "", rest),
        line("all", "", rows),
      ],
    ),
    "",
    `${((waiting / all) * 100).toFixed(1)} % of the cycles are spent waiting for flash.`,
  ].join("\n");
}

/** Replaces the tables between the page's marks. Throws an Error if the page has no marks. */
export function figuresPage(
  page: string,
  figures: { kernels: readonly KernelRow[]; firmware: Readonly<Record<EngineName, FirmwareFigures>> },
): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error("docs/figures.md has lost the marks between which it is renewed");
  const tables = `${kernelTable(figures.kernels)}\n\n${firmwareTable(figures.firmware)}`;
  return `${page.slice(0, begin + BEGIN.length)}\n\n${tables}\n\n${page.slice(end)}`;
}
